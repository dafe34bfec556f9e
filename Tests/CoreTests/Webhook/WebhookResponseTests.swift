import Codec
import Testing

@testable import Core

@Suite struct AnswerTests {
    @Test func `an answer is what API Gateway and a Function URL take`() {
        let answer = WebhookResponse.accepted(#"a "b""#, delivery: "d-1")
        #expect(
            String(decoding: answer.encoded(), as: UTF8.self)
                == #"{"statusCode":202,"headers":{"content-type":"application/json"},"#
                + #""body":"{\"outcome\":\"accepted\",\"reason\":\"a \\\"b\\\"\",\"delivery\":\"d-1\"}","#
                + #""isBase64Encoded":false}"#
        )
    }

    @Test func `a 405 says what is allowed`() {
        let answer = WebhookResponse(status: 405, outcome: .rejected, reason: "r", delivery: "d")
        #expect(
            String(decoding: answer.encoded(), as: UTF8.self)
                == #"{"statusCode":405,"headers":{"content-type":"application/json","allow":"POST"},"#
                + #""body":"{\"outcome\":\"rejected\",\"reason\":\"r\",\"delivery\":\"d\"}","#
                + #""isBase64Encoded":false}"#
        )
    }

    @Test(arguments: [
        (WebhookResponse.accepted("r", delivery: "d"), 202, "accepted"),
        (.pong("r", delivery: "d"), 200, "pong"),
        (.ignored("r", delivery: "d"), 200, "ignored"),
        (.unauthorized(delivery: "d"), 401, "unauthorized"),
        (.malformed("r", delivery: "d"), 400, "malformed"),
        (.unavailable("r", delivery: "d"), 503, "unavailable"),
    ])
    func `every case has its status and its outcome`(
        answer: WebhookResponse,
        status: Int,
        outcome: String
    ) {
        #expect(answer.status == status)
        #expect(answer.outcome.rawValue == outcome)
        #expect(answer.delivery == "d")
    }

    @Test func `the reason of a refusal is always the same four words`() {
        #expect(WebhookResponse.unauthorized(delivery: "d").reason == "signature absent or wrong")
    }
}
