#if !hasFeature(Embedded)
    internal import CLibraries
    internal import Codec

    /// A proxy that HTTPS requests go through, by CONNECT (RFC 9110, section 9.3.6).
    package struct HTTPProxy: Equatable, Sendable, CustomStringConvertible {
        /// `http://user:password@proxy.example.com:3128`: a secret.
        private let url: Secret
        /// The hosts that are reached without it, as libcurl reads `NO_PROXY`.
        private let exceptions: String

        /// Why a variable names no proxy; it never has a part of the variable's value.
        package struct Defect: Error, Equatable {
            package let variable: String
        }

        /// The proxy that `HTTPS_PROXY` names, but for the hosts in `NO_PROXY`; `nil` where it names none.
        ///
        /// Either may be in lower case.
        package init?(environment: Environment) throws(Defect) {
            let names = ["https_proxy", "HTTPS_PROXY"]
            guard let name = names.first(where: { environment[$0] != nil }),
                let value = environment[name]
            else { return nil }
            let scheme = "http://"
            var rest = Array(value.utf8)
            if value.utf8.starts(with: scheme.utf8) { rest.removeFirst(scheme.utf8.count) }
            if rest.last == UInt8(ascii: "/") { rest.removeLast() }
            // A user name and a password may stand before the host.
            let split = rest.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? 0
            let host = String(decoding: rest[split...], as: UTF8.self)
            guard rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }),
                let server = try? HTTPURL(scheme + host), server.path.isEmpty
            else { throw Defect(variable: name) }
            let user = String(decoding: rest[..<split], as: UTF8.self)
            // Without a port libcurl would take 1080, which is nobody else's default.
            url = Secret("\(scheme)\(user)\(server.host):\(server.port ?? 80)")
            exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        }

        /// `***`.
        package var description: String { "***" }

        /// Makes a handle's next transfer go through a proxy, or through none.
        static func set(_ proxy: HTTPProxy?, of handle: borrowing CurlHandle) throws(CurlFailure) {
            guard let proxy else {
                try handle.setNoProxy()
                return
            }
            try handle.set(CURLOPT_PROXY, String(decoding: proxy.url.revealed, as: UTF8.self))
            // Not set, it would be the environment's, whatever was passed in here.
            try handle.set(CURLOPT_NOPROXY, proxy.exceptions)
            // The proxy's answer to CONNECT is no part of the server's.
            try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        }
    }
#endif
