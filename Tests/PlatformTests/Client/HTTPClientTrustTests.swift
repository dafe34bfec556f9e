import Codec
import Foundation
import TestSupport
import Testing

@testable import Platform

/// Certificates that are looked up in a bundle are trusted exactly like a bundle that is loaded whole.
@Suite(.serialized) struct HTTPClientTrustTests {
    /// What becomes of a request: the status, or the error.
    private func outcome(_ origin: String, by client: HTTPClient) -> String {
        let request = HTTPRequest(method: "GET", origin: origin, target: "/s")
        let deadline = Deadline(WallClock.system.now().adding(milliseconds: 10_000))
        switch client.perform([request], deadline)[0] {
        case .success(let response): return "\(response.status)"
        case .failure(let error): return "\(error.kind): \(error.reason)"
        }
    }

    private func index(of path: String) -> CertificateIndex? {
        BundleFile(path: path).flatMap { CertificateIndex($0) }
    }

    /// Folders with chains and bundles, by the names of their cases; they are removed with it.
    private final class Chains {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "chains-\(UUID().uuidString)")
        private(set) var names: [String] = []

        init() throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let line = try JSONEncoder().encode(folder.path)
            let answer = try PythonOracle.answers(of: "certificate_chains.py", to: [line])
            names = try JSONDecoder().decode([String].self, from: try #require(answer.first))
        }

        deinit {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// What cannot be looked up in, so that it is loaded whole.
    private static let loadedWhole: Set<String> = [
        "a private key besides", "a revocation list besides", "an older form",
        "trusted, without a purpose", "long lines", "nothing", "no certificate",
        "a block cut short", "a block with no base64", "a block with no certificate",
        "an empty block", "name in Universal", "name in Visible",
    ]

    @Test(.thorough, .needsOpenSSL, .needsPython("cryptography"))
    func `every chain has the outcome that it has with the whole bundle loaded`() throws {
        let chains = try Chains()
        var outcomes: [String: Int] = [:]
        for (number, name) in chains.names.enumerated() {
            let folder = chains.folder.appending(path: "\(number)")
            let bundle = folder.appending(path: "bundle.pem")
            let whole = folder.appending(path: "whole.pem")
            let pem = try Data(contentsOf: bundle)
            // OpenSSL takes no notice of such a line, and the index none of what has one.
            let line = Data("\(String(repeating: "#", count: 240))\n".utf8)
            try (line + pem).write(to: whole)
            #expect(index(of: whole.path) == nil)
            let isIndexed = index(of: bundle.path) != nil
            #expect(isIndexed != Self.loadedWhole.contains(name), "\(name)")

            let server = try TLSServer(chainIn: folder)
            let client = HTTPClient(caBundle: bundle.path)
            let found = outcome(server.origin, by: client)
            let loaded = outcome(server.origin, by: HTTPClient(caBundle: whole.path))
                .replacingOccurrences(of: whole.path, with: bundle.path)
            #expect(found == loaded, "\(name)")
            // The second time the store has what the first one looked up.
            #expect(outcome(server.origin, by: client) == loaded, "\(name)")
            outcomes[loaded, default: 0] += 1
        }
        // The cases are of many kinds.
        #expect(try #require(outcomes["200"]) >= 25)
        #expect(outcomes.count >= 12)
    }

    @Test(.thorough, .needsOpenSSL, .needsPython("cryptography"))
    func `a bundle that was overwritten is read anew after a certificate is not where it was`()
        throws
    {
        let chains = try Chains()
        func folder(_ name: String) throws -> URL {
            chains.folder.appending(path: "\(try #require(chains.names.firstIndex(of: name)))")
        }
        let first = try TLSServer(chainIn: folder("root"))
        let second = try TLSServer(chainIn: folder("self-signed and trusted"))
        let bundle = try folder("self-signed and trusted").appending(path: "bundle.pem")
        let client = HTTPClient(caBundle: bundle.path)
        #expect(outcome(first.origin, by: client) == "200")
        let pem = try Data(contentsOf: bundle)
        try FileHandle(forWritingTo: bundle).write(contentsOf: Data("# moved\n".utf8) + pem)
        #expect(outcome(second.origin, by: client).hasPrefix("untrusted: "))
        #expect(outcome(second.origin, by: client) == "200")
    }

    @Test func `the system's bundle can be looked up in`() throws {
        let path = try #require(CABundle.firstReadable(of: CABundle.usualPaths))
        #expect(index(of: path) != nil)
    }
}
