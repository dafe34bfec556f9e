import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

/// AWS's own suite, as botocore keeps it.
@Suite struct SigV4ConformanceTests {
    private static let time = Timestamp(milliseconds: 1_440_938_160_000)
    private static let scope = SigV4.Scope(time, region: "us-east-1", service: "service")
    private static let secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    @Test func `every case of AWS's suite is right at every stage`() throws {
        let folder = Conformance.folder("sigv4")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let requests = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "req" }
        #expect(requests.count == 34)
        for file in requests {
            try expectStages(of: file)
        }
    }

    private func expectStages(of file: URL) throws {
        func expected(_ ending: String) throws -> String {
            try String(
                contentsOf: file.deletingPathExtension().appendingPathExtension(ending),
                encoding: .utf8
            )
        }
        let name = Comment(rawValue: file.deletingPathExtension().lastPathComponent)
        var request = try #require(parsed(try Data(contentsOf: file)), name)
        // One case has its token in the signed request alone; another has one there that is
        // added after signing.
        if try expected("authz").contains("x-amz-security-token") {
            let signed = try #require(parsed(Data(try expected("sreq").utf8)), name)
            request.headers["X-Amz-Security-Token"] = signed.headers["X-Amz-Security-Token"]
        }
        let canonicalRequest = SigV4.canonicalRequest(request, path: .normalizedAndEncodedAgain)
        #expect(String(decoding: canonicalRequest, as: UTF8.self) == (try expected("creq")), name)
        let stringToSign = SigV4.stringToSign(canonicalRequest, at: Self.time, scope: Self.scope)
        #expect(stringToSign == (try expected("sts")), name)
        let authorization = SigV4.authorization(
            accessKeyID: "AKIDEXAMPLE",
            scope: Self.scope,
            signedHeaders: SigV4.signedHeaders(request.headers),
            signature: SigV4.signature(
                key: SigV4.signingKey(Self.secret, scope: Self.scope),
                stringToSign: stringToSign
            )
        )
        #expect(authorization == (try expected("authz")), name)
    }

    /// A request as the suite writes it: LF alone, folded headers, raw UTF-8 and even a space
    /// in the target.
    private func parsed(_ data: Data) -> SigV4.Request? {
        let text = String(decoding: data, as: UTF8.self)
        let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\n")
        guard let first = lines.first?.wholeMatch(of: /(\S+) (.*) HTTP\/1\.1/) else { return nil }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            if line.first == " ", !headers.isEmpty {
                headers[headers.count - 1].value += "\n" + line
            } else if let colon = line.firstIndex(of: ":") {
                headers.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            } else {
                return nil
            }
        }
        let target = first.2.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let fields = target.count == 2 ? target[1].split(separator: "&") : []
        var fieldsOfHeaders = HTTPHeaders()
        for header in headers { fieldsOfHeaders.append(header.name, header.value) }
        return SigV4.Request(
            method: String(first.1),
            path: String(target[0]),
            query: fields.compactMap(queryItem),
            headers: fieldsOfHeaders,
            payloadHash: SigV4.payloadHash(parts.count == 2 ? Array(parts[1].utf8) : [])
        )
    }

    private func queryItem(_ field: Substring) -> NamedValue? {
        let halves = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = halves.compactMap { half in
            PercentEncoding.decode(Array(half.utf8), plusIsSpace: false).map { bytes in
                String(decoding: bytes, as: UTF8.self)
            }
        }
        guard decoded.count == halves.count else { return nil }
        return NamedValue(decoded[0], decoded.count == 2 ? decoded[1] : "")
    }
}
