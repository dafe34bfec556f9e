import ArgumentParser
import Foundation
import Platform

/// Where a command takes a secret from: never its command line, which every user can see.
enum SecretSource: Equatable {
    /// A file; the line break at its end is no part of the secret.
    case file(String)
    /// An environment variable.
    case environment(String)

    /// Reads the secret; `-` is standard input.
    func read(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) -> Secret {
        switch self {
        case .file(let path):
            let name = path == "-" ? "standard input" : path
            let secret = Secret(Self.withoutLineBreak(try Self.bytes(path, name: name)))
            guard !secret.revealed.isEmpty else {
                throw Failure("reading the secret: \(name) is empty")
            }
            return secret
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw Failure("reading the secret: the environment has no \(name)")
            }
            return Secret(value)
        }
    }

    /// Any kind of file: a shell's `<(command)` is a pipe.
    private static func bytes(_ path: String, name: String) throws(Failure) -> [UInt8] {
        do {
            let file =
                path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
            return [UInt8](try file.readToEnd() ?? Data())
        } catch {
            throw Failure("reading \(name): \(error.reason)")
        }
    }

    private static func withoutLineBreak(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Array(bytes)
    }
}
