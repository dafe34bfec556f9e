import Codec
import Foundation
import Platform

/// Where a command takes a secret from: never its command line, which every user can see.
enum SecretSource: Equatable {
    /// A file; the line break at its end is no part of the secret.
    case file(String)
    /// An environment variable.
    case environment(String)

    func read(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) -> Secret {
        switch self {
        case .file(let path):
            let file = try InputFile(path)
            let secret = Secret(Self.withoutLineBreak(file.bytes))
            guard !secret.revealed.isEmpty else {
                throw Failure("reading the secret: \(file.name) is empty")
            }
            return secret
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw Failure("reading the secret: the environment has no \(name)")
            }
            return Secret(value)
        }
    }

    private static func withoutLineBreak(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Array(bytes)
    }
}

extension Secret {
    var text: String { String(decoding: revealed, as: UTF8.self) }

    /// Whether what is sent to a host stays on this machine, so that it needs no TLS.
    static func staysHere(sentTo host: String) -> Bool {
        ["localhost", "[::1]"].contains(host.lowercased())
            || host.wholeMatch(of: /127\.[0-9]+\.[0-9]+\.[0-9]+/) != nil
    }
}

extension Secret {
    /// 128 random bits in hexadecimal digits.
    static func madeUp() -> Secret {
        let random = Randomness.system
        return Secret((0..<2).map { _ in digits(of: random.next()) }.joined())
    }

    /// 16 hexadecimal digits, those at the front that are zero among them.
    static func digits(of number: UInt64) -> String {
        Hex.lower((1...8).map { UInt8(truncatingIfNeeded: number >> (64 - 8 * $0)) })
    }
}
