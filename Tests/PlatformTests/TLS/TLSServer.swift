import Foundation
import Platform

/// A TLS server with a certificate of its own: OpenSSL's s_server, which answers every GET.
///
/// It is killed with the last reference to it.
final class TLSServer {
    /// `https://127.0.0.1:<port>`.
    let origin: String
    /// Where the certificate lies, which is its own authority.
    let certificate: URL

    private static let program = URL(filePath: "/usr/bin/openssl")
    private let process = Process()
    private let folder: URL

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - name: The certificate's subject alternative name.
    ///   - options: More options of s_server.
    init(name: String = "IP:127.0.0.1", options: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem")
        let key = folder.appending(path: "key.pem").path
        let request = Process()
        request.executableURL = Self.program
        request.standardError = FileHandle.nullDevice
        request.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", certificate.path, "-days", "1", "-subj", "/CN=test",
            "-addext", "subjectAltName=\(name)",
        ]
        try request.run()
        request.waitUntilExit()
        origin = try Self.start(process, ["-cert", certificate.path, "-key", key] + options)
    }

    /// Starts a server with what lies in a folder, which goes with it: `server.pem`, its `key.pem`, and
    /// `chain.pem` with the other certificates that it sends, if there are any.
    init(chainIn folder: URL) throws {
        self.folder = folder
        certificate = folder.appending(path: "server.pem")
        let chain = folder.appending(path: "chain.pem").path
        var options = [
            "-cert", certificate.path, "-key", folder.appending(path: "key.pem").path,
            "-cipher", "DEFAULT@SECLEVEL=0",
        ]
        if FileManager.default.fileExists(atPath: chain) { options += ["-cert_chain", chain] }
        origin = try Self.start(process, options)
    }

    /// Where it listens, once it is ready.
    private static func start(_ process: Process, _ options: [String]) throws -> String {
        let output = Pipe()
        process.executableURL = program
        process.arguments = ["s_server", "-accept", "127.0.0.1:0", "-www"] + options
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // It says `ACCEPT 127.0.0.1:<port>` once it is ready.
        var words: [Substring] = []
        while words.first != "ACCEPT" {
            words = try line(of: output.fileHandleForReading).split(separator: " ")
        }
        return "https://\(words[1])"
    }

    deinit {
        // Not SIGTERM: the threads that tests run on block it, and a child inherits that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The next line; at the end of the output one that ends the search for another.
    private static func line(of output: FileHandle) throws -> String {
        var line = Data()
        while let byte = try output.read(upToCount: 1), byte != Data([0x0a]) {
            if byte.isEmpty { return "ACCEPT nothing" }
            line += byte
        }
        return line.isEmpty ? "ACCEPT nothing" : String(decoding: line, as: UTF8.self)
    }
}
