import AWS
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct EventBridgeTests {
    private func read(_ answer: FakeCloud.Answer) throws -> String {
        let cloud = FakeCloud([answer])
        let response = try cloud.client().send(eventCall, deadline: cloud.deadline())
        return try EventBridge.eventID(of: eventCall, response)
    }

    private let eventCall = EventBridge.putEvent(
        Array("{}".utf8),
        source: "s",
        detailType: "t",
        eventBus: "bus"
    )

    @Test func `an event gives its id`() throws {
        let answer = FakeCloud.Answer.answer(
            200,
            #"{"FailedEntryCount":0,"Entries":[{"EventId":"11710aed"}]}"#
        )
        #expect(try read(answer) == "11710aed")
    }

    @Test(arguments: ["", "{}", #"{"FailedEntryCount":0,"Entries":[]}"#, #"{"Entries":[{}]}"#])
    func `an answer without an event's id is an error`(body: String) {
        #expect {
            _ = try read(.answer(200, body))
        } throws: { error in
            "\(error)" == "events:PutEvents of bus: 200 UnreadableAnswer: "
                + "the answer has no EventId"
        }
    }

    @Test(arguments: [
        ("InternalFailure", true), ("InternalException", true), ("ThrottlingException", true),
        ("AccessDeniedException", false), ("NotAuthorizedForSourceException", false),
        ("MalformedDetail", false), ("InvalidArgument", false),
    ])
    func `an event that fails within a successful answer is an error`(
        code: String,
        isRetryable: Bool
    ) {
        let body = """
            {"FailedEntryCount":1,"Entries":[{"ErrorCode":"\(code)","ErrorMessage":"m\\nmore"}]}
            """
        #expect {
            _ = try read(.answer(200, body))
        } throws: { error in
            guard let error = error as? CallError else { return false }
            return "\(error)" == "events:PutEvents of bus: 200 \(code): m"
                && error.isRetryable == isRetryable && !error.mayHaveActed
        }
    }

    @Test(arguments: [
        (FakeCloud.Answer.failure(.broken), 1, true), (.failure(.timedOut), 1, true),
        (.answer(500), 1, true), (.failure(.unreachable), 4, false), (.answer(503), 4, false),
        (.answer(400, #"{"__type":"ThrottlingException"}"#), 4, false),
    ])
    func `an event is sent again at once only where nothing can have come of it`(
        answer: FakeCloud.Answer,
        attempts: Int,
        mayHaveActed: Bool
    ) throws {
        let cloud = FakeCloud([answer])
        let results = try cloud.client().send([eventCall], deadline: cloud.deadline())
        #expect(cloud.batches.count == attempts)
        guard case .failure(let error) = results[0] else { return #expect(Bool(false)) }
        #expect(error.isRetryable)
        #expect(error.mayHaveActed == mayHaveActed)
    }
}
