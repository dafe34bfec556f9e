@testable import Core
import Platform
import TestSupport
import Testing

@Suite struct APIClientTests {
    static func call(isRepeatable: Bool = true) -> APICall {
        APICall(
            "example:Put",
            of: "thing",
            method: "PUT",
            origin: "https://api.test",
            target: "/hooks/SECRET",
            headers: ["Content-Type": "text/plain"],
            body: Array("body".utf8),
            bearerToken: Secret("TOKEN"),
            caBundle: Array("PEM".utf8),
            secrets: [Secret("SECRET")],
            isRepeatable: isRepeatable
        )
    }

    @Test func `a call is one request with its token, trusting its certificates`() throws {
        let server = FakeCloud([.answer(200, "done")])
        #expect(try server.send(Self.call()).get().body == Array("done".utf8))
        #expect(
            server.requests == [
                HTTPRequest(
                    method: "PUT",
                    origin: "https://api.test",
                    target: "/hooks/SECRET",
                    headers: ["Content-Type": "text/plain", "Authorization": "Bearer TOKEN"],
                    body: Array("body".utf8),
                    caBundle: Array("PEM".utf8),
                    timeLimit: 10_000,
                    largestResponse: 1 << 20
                )
            ]
        )
        #expect(server.limits == [10_000])
    }

    /// Answers one after the other, whether the call is repeatable, how often it is sent, and the
    /// error in words, whether it may pass, and whether the server may have acted.
    static let failures: [([FakeCloud.Answer], Bool, Int, String, Bool, Bool)] = [
        (
            [.answer(404, #"{"kind":"Status","reason":"NotFound","message":"no thing\nat all"}"#)],
            true, 1, "404 NotFound: no thing", false, false
        ),
        ([.answer(403, "<html>")], true, 1, "403", false, false),
        (
            [.answer(400, #"{"message":"not with TOKEN at /hooks/SECRET","reason":"SECRET"}"#)],
            true, 1, "400 ***: not with *** at /hooks/***", false, false
        ),
        ([.answer(503)], true, 4, "503", true, false),
        ([.answer(503)], false, 4, "503", true, false),
        ([.answer(429)], false, 4, "429", true, false),
        ([.answer(500)], true, 4, "500", true, true),
        ([.answer(500)], false, 1, "500", true, true),
        ([.answer(502)], false, 1, "502", true, true),
        ([.answer(504)], false, 1, "504", true, true),
        (
            [.failure(.timedOut)], false, 1, "TimedOut: GET https://example.com: the reason", true,
            true
        ),
        (
            [.failure(.broken)], true, 4, "ConnectionBroken: GET https://example.com: the reason",
            true, true
        ),
        (
            [.failure(.unreachable)], false, 4, "Unreachable: GET https://example.com: the reason",
            true, false
        ),
        (
            [.failure(.unresolved)], true, 4, "Unresolved: GET https://example.com: the reason",
            true,
            false
        ),
        (
            [.failure(.untrusted)], true, 1, "Untrusted: GET https://example.com: the reason",
            false,
            false
        ),
        (
            [.failure(.invalid)], true, 1, "InvalidRequest: GET https://example.com: the reason",
            false, false
        ),
        ([.failure(.broken), .answer(503)], true, 4, "503", true, true),
        ([.failure(.broken), .answer(404)], true, 2, "404", false, true),
        (
            [.answer(503), .failure(.broken)], false, 2,
            "ConnectionBroken: GET https://example.com: the reason", true, true
        ),
    ]

    @Test(arguments: failures)
    func `what fails is sent again where that can help and can do no harm`(
        answers: [FakeCloud.Answer],
        isRepeatable: Bool,
        count: Int,
        words: String,
        isRetryable: Bool,
        mayHaveActed: Bool
    ) throws {
        let server = FakeCloud(answers)
        let result = server.send(Self.call(isRepeatable: isRepeatable))
        let error = #expect(throws: CallError.self) { try result.get() }
        #expect(error?.description == "example:Put of thing: \(words)")
        #expect(error?.isRetryable == isRetryable)
        #expect(error?.mayHaveActed == mayHaveActed)
        #expect(server.requests.count == count)
    }

    @Test func `an answer after failures is the answer`() throws {
        let server = FakeCloud([.failure(.unreachable), .answer(503), .answer(200, "done")])
        #expect(try server.send(Self.call(isRepeatable: false)).get().status == 200)
    }

    @Test func `nothing is sent once the deadline has passed`() throws {
        let server = FakeCloud([.answer(200)])
        let result = server.send(Self.call(), within: 0)
        let error = #expect(throws: CallError.self) { try result.get() }
        #expect(
            error?.description
                == "example:Put of thing: NotSent: the deadline passed before it was sent"
        )
        #expect(error?.mayHaveActed == false)
        #expect(server.requests.isEmpty)
    }
}
