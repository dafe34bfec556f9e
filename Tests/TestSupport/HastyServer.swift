import Foundation
import Glibc

/// A server that answers one request before it has read it, and closes: a reset for the client.
package final class HastyServer: Sendable {
    /// `http://127.0.0.1:<port>`.
    package let origin: String
    private let listener: Int32

    /// Starts listening; what was not read of the request when it closes is lost.
    package init(answer: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else {
            throw LoopbackServer.StartError(description: "bind or listen: errno \(errno)")
        }
        origin = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        self.listener = listener
        let thread = Thread {
            let peer = accept(listener, nil, nil)
            var start = [UInt8](repeating: 0, count: 4_096)
            _ = recv(peer, &start, start.count, 0)
            let bytes = Array(answer.utf8)
            _ = Glibc.send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            // Time for the client to fill every buffer on the way.
            usleep(50_000)
            Glibc.close(peer)
        }
        thread.start()
    }

    deinit {
        Glibc.close(listener)
    }
}
