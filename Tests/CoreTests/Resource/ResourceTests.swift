import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct `The custom resource` {
    static let monoRepo = Declared.monoRepo
    static let current = Declared.current

    // What is written.

    @Test func `stores the rule, says where it is, and whose`() throws {
        let stage = try Stage()
        let answer = try #require(
            try Stack(stage, type: Self.current.type).create(Self.current.properties)
        )
        let rule = #"{"Repository":"octo/mono","Target":{"CodePipeline":{"Name":"p1"}}}"#
        #expect(stage.aws.text(Self.current.key) == rule)
        #expect(
            stage.aws.objects[Self.current.key]?.metadata == [
                "x-amz-meta-stack-id": Stack.id, "x-amz-meta-logical-resource-id": "Trigger",
                "x-amz-meta-request-id": "request-1",
            ]
        )
        #expect(answer.json["Data"]?["Key"]?.string == Self.current.key)
        #expect(answer.json["Data"]?["Rule"]?.string == rule)
        #expect(answer.json["StackId"]?.string == Stack.id)
        #expect(answer.json["RequestId"]?.string == "request-1")
        #expect(answer.json["LogicalResourceId"]?.string == "Trigger")
    }

    @Test(arguments: Declared.allCases)
    func `makes a rule by which a push starts the pipeline`(declared: Declared) throws {
        let stage = try Stage()
        try Stack(stage, type: declared.type).create(declared.properties)
        try stage.evaluateAll(stage.push())
        #expect(stage.aws.executions.map(\.pipeline) == ["p1"])
    }

    @Test func `leaves a rule out of its answer that has no room there, never the key`() throws {
        let stage = try Stage()
        let paths = (0..<400).map { #""services/\#($0)/**""# }.joined(separator: ",")
        let properties = Self.current.properties.replacing(
            #""Repository""#,
            with: #""Paths":[\#(paths)],"Repository""#
        )
        let answer = try #require(try Stack(stage, type: Self.current.type).create(properties))
        #expect(answer.json["Data"]?.members?.map(\.key) == ["Key"])
    }

    @Test func `is given up with a reason that fits, whatever the properties hold`() throws {
        let stage = try Stage()
        let names = (0..<9).map {
            #""\#($0)🚂\"\\\u0001\#(String(repeating: "é🚂\\\"", count: 500))":1"#
        }
        let answer = try #require(
            try Stack(stage, type: Self.current.type).send(
                "Create",
                "{\(names.joined(separator: ","))}"
            )
        )
        #expect(answer.line.contains("unknown property, expected one of Source, Repository"))
        #expect(try #require(stage.aws.answers.first).body.count <= 4_096)
    }

    // Whose rules are.

    @Test func `lets one of two stacks win that create the same rule at once`() throws {
        let stage = try Stage()
        let other = Stack(
            stage,
            type: Self.monoRepo.type,
            stackID: Stack.otherID,
            logicalID: "Theirs"
        )
        stage.atFirst("PUT") {
            _ = try? other.send("Create", Self.monoRepo.properties)
        }
        try Stack(stage, type: Self.monoRepo.type).sendExpecting(
            "Create",
            Self.monoRepo.properties,
            "FAILED not-created-request-1: the rule \(Self.monoRepo.key) "
                + `What becomes of a request`.belongs
        )
        #expect(stage.rules == ["\(Self.monoRepo.key) of Theirs in orders"])
    }

    @Test func `lets one of two stacks win that take over the same rule at once`() throws {
        let stage = try Stage()
        // Its very bytes: only the owner changes.
        stage.aws.put(Self.monoRepo.key, Self.monoRepo.object)
        let other = Stack(
            stage,
            type: Self.monoRepo.type,
            stackID: Stack.otherID,
            logicalID: "Theirs"
        )
        stage.atFirst("PUT") {
            _ = try? other.send(
                "Update",
                Self.monoRepo.properties,
                old: Self.monoRepo.moved,
                physicalID: Stack.monoRepoID
            )
        }
        try Stack(stage, type: Self.monoRepo.type).sendExpecting(
            "Update",
            Self.monoRepo.properties,
            "FAILED \(Stack.monoRepoID): the rule \(Self.monoRepo.key) "
                + `What becomes of a request`.belongs,
            old: Self.monoRepo.moved,
            physicalID: Stack.monoRepoID
        )
        #expect(stage.rules == ["\(Self.monoRepo.key) of Theirs in orders"])
    }

    @Test func `refuses the same rule to another resource of the stack`() throws {
        let stage = try Stage()
        try Stack(stage, type: Self.monoRepo.type).create(Self.monoRepo.properties)
        let other = Stack(stage, type: Self.monoRepo.type, logicalID: "Second")
        let answer = try other.create(Self.monoRepo.properties)
        #expect(
            answer?.line
                == "FAILED not-created-request-1: the rule \(Self.monoRepo.key) belongs to "
                + "Trigger of the stack \(Stack.id), and one rule has one owner: "
                + "remove it there first"
        )
        #expect(stage.rules == ["\(Self.monoRepo.key) of Trigger in payments"])
    }

    @Test func `gives up where others keep writing`() throws {
        let stage = try Stage()
        var writes = 0
        stage.aws.before = { name in
            guard name.hasPrefix("PUT") else { return }
            writes += 1
            let owner = Declared.owner(Stack.id, "Trigger")
            stage.aws.put(Self.monoRepo.key, "\(writes)", owner)
        }
        try Stack(stage, type: Self.monoRepo.type).sendExpecting(
            "Create",
            Self.monoRepo.properties,
            "FAILED not-created-request-1: the rule could not be written: s3:GetObject of "
                + "bucket/\(Self.monoRepo.key): Contended: others keep writing it"
        )
    }

    // Whose those are that have no owner.

    @Test(arguments: [Declared.current, .monoRepo])
    func `leaves a rule without owner to its stack, whatever is created or taken back`(
        declared: Declared
    ) throws {
        let stage = try Stage()
        stage.aws.put(declared.key, declared.object)
        let before = stage.aws.objects
        // Refused, and then asked to delete what it has not created.
        let answer = try Stack(stage, type: declared.type).create(declared.properties)
        #expect(
            answer?.line == "FAILED not-created-request-1: the rule \(declared.key) "
                + `What becomes of a request`.belongsToNone
        )
        #expect(stage.aws.objects == before)
    }

    @Test(arguments: [Declared.constant.moved, Declared.monoRepoRule("next", expressions: "[")])
    func `leaves a rule without owner to its stack when an update to its key is taken back`(
        properties: String
    ) throws {
        let stage = try Stage()
        Declared.constant.put(on: stage)
        let theirs = Declared.monoRepoRule("next", expressions: "theirs/.*")
        stage.aws.put(Declared.constant.movedKey, Declared.object(theirs))
        let stack = Stack(stage, type: Declared.constant.type)
        stack.adopt(physicalID: Stack.monoRepoID, properties: Declared.constant.properties)
        #expect(try stack.update(properties)?.isSuccess == false)
        #expect(
            stage.rules == [
                "\(Declared.constant.key) of Trigger in payments",
                "\(Declared.constant.movedKey) of nobody",
            ]
        )
        #expect(stage.aws.text(Declared.constant.movedKey) == Declared.object(theirs))
    }

    /// What the mono-repo trigger wrote: other white space, another order.
    static let spaced =
        #"{"GitHubBranch": "main", "GitHubRepo": "mono", "CodePipelineName": "p1", "#
        + #""ChangeMatchExpressions": "services/.*"}"#

    @Test(arguments: [
        // Under its own id, whatever it says.
        (Declared.monoRepo.key, Declared.monoRepo.moved, "{}", true),
        // Under the old properties' key, whatever it says.
        (Stack.monoRepoID, Declared.constant.changed, "{}", true),
        // What is declared, after an update that failed.
        (Stack.monoRepoID, Declared.constant.moved, spaced, true),
        (
            Stack.monoRepoID, Declared.constant.moved, Declared.object(Declared.constant.changed),
            false
        ),
        (Stack.monoRepoID, Declared.constant.moved, "[", false),
        (Declared.monoRepo.movedKey, Declared.monoRepo.moved, spaced, false),
        ("payments-Trigger-1A2B3C4D", Declared.monoRepo.properties, spaced, false),
    ])
    func `takes over in an update what is known to be its own`(
        id: String,
        old: String,
        object: String,
        isTaken: Bool
    ) throws {
        let stage = try Stage()
        stage.aws.put(Declared.monoRepo.key, object)
        let answer = try Stack(stage, type: Declared.monoRepo.type).send(
            "Update",
            Declared.monoRepo.properties,
            old: old,
            physicalID: id
        )
        #expect(answer?.isSuccess == isTaken)
        let owner = isTaken ? "Trigger in payments" : "nobody"
        #expect(stage.rules == ["\(Declared.monoRepo.key) of \(owner)"])
    }

    // What comes twice.

    @Test(arguments: [Declared.current, .monoRepo])
    func `answers what comes twice the same, and writes once`(declared: Declared) throws {
        let stage = try Stage()
        let create = Stack.event("Create", type: declared.type, properties: declared.properties)
        try stage.invokeResource(create)
        let object = stage.aws.objects[declared.key]
        stage.aws.forgetCalls()
        try stage.invokeResource(create)
        #expect(stage.aws.calls == ["GET \(declared.key)", "answer"])
        #expect(stage.aws.objects[declared.key] == object)
        let delete = Stack.event(
            "Delete",
            type: declared.type,
            properties: declared.properties,
            physicalID: declared.key
        )
        try stage.invokeResource(delete)
        stage.aws.forgetCalls()
        try stage.invokeResource(delete)
        #expect(stage.aws.calls == ["GET \(declared.key)", "answer"])
        #expect(stage.aws.objects.isEmpty)
        #expect(stage.aws.answers[0] == stage.aws.answers[1])
        #expect(stage.aws.answers[2] == stage.aws.answers[3])
    }

    @Test func `updates a rule that somebody has removed by hand`() throws {
        let stage = try Stage()
        let stack = Stack(stage, type: Self.current.type)
        try stack.create(Self.current.properties)
        stage.aws.objects = [:]
        try stack.update(Self.current.changed)
        #expect(stage.rules == ["\(Self.current.key) of Trigger in payments"])
    }

    // What is removed.

    @Test(arguments: [
        "pointsman/ledger/0b6e1c9a", "pointsman/ledger/a-68099E47.json",
        "pointsman/changes/2026-09-21/a.json", "pointsman/decisions/2026-09-21/a-68099E47.json",
        "other/rules/github/octo/mono/payments-Trigger-9db60fa1.json", "payments-Trigger-1A2B3C4D",
        "not-created-", "pointsman/", "/", "pointsman/rules/", "pointsman/handmade.json",
    ])
    func `removes nothing under an id that it never gave`(id: String) throws {
        let stage = try Stage()
        stage.aws.put(id, "{}", Declared.owner(Stack.id, "Trigger"))
        stage.aws.put(Self.current.key, "{}")
        let before = stage.aws.objects
        try Stack(stage, type: Self.current.type).sendExpecting(
            "Delete",
            Self.current.properties,
            "SUCCESS \(id)",
            physicalID: id
        )
        #expect(stage.aws.objects == before)
    }

    @Test(arguments: [
        (Declared.current, "other/rules/github/octo/mono/payments-Trigger-9db60fa1.json"),
        (.monoRepo, "other/mono-main-p1-21A2EC92.json"), (.monoRepo, "other/handmade.json"),
    ])
    func `keeps the rule that an update wrote below a new prefix when the old one goes`(
        declared: Declared,
        id: String
    ) throws {
        let stage = try Stage()
        stage.aws.put(id, declared.object, Declared.owner(Stack.id, "Trigger"))
        let stack = Stack(stage, type: declared.type)
        stack.adopt(physicalID: id, properties: declared.properties)
        try #expect(stack.update(declared.changed)?.line == "SUCCESS \(declared.key)")
        #expect(stage.aws.text(declared.key) != nil && stage.aws.text(id) == declared.object)
    }

    @Test(arguments: [Declared.current, .monoRepo])
    func `leaves a rule without owner that is not what the properties say`(
        declared: Declared
    ) throws {
        let stage = try Stage()
        stage.aws.put(declared.movedKey, "{}")
        try Stack(stage, type: declared.type).sendExpecting(
            "Delete",
            declared.properties,
            "SUCCESS \(declared.movedKey)",
            physicalID: declared.movedKey
        )
        #expect(stage.rules == ["\(declared.movedKey) of nobody"])
        #expect(stage.log.contains("a rule that is not this resource's stays"))
    }

    @Test(arguments: [Declared.current, .monoRepo])
    func `finds the rule of a creation that CloudFormation cancelled`(declared: Declared) throws {
        let stage = try Stage()
        try Stack(stage, type: declared.type).send("Create", declared.properties)
        // It did not wait for the answer, and made up an id.
        try Stack(stage, type: declared.type).sendExpecting(
            "Delete",
            declared.properties,
            "SUCCESS payments-Trigger-1A2B3C4D",
            physicalID: "payments-Trigger-1A2B3C4D"
        )
        #expect(stage.rules.isEmpty)
    }

    @Test func `leaves what a later request of the same resource has written`() throws {
        let stage = try Stage()
        let stack = Stack(stage, type: Self.monoRepo.type)
        stage.aws.s3Error = (503, "SlowDown")
        let failed = try stack.send("Create", Self.monoRepo.properties)
        stage.aws.s3Error = nil
        #expect(failed?.json["PhysicalResourceId"]?.string == "not-created-request-1")
        try stack.send("Create", Self.monoRepo.properties)
        try stack.sendExpecting(
            "Delete",
            Self.monoRepo.properties,
            "SUCCESS not-created-request-1",
            physicalID: "not-created-request-1"
        )
        #expect(stage.rules == ["\(Self.monoRepo.key) of Trigger in payments"])
    }

    @Test(arguments: ["{}", #"{"GitHubRepo":1}"#, "null", "[]"])
    func `succeeds in deleting what cannot have been created`(properties: String) throws {
        for id in [Stack.monoRepoID, "not-created-request-9", "payments-Trigger-1A2B3C4D"] {
            let stage = try Stage()
            try Stack(stage, type: Self.monoRepo.type).sendExpecting(
                "Delete",
                properties,
                "SUCCESS \(id)",
                physicalID: id
            )
            #expect(stage.aws.calls == ["answer"])
        }
    }

    // What updates leave behind.

    @Test func `removes what an update left that is taken back, unless it is another's`() throws {
        for (owner, stays) in [("Trigger", false), ("Theirs", true)] {
            let stage = try Stage()
            Self.monoRepo.put(on: stage)
            stage.aws.put(
                Self.monoRepo.movedKey,
                Declared.object(Self.monoRepo.moved),
                Declared.owner(Stack.id, owner)
            )
            try Stack(stage, type: Self.monoRepo.type).sendExpecting(
                "Update",
                Self.monoRepo.properties,
                "SUCCESS \(Self.monoRepo.key)",
                old: Self.monoRepo.moved,
                physicalID: Self.monoRepo.key
            )
            #expect((stage.aws.objects[Self.monoRepo.movedKey] != nil) == stays)
            #expect(stage.aws.objects[Self.monoRepo.key] != nil)
        }
    }

    @Test func `keeps the constant id through updates and the deletion`() throws {
        let stage = try Stage()
        Declared.constant.put(on: stage)
        let stack = Stack(stage, type: Declared.constant.type)
        stack.adopt(physicalID: Stack.monoRepoID, properties: Declared.constant.properties)
        for properties in [
            Declared.constant.changed, Declared.constant.moved, Declared.constant.properties,
        ] {
            try #expect(stack.update(properties)?.line == "SUCCESS \(Stack.monoRepoID)")
            #expect(stage.aws.objects.count == 1)
        }
        try #expect(stack.delete()?.line == "SUCCESS \(Stack.monoRepoID)")
        #expect(stage.aws.objects.isEmpty)
    }

    @Test func `does not fail an update for the old properties`() throws {
        for old in ["null", "{}", #"{"GitHubRepo":7}"#, "[]"] {
            let stage = try Stage()
            Declared.constant.put(on: stage)
            try Stack(stage, type: Declared.constant.type).sendExpecting(
                "Update",
                Declared.constant.properties,
                "SUCCESS \(Stack.monoRepoID)",
                old: old,
                physicalID: Stack.monoRepoID
            )
        }
    }

    // Events that are none, and answers that do not arrive.

    @Test(arguments: [
        ("{}", "ResponseURL: expected a string, found nothing"),
        (#"{"ResponseURL":"s3://x"}"#, "ResponseURL: does not begin with http:// or https://"),
        ("x", "invalid JSON at byte 0: expected a value, found 'x'"),
    ])
    func `fails where nobody can be answered`(event: String, message: String) throws {
        let stage = try Stage()
        let error = #expect(throws: InvocationError.self) {
            try stage.invokeResource(Array(event.utf8))
        }
        #expect(error == InvocationError(type: "Function.MalformedEvent", message: message))
        #expect(stage.aws.calls.isEmpty)
    }

    @Test(arguments: [
        ([:], true), (["AWS_ENDPOINT_URL": ""], false),
        (["AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": FakeAWS.origin], true),
    ])
    func `answers another host than AWS's only where S3 itself is elsewhere`(
        variables: [String: String],
        isAnswered: Bool
    ) throws {
        let stage = try Stage()
        let handler = try stage.function("resource", variables)
        let event = Array(
            #"{"ResponseURL":"https://10.0.0.1/a?X-Amz-Signature=5ca1","RequestId":"r"}"#.utf8
        )
        stage.aws.elsewhere = { _ in HTTPResponse(status: 200) }
        let invocation = try stage.invocation(event, requestID: "r")
        do throws(InvocationError) {
            _ = try handler(invocation)
            #expect(isAnswered)
        } catch {
            #expect(!isAnswered)
            #expect(error.type == "Function.MalformedEvent")
            #expect(
                error.message == "ResponseURL: expected https:// and a host of AWS's, such as "
                    + "those below amazonaws.com"
            )
        }
        #expect(stage.aws.calls == (isAnswered ? ["PUT https://10.0.0.1"] : []))
        #expect(!stage.log.contains("5ca1"))
    }

    @Test func `answers whoever asks for nothing that there is`() throws {
        let stage = try Stage()
        let event = #"{"ResponseURL":"\#(FakeAWS.answersOrigin)/?s","RequestId":"r"}"#
        try stage.invokeResource(Array(event.utf8))
        let answer = Stack.Answer(json: try JSON(parsing: #require(stage.aws.answers.first).body))
        #expect(
            answer.line == "FAILED not-created-r: RequestType: expected a string, found nothing; "
                + "StackId: expected a string, found nothing; "
                + "LogicalResourceId: expected a string, found nothing; "
                + "ResourceProperties: expected an object, found nothing"
        )
    }

    @Test func `answers a resource of no stack`() throws {
        let stage = try Stage()
        try Stack(stage, type: Self.current.type, stackID: "payments").sendExpecting(
            "Delete",
            Self.current.properties,
            "FAILED x: StackId: expected the ARN of a stack, found 'payments'",
            physicalID: "x"
        )
    }

    @Test func `fails without the URL in a word where its answer does not arrive`() throws {
        let stage = try Stage()
        stage.aws.fault = { _, name in name == "answer" ? .refused : nil }
        let event = Stack.event(
            "Create",
            type: Self.current.type,
            properties: Self.current.properties
        )
        let error = #expect(throws: InvocationError.self) { try stage.invokeResource(event) }
        #expect(
            error
                == InvocationError(
                    type: "Function.AnswerUndelivered",
                    message: "the answer to CloudFormation could not be delivered: "
                        + "connection refused"
                )
        )
        #expect(!stage.log.contains("X-Amz-Signature") && !stage.log.contains("https:"))
    }

    @Test(arguments: [2_000, 3_000, 15_000, 60_000, 900_000])
    func `keeps time for its answer however long S3 takes`(timeout: Int) throws {
        let stage = try Stage()
        stage.aws.fault = { _, name in name == "answer" ? nil : .timedOut }
        let event = Stack.event(
            "Create",
            type: Self.current.type,
            properties: Self.current.properties
        )
        let end = stage.now.adding(milliseconds: timeout)
        try stage.invokeResource(event, timeout: timeout)
        #expect(stage.aws.answers.count == 1)
        let left = end.milliseconds - stage.now.milliseconds
        #expect(left >= min(15_000, (timeout - 500) / 3) + 500)
    }

    @Test func `writes one line for each request`() throws {
        let stage = try Stage()
        let stack = Stack(stage, type: Self.current.type)
        try stack.send("Create", Self.current.properties)
        try stack.send("Update", "{}", physicalID: Self.current.key)
        #expect(
            stage.logged == [
                "INFO done requestId=lambda-request requestType=Create logicalId=Trigger "
                    + "stack=\(Stack.id) key=\(Self.current.key) status=SUCCESS\n",
                "WARN refused requestId=lambda-request requestType=Update logicalId=Trigger "
                    + "stack=\(Stack.id) key=\(Self.current.key) status=FAILED "
                    + "reason=\"Repository: required, but missing; "
                    + "Target: required, but missing\"\n",
            ]
        )
    }
}

extension Stack {
    /// Sends a request whose answer is known.
    func sendExpecting(
        _ requestType: String,
        _ properties: String,
        _ line: String,
        old: String? = nil,
        physicalID: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try send(requestType, properties, old: old, physicalID: physicalID)
        #expect(answer?.line == line, sourceLocation: sourceLocation)
    }
}
