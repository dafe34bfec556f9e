import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

/// Random requests, signed here and by botocore.
@Suite struct SigV4OracleTests {
    private struct Case {
        var service: AWSService
        var isQueryForm: Bool
        var request: SigV4.Request
        var body: [UInt8]
        var region: String
        var credentials: Credentials
        var time: Timestamp
        var expires: Int

        var origin: String { "https://" + (request.headers["Host"] ?? "") }

        func url(_ query: [NamedValue]) -> String {
            origin + request.path + (query.isEmpty ? "" : "?" + PercentEncoding.encode(query))
        }

        var line: Data {
            get throws {
                try JSONSerialization.data(withJSONObject: [
                    "op": "sign",
                    "service": service.name,
                    "form": isQueryForm ? "query" : "header",
                    "method": request.method,
                    "url": url(request.query),
                    "headers": request.headers.fields.map { [$0.name, $0.value] },
                    "body": Data(body).base64EncodedString(),
                    "region": region,
                    "accessKeyID": credentials.accessKeyID,
                    "secret": String(
                        decoding: credentials.secretAccessKey.revealed,
                        as: UTF8.self
                    ),
                    "token": credentials.sessionToken.map {
                        String(decoding: $0.revealed, as: UTF8.self) as Any
                    } ?? NSNull(),
                    "time": time.basic,
                    "expires": expires,
                ])
            }
        }
    }

    private struct Answer: Decodable {
        var canonicalRequest: String
        var stringToSign: String
        var authorization: String?
        var url: String?
    }

    @Test(.thorough, .needsPython("botocore"))
    func `1200 random requests are signed as botocore signs them, at every stage`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed)
        let cases = (0..<1200).map { _ in randomCase(&random) }
        let lines = try cases.map { try $0.line }
        let answers = try PythonOracle.botocore(lines)
        #expect(answers.count == cases.count)
        let signer = Signer()
        for (each, data) in zip(cases, answers) {
            let answer = try JSONDecoder().decode(Answer.self, from: data)
            expect(each, signer, answer, "seed \(seed): \(each.request)")
        }
    }

    private func expect(_ each: Case, _ signer: Signer, _ answer: Answer, _ comment: Comment) {
        var signed = each.request
        if each.isQueryForm {
            let query = signer.presign(
                each.request,
                for: each.service,
                region: each.region,
                credentials: each.credentials,
                at: each.time,
                expiresAfter: each.expires
            )
            #expect(each.url(query) == answer.url, comment)
            signed.query = query.dropLast()
        } else {
            signed.headers = signer.authorize(
                each.request,
                for: each.service,
                region: each.region,
                credentials: each.credentials,
                at: each.time
            )
            #expect(signed.headers["Authorization"] == answer.authorization, comment)
            signed.headers["Authorization"] = nil
        }
        let canonicalRequest = SigV4.canonicalRequest(
            signed,
            path: each.service == .s3 ? .verbatim : .normalizedAndEncodedAgain
        )
        #expect(
            String(decoding: canonicalRequest, as: UTF8.self) == answer.canonicalRequest,
            comment
        )
        let scope = SigV4.Scope(each.time, region: each.region, service: each.service.name)
        let stringToSign = SigV4.stringToSign(canonicalRequest, at: each.time, scope: scope)
        #expect(stringToSign == answer.stringToSign, comment)
    }

    private func randomCase(_ random: inout SeededGenerator) -> Case {
        let isQueryForm = Bool.random(using: &random)
        let service = AWSService.allCases.randomElement(using: &random) ?? .s3
        let body =
            isQueryForm || Bool.random(using: &random)
            ? [] : (0..<Int.random(in: 1...99, using: &random)).map { _ in random.byte() }
        var headers: HTTPHeaders = ["Host": "h\(random.next() % 100).example.com:8443"]
        for number in 0..<Int.random(in: 0...4, using: &random) {
            // Two of the same name now and then, in another case.
            let name = ["X-Amz-Meta-\(number)", "x-aMz-meta-0", "Content-Type"]
                .randomElement(using: &random)
            headers.append(name ?? "", random.text(upTo: 12, of: SeededGenerator.headerScalars))
        }
        let segments = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            ["", ".", "..", random.text(upTo: 8), random.text(upTo: 8)]
                .randomElement(using: &random) ?? ""
        }
        let path = PercentEncoding.encode(
            "/" + segments.joined(separator: "/"),
            keepingSlash: true
        )
        let query = (0..<Int.random(in: 0...4, using: &random)).map { number in
            // botocore keeps one field of a name in the query form, and all in the header form.
            NamedValue(
                random.text(upTo: 4) + (isQueryForm ? "\(number)" : ""),
                random.text(upTo: 6)
            )
        }
        let isUnsigned = isQueryForm && service == .s3
        return Case(
            service: service,
            isQueryForm: isQueryForm,
            request: SigV4.Request(
                method: ["GET", "PUT", "POST", "DELETE"].randomElement(using: &random) ?? "GET",
                path: path,
                query: query,
                headers: headers,
                payloadHash: isUnsigned ? "UNSIGNED-PAYLOAD" : SigV4.payloadHash(body)
            ),
            body: body,
            region: ["eu-west-1", "us-gov-east-1"].randomElement(using: &random) ?? "",
            credentials: Credentials(
                accessKeyID: "AKID\(random.next())",
                secretAccessKey: Secret(random.text(upTo: 40, of: SeededGenerator.headerScalars)),
                sessionToken: Bool.random(using: &random)
                    ? Secret("T" + random.text(upTo: 60, of: SeededGenerator.base64Scalars)) : nil
            ),
            time: Timestamp(milliseconds: 1000 * Int.random(in: 0...4_000_000_000, using: &random)),
            expires: Int.random(in: 1...604_800, using: &random)
        )
    }
}

/// SplitMix64: random, and the same again for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    static let headerScalars = Array(
        " \tabcXYZ0189!#$%&'*+-.^_`|~,;=/\\\"()<>@[]{}?é漢".unicodeScalars
    )
    static let base64Scalars = Array("ABCXYZabcxyz0189+/=".unicodeScalars)
    private static let textScalars = Array(
        " abzAZ09-_.~!$&'()*+,;=:@/?#[]%\"<>\\^`{|}éß漢😀".unicodeScalars
    )

    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    mutating func byte() -> UInt8 {
        UInt8(truncatingIfNeeded: next())
    }

    mutating func text(upTo count: Int, of scalars: [Unicode.Scalar]? = nil) -> String {
        let scalars = scalars ?? Self.textScalars
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...count, using: &self) {
            text.append(scalars.randomElement(using: &self) ?? " ")
        }
        return String(text)
    }
}
