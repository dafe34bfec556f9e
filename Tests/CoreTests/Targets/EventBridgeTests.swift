import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct EventBridgeTargetTests {
    private static func read(_ text: String) throws(InvalidRule) -> EventBridgeTarget<Template> {
        try EventBridgeTarget<Template>.read((try? JSON(parsing: [UInt8](text.utf8))) ?? .null)
    }

    private static let place = "Target.EventBridge."
    private static let bus = "an event bus's name (1 to 256 letters, digits or . - _) or its ARN"
    private static let arn = "arn:aws-cn:events:cn-north-1:123456789012:event-bus/changes"

    @Test func `a target may have every property`() throws {
        let target = try Self.read(
            """
            {"EventBus": "bus-#{branch}", "Source": "git.#{repository}", "DetailType": "#{actor}'s",
            "RoleArn": "arn:aws:iam::123456789012:role/start", "Region": "eu-west-1"}
            """
        )
        #expect(
            try target.resolved(for: .push())
                == EventBridgeTarget<String>(
                    eventBus: "bus-main",
                    source: "git.acme/app",
                    detailType: "octocat's",
                    access: AWSAccess(
                        role: AssumedRoles.Role(
                            arn: "arn:aws:iam::123456789012:role/start",
                            sessionName: "pointsman-acme-app"
                        ),
                        region: "eu-west-1"
                    )
                )
        )
    }

    @Test func `a target may have none`() throws {
        #expect(
            try Self.read("{}").resolved(for: .push())
                == EventBridgeTarget<String>(
                    eventBus: nil,
                    source: "pointsman",
                    detailType: "Repository Change",
                    access: AWSAccess(role: nil)
                )
        )
    }

    @Test(arguments: [
        (#"{"EventBus": "\#(arn)"}"#, "cn-north-1" as String?),
        (#"{"EventBus": "\#(arn)", "Region": "cn-northwest-1"}"#, "cn-northwest-1"),
        (#"{"EventBus": "changes"}"#, nil),
    ])
    func `a bus is called in the region of its ARN`(text: String, region: String?) throws {
        #expect(try Self.read(text).resolved(for: .push()).access.region == region)
    }

    @Test(arguments: [
        ("null", "Target.EventBridge: expected an object, found null"),
        (
            #"{"DetailTyp": ""}"#,
            "\(place)DetailTyp: unknown property, did you mean `DetailType`?"
        ),
        (#"{"EventBus": ""}"#, "\(place)EventBus: expected \(bus), found ''"),
        (#"{"EventBus": "a/b"}"#, "\(place)EventBus: expected \(bus), found 'a/b'"),
        (
            #"{"EventBus": "arn:aws:events:eu-west-1:1234:event-bus/a"}"#,
            "\(place)EventBus: expected \(bus), found 'arn:aws:events:eu-west-1:1234:event-bus/a'"
        ),
        (
            #"{"EventBus": "arn:aws:events:here:123456789012:event-bus/a"}"#,
            "\(place)EventBus: expected \(bus), found 'arn:aws:events:here:123456789012:event-bus/a'"
        ),
        (
            #"{"EventBus": "arn:aws:events:eu-west-1:123456789012:rule/a"}"#,
            "\(place)EventBus: expected \(bus), found 'arn:aws:events:eu-west-1:123456789012:rule/a'"
        ),
        (
            #"{"Source": "aws.codecommit"}"#,
            "\(place)Source: expected an event's source (1 to 256 characters, not aws.…), "
                + "found 'aws.codecommit'"
        ),
        (
            #"{"DetailType": ""}"#,
            "\(place)DetailType: expected an event's detail type (1 to 128 characters), found ''"
        ),
        (
            #"{"RoleArn": "start"}"#,
            "\(place)RoleArn: expected the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name, found 'start'"
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problem: String
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == [problem])
    }

    @Test func `what a placeholder makes of a text is checked for the change`() throws {
        let target = try Self.read(##"{"Source": "aws#{branch}"}"##)
        #expect(try target.resolved(for: .push()).source == "awsmain")
        let error = #expect(throws: RuleProblem.self) {
            try target.resolved(for: .push(branch: ".x"))
        }
        #expect(
            error?.description
                == "Target.EventBridge.Source: expected an event's source (1 to 256 characters, "
                + "not aws.…), found 'aws.x', made of 'aws#{branch}'"
        )
    }

    // The detail.

    private static func detail(_ change: Change) throws -> (json: JSON, bytes: Int) {
        let decision = Decision(
            ruleKey: "p/rules/github/acme/app/a.json",
            outcome: .start,
            clause: .events,
            reason: "every push",
            target: .eventBridge(try read("{}"))
        )
        let start = try #require(try Start(decision, of: change))
        let bytes = EventBridge.detail(of: start)
        return (try JSON(parsing: bytes), bytes.count)
    }

    @Test func `the detail is the change as its record shows it, and its paths`() throws {
        var change = Change.push(["b", "a"], incomplete: "the push was forced")
        change.author = Change.Author(name: "Mona", email: nil)
        change.cloneURL = "https://github.com/acme/app.git"
        let (json, _) = try Self.detail(change)
        let identity = change.bodyDigest.startIdentity(ruleKey: "p/rules/github/acme/app/a.json")
        let expected = """
            {"start":"\(identity)","rule":"p/rules/github/acme/app/a.json","source":"github",\
            "repository":"acme/app","kind":"push","branch":"main",\
            "before":"\(String(repeating: "a", count: 40))",\
            "after":"\(String(repeating: "b", count: 40))","actor":"octocat","pathCount":2,\
            "receivedAt":"1970-01-01T00:00:00.000Z","delivery":"delivery-1",\
            "body":"\(change.bodyDigest.hex)","cloneURL":"https://github.com/acme/app.git",\
            "message":"Add a thing","author":{"name":"Mona"},"paths":["a","b"],\
            "pathsIncomplete":"the push was forced"}
            """
        #expect(String(decoding: json.encoded(), as: UTF8.self) == expected)
    }

    @Test func `the detail of an annotated tag has its commit and its object`() throws {
        let change = Change.tag("v1").with { $0.tagObject = "5f2c" }
        let (json, _) = try Self.detail(change)
        #expect(json["after"]?.string == change.after)
        #expect(json["tagObject"]?.string == "5f2c")
    }

    @Test func `the detail of a pull request says what kind of one it is`() throws {
        let (json, _) = try Self.detail(.pullRequest("opened"))
        #expect(json["pullRequest"]?.int == 7)
        #expect(json["action"]?.string == "opened")
        #expect(json["head"]?.string == "feature")
        for name in ["fork", "draft", "merged"] { #expect(json[name]?.bool == false) }
        #expect(json["paths"]?.array?.isEmpty == true)
    }

    @Test(arguments: ["a", "\u{1}", "𝄞"])
    func `the detail has room for texts of any length, cut`(filler: String) throws {
        let long = String(repeating: filler, count: 100_000)
        var change = Change.pullRequest("opened")
        change.repository = long
        change.branch = long
        change.tag = long
        change.before = long
        change.after = long
        change.actor = long
        change.cloneURL = long
        change.message = String(repeating: filler, count: 2_000)
        change.author = Change.Author(name: long, email: long)
        change.image = Change.Image(repository: long, tag: long)
        change.pullRequest?.head = long
        change.pullRequest?.action = long
        change.paths = ChangedPaths(paths: [], incomplete: long, comparedWith: long)
        let (json, bytes) = try Self.detail(change)
        #expect(bytes <= EventBridge.maximumDetailSize)
        #expect(json["author"]?["email"]?.string == String(repeating: filler, count: 1_000))
        #expect(json["message"]?.string == change.message)
        #expect(json["pathsIncomplete"]?.string == String(repeating: filler, count: 1_000))
    }

    @Test(arguments: [(100, "a"), (10_000, "a"), (3_000, "\u{1}"), (3_000, "é")])
    func `the detail has as many paths as there is room for and says so`(
        count: Int,
        filler: String
    ) throws {
        let paths = (0..<count).map { "\($0 + 10_000)" + String(repeating: filler, count: 50) }
        let (json, bytes) = try Self.detail(.push(paths))
        let listed = json["paths"]?.array?.compactMap(\.string) ?? []
        #expect(json["pathCount"]?.int == count)
        #expect(listed == Array(paths.prefix(listed.count)))
        if count == 100 {
            #expect(listed.count == count)
            #expect(json["pathsIncomplete"] == nil)
        } else {
            #expect(bytes > 230_000)
            #expect(bytes <= EventBridge.maximumDetailSize)
            #expect(
                json["pathsIncomplete"]?.string
                    == "an event has room for \(listed.count) of \(count) paths"
            )
        }
    }
}

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

/// An event bus knows no client token: an event comes once, or the record says that it may have
/// come before.
@Suite struct `An event on a bus` {
    private static let doubt = "; an attempt whose end is unknown may have started it before"

    private static func stage() throws -> (stage: Stage, handOver: [UInt8]) {
        let stage = try Stage()
        stage.rule("bus", target: #"{"EventBridge":{"EventBus":"bus"}}"#)
        let handOver = try stage.handOver(of: stage.push())
        return (stage, handOver)
    }

    @Test func `tells of the change, once`() throws {
        let (stage, handOver) = try Self.stage()
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "bus") == "started")
        #expect(record.rule("bus")?["answer"]?.string == "event-1")
        let event = try #require(stage.aws.events.first)
        #expect(event["Source"]?.string == "pointsman")
        #expect(event["DetailType"]?.string == "Repository Change")
        let detail = try JSON(parsing: Array(#require(event["Detail"]?.string).utf8))
        #expect(detail["after"]?.string == String(repeating: "b", count: 40))
        #expect(detail["paths"]?.array == [.string("services/api/main.go")])
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "bus") == "already-started")
        #expect(stage.aws.events.count == 1)
    }

    @Test func `that the bus cannot take now is put again`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.eventErrors = ["ThrottlingException", "InternalFailure"]
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.rule("bus")?["answer"]?.string == "event-1")
        #expect(stage.aws.events.count == 1)
    }

    @Test func `that the bus refuses has not been started, though the status is 200`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.eventErrors = ["NotAuthorizedForSourceException"]
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "bus") == "failed")
        #expect(
            record.rule("bus")?["answer"]?.string
                == "events:PutEvents of bus: 200 NotAuthorizedForSourceException: no"
        )
        #expect(stage.aws.events.isEmpty)
    }

    @Test(.thorough, arguments: FakeAWS.Fault.allCases)
    func `is neither lost nor doubled in silence, whichever call fails`(
        fault: FakeAWS.Fault
    ) throws {
        let (counted, handOver) = try Self.stage()
        try counted.evaluate(handOver)
        for number in 1...counted.aws.calls.count {
            for isLasting in [false, true] {
                let (stage, handOver) = try Self.stage()
                stage.aws.fault = { call, _ in
                    call == number || isLasting && call > number ? fault : nil
                }
                if isLasting {
                    _ = try stage.evaluate(handOver, attempts: 1)
                    stage.aws.fault = { _, _ in nil }
                    stage.wait(Stage.timeout)
                }
                let record = try #require(stage.evaluate(handOver).last).get()
                let comment: Comment = "call \(number), lasting: \(isLasting)"
                let answer = record.rule("bus")?["answer"]?.string ?? ""
                #expect(answer.hasPrefix("event-"), comment)
                #expect(stage.aws.events.count == 1 || answer.hasSuffix(Self.doubt), comment)
                let starts = try stage.aws.events.map {
                    try JSON(parsing: Array(($0["Detail"]?.string ?? "").utf8))["start"]?.string
                }
                #expect(Set(starts).count == 1, comment)
            }
        }
    }
}
