import AWS
import Codec
import Foundation
import Platform
import Testing

@testable import pointsman

/// Who is answered as AWS would.
@Suite struct SignatureCheckTests {
    static let now = Timestamp(milliseconds: 1_800_000_000_000)
    static let keys = Credentials(
        accessKeyID: "id",
        secretAccessKey: Secret("of this run"),
        sessionToken: Secret("token")
    )
    static let check = SignatureCheck(credentials: keys)

    /// A request as this project's own client signs it.
    static func request(
        _ service: AWSService = .s3,
        keys: Credentials = keys,
        at time: Timestamp = now
    ) -> LocalRequest {
        let body = Array("body".utf8)
        let path = "/local/mono-repo/a%20b%2B.json"
        let headers = Signer().authorize(
            SigV4.Request(
                method: "PUT",
                path: path,
                query: [NamedValue("prefix", "a/b c"), NamedValue("a", "")],
                headers: ["Host": "127.0.0.1:1", "If-None-Match": "*", "X-Amz-Target": "T.Op"],
                payloadHash: SigV4.payloadHash(body)
            ),
            for: service,
            region: "eu-west-1",
            credentials: keys,
            at: time
        )
        return LocalRequest(
            method: "PUT",
            path: path,
            query: "prefix=a%2Fb%20c&a=",
            headers: headers,
            body: body
        )
    }

    @Test(arguments: AWSService.allCases)
    func `who has the keys, for the service of the signature`(service: AWSService) {
        #expect(Self.check.service(of: Self.request(service), at: Self.now) == service.name)
    }

    @Test(arguments: [-900_000, 0, 900_000])
    func `for a quarter of an hour`(milliseconds: Int) {
        let later = Self.now.adding(milliseconds: milliseconds)
        #expect(Self.check.service(of: Self.request(), at: later) != nil)
        let tooLate = later.adding(milliseconds: milliseconds.signum() * 1_000)
        let late = Self.check.service(of: Self.request(), at: tooLate)
        #expect((late != nil) == (milliseconds == 0))
    }

    /// What somebody else may change of a request, or leave out.
    static let changes: [(String, @Sendable (inout LocalRequest) -> Void)] = [
        ("no signature", { $0.headers["Authorization"] = nil }),
        ("an empty one", { $0.headers["Authorization"] = "" }),
        ("a token", { $0.headers["Authorization"] = "Bearer token" }),
        ("another signature", { $0.headers["Authorization"] = other(than: $0) }),
        ("no time", { $0.headers["X-Amz-Date"] = nil }),
        ("a malformed time", { $0.headers["X-Amz-Date"] = "now" }),
        ("another time", { $0.headers["X-Amz-Date"] = "20270115T080001Z" }),
        ("another method", { $0.method = "GET" }),
        ("another path", { $0.path += "x" }),
        ("another query", { $0.query += "&prefix=x" }),
        ("another body", { $0.body.append(0x20) }),
        ("another host", { $0.headers["Host"] = "evil.example" }),
        ("another operation", { $0.headers["X-Amz-Target"] = "T.Other" }),
        ("another condition", { $0.headers["If-None-Match"] = nil }),
        ("one more condition", { $0.headers["If-Match"] = "etag" }),
        ("one more header of AWS's", { $0.headers["X-Amz-Invocation-Type"] = "Event" }),
        ("another token", { $0.headers["X-Amz-Security-Token"] = "x" }),
    ]

    static func other(than request: LocalRequest) -> String {
        String((request.headers["Authorization"] ?? "").dropLast(4)) + "0000"
    }

    @Test func `nobody who changes anything`() {
        for (what, change) in Self.changes {
            var request = Self.request()
            change(&request)
            #expect(Self.check.service(of: request, at: Self.now) == nil, Comment(rawValue: what))
        }
    }

    @Test(arguments: [
        Credentials(accessKeyID: "id", secretAccessKey: Secret("of another run")),
        Credentials(accessKeyID: "other", secretAccessKey: Secret("of this run")),
        Credentials(accessKeyID: "", secretAccessKey: Secret("")),
    ])
    func `nobody with other keys`(keys: Credentials) {
        #expect(Self.check.service(of: Self.request(keys: keys), at: Self.now) == nil)
    }

    @Test(arguments: [("PUT", "s3"), ("POST", "lambda"), ("POST", "codepipeline"), ("GET", "")])
    func `nothing is done for anybody else`(method: String, service: String) async {
        let bucket = LocalBucket()
        let queue = FunctionQueue(timeout: 600)
        let evaluations = Evaluations(queue, console: Console(.none, json: false))
        let aws = LocalAWS(
            signature: Self.check,
            bucket: bucket,
            evaluations: evaluations,
            willList: { Issue.record("listed") },
            show: { _ in Issue.record("shown") }
        )
        let scope = "id/20270115/eu-west-1/\(service)/aws4_request"
        let request = LocalRequest(
            method: method,
            path: "/local/key",
            headers: [
                "Host": "127.0.0.1:1", "X-Amz-Date": "20270115T080000Z",
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=\(scope), SignedHeaders=host;x-amz-date, Signature=0",
            ],
            body: Array("{}".utf8)
        )
        let response = await aws.respond(to: request)
        #expect(response.status == 403)
        let message = "only the functions that pointsman local runs are answered here"
        #expect((try? JSON(parsing: response.body))?["message"]?.string == message)
        #expect(await bucket.object("key") == nil)
        await evaluations.settle()
    }
}
