import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// From a delivery to started pipelines, both functions in one process.
@Suite struct `The main job` {
    @Test func `a push starts the pipelines whose rules match, and says why of each`() throws {
        let stage = try Stage()
        stage.rule("api", #""Paths":["services/api/**"]"#)
        stage.rule("web", #""Paths":["services/web/**"]"#)
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 202)
        #expect(answer["outcome"]?.string == "accepted")
        #expect(answer["delivery"]?.string == "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        let handOver = try #require(stage.takeHandOvers().first)
        let record = try stage.evaluate(handOver)[0].get()
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
        #expect(record.outcome(of: "api") == "started")
        #expect(record.rule("api")?["path"]?.string == "services/api/main.go")
        #expect(record.rule("api")?["pattern"]?.string == "services/api/**")
        #expect(record.rule("api")?["answer"]?.string?.hasPrefix("execution-of-api-") == true)
        #expect(record.outcome(of: "web") == "skipped")
        #expect(record.rule("web")?["clause"]?.string == "Paths")
    }

    @Test func `the execution gets the commit, and a token that is the start's identity`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(stage.push())
        let key = "pointsman/rules/github/octo/mono/api.json"
        let body = Stage.payload("main", ["services/api/main.go"])
        let identity = Hex.lower(SHA256.hash(Array((body + "\n" + key).utf8)))
        let execution = try #require(stage.aws.executions.first)
        #expect(execution.token == identity)
        let revision = execution.request["sourceRevisions"]?.array?.first
        #expect(revision?["actionName"]?.string == "Source")
        #expect(revision?["revisionType"]?.string == "COMMIT_ID")
        #expect(revision?["revisionValue"]?.string == String(repeating: "b", count: 40))
        #expect(stage.aws.objects["pointsman/ledger/\(identity)"] != nil)
    }

    @Test func `the record lies under the day and the delivery, and is what evaluate returns`()
        throws
    {
        let stage = try Stage()
        stage.rule("api", "")
        let record = try stage.evaluateAll(stage.push())
        let key = "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
        #expect(stage.aws.text(key) == String(decoding: record.encoded(), as: UTF8.self))
        #expect(record["change"]?["pathCount"]?.int == 1)
        #expect(record["change"]?["paths"] == nil)
        #expect(record["counts"]?["started"]?.int == 1)
        #expect(stage.log.contains("decided"))
    }

    @Test func `a redelivery starts nothing and says what was started before`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let first = try stage.evaluateAll(stage.push())
        stage.wait(3_600_000)
        let second = try stage.evaluateAll(stage.push())
        #expect(stage.aws.executions.count == 1)
        #expect(second.outcome(of: "api") == "already-started")
        #expect(second.rule("api")?["answer"] == first.rule("api")?["answer"])
    }

    @Test func `the stored record keeps what an earlier attempt started`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        stage.rule("web", "")
        try stage.evaluateAll(stage.push())
        stage.aws.objects["pointsman/rules/github/octo/mono/web.json"] = nil
        stage.rule("api", #""Branches":["none"]"#)
        try stage.evaluateAll(stage.push())
        let key = "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
        let stored = try JSON(parsing: Array((stage.aws.text(key) ?? "").utf8))
        #expect(stored.outcome(of: "api") == "started")
        #expect(stored.outcome(of: "web") == "started")
        #expect(stored["attempts"]?.array?.count == 2)
    }

    @Test func `the same push under another delivery id starts nothing`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(stage.push())
        try stage.evaluateAll(stage.push(delivery: "00000000-0000-0000-0000-000000000001"))
        #expect(stage.aws.executions.count == 1)
    }

    @Test func `another push under the id of an earlier delivery does not touch its record`() throws
    {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(stage.push())
        let key = "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
        let first = stage.aws.text(key)
        try stage.evaluateAll(stage.push(to: "other"))
        #expect(stage.aws.text(key) == first)
        #expect(stage.aws.objects.keys.filter { $0.hasPrefix("pointsman/decisions/") }.count == 2)
        #expect(stage.log.contains("is about another change and is kept"))
    }

    @Test func `a forged delivery is refused and reaches nobody`() throws {
        let stage = try Stage()
        let (status, answer) = try stage.send(stage.push(signedWith: "guessed"))
        #expect(status == 401)
        #expect(answer["outcome"]?.string == "unauthorized")
        #expect(answer["reason"]?.string == "signature absent or wrong")
        #expect(stage.aws.invocations.isEmpty)
        #expect(!stage.log.contains(Stage.secret))
    }

    @Test func `an invalid rule starts nothing, is reported, and disturbs no other`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        stage.rule("bad", #""Branchs":["main"]"#)
        let record = try stage.evaluateAll(stage.push())
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
        #expect(record.outcome(of: "bad") == "invalid")
        #expect(record.rule("bad")?["reason"]?.string?.contains("did you mean `Branches`") == true)
    }

    @Test(.thorough)
    func `rules whose expressions take too long are given up, and disturb no other`() throws {
        let stage = try Stage()
        for index in 0..<40 {
            stage.rule(
                "slow\(index)",
                #""PathExpressions":["(?:a|aa){1,\#(100 + index)}[bc]"],"WhenPathsUnknown":"skip""#
            )
        }
        stage.rule("good", #""Paths":["good/**"]"#)
        let paths = (0..<500).map { "\(String(repeating: "a", count: 19))\($0)" }
        let record = try stage.evaluateAll(stage.push(paths: paths + ["good/x"]))
        #expect(record.outcome(of: "good") == "started")
        #expect(record.outcome(of: "slow0") == "skipped")
        let unknown = "which changed paths match cannot be told: the budget of matching "
        #expect(
            record.rule("slow0")?["reason"]?.string
                == unknown + "one rule against one change is 2000000 steps, found at least 2000001"
        )
        let reason = record.rule("slow9")?["reason"]?.string ?? ""
        #expect(reason.hasPrefix(unknown + "all rules of a change is 50000000 steps, found"))
    }

    @Test func `rules that do not fit in memory together are decided in portions`() throws {
        let stage = try Stage()
        stage.restartEvaluate(room: Budget.repository.limit / 15)
        func large(_ name: String, _ count: Int, _ more: String = "") {
            let globs = (0..<count).map { "\"\(name)/\($0)/*\"" }.joined(separator: ",")
            stage.rule(name, #""Paths":[\#(globs)\#(more)],"WhenPathsUnknown":"skip""#)
        }
        for number in 100..<290 { large("large\(number)", 60) }
        large("honest", 66, #","services/**""#)
        stage.rule("small", #""Paths":["services/**"]"#)
        stage.rule("zsmall", "")
        for branch in ["main", "other"] {
            stage.aws.forgetCalls()
            let record = try stage.evaluateAll(stage.push(to: branch))
            let rules = record["rules"]?.array ?? []
            let started = rules.filter { $0["outcome"]?.string == "started" }
            let keys = rules.compactMap { $0["rule"]?.string }
            #expect(started.count == 3)
            #expect(rules.allSatisfy { $0["outcome"]?.string != "invalid" })
            #expect(keys.count == 193 && keys == keys.sorted())
        }
        #expect(
            Set(stage.aws.executions.map(\.pipeline)) == ["honest", "small", "zsmall"]
                && stage.aws.executions.count == 6
        )
        // Small ones are kept, of the others some.
        let reads = stage.aws.calls.filter { $0.hasPrefix("GET pointsman/rules/") }
        #expect(reads.count < 193 && reads.count > 90)
        #expect(!reads.contains { $0.hasSuffix("small.json") })
        // Once they fit, all are kept.
        for number in 100..<260 {
            stage.aws.objects["\(Stage.prefix)/rules/github/octo/mono/large\(number).json"] = nil
        }
        for branch in ["third", "fourth"] {
            stage.aws.forgetCalls()
            stage.wait(1_000)
            try stage.evaluateAll(stage.push(to: branch))
        }
        #expect(!stage.aws.calls.contains { $0.hasPrefix("GET pointsman/rules/") })
    }

    @Test func `a rule with thousands of problems does not make the record grow`() throws {
        let stage = try Stage()
        let paths = String(repeating: #""","#, count: 999)
        stage.rule("bad", #""Paths":[\#(paths)"a"]"#)
        stage.rule("good", "")
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "good") == "started")
        #expect(record.rule("bad")?["reason"]?.string?.hasSuffix("; and 989 more") == true)
        #expect(record.encoded().count < 10_000)
    }

    @Test func `two runs that write the record at the same time keep each other's starts`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let handOver = try stage.handOver(of: stage.push())
        let other = try stage.function("evaluate")
        let invocation = try stage.invocation(handOver, requestID: "second")
        stage.atFirst("PUT pointsman/decisions/") { _ = try? other(invocation) }
        _ = try stage.evaluate(handOver)[0].get()
        let key = "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
        let stored = try JSON(parsing: Array((stage.aws.text(key) ?? "").utf8))
        #expect(stored.outcome(of: "api") == "started")
        #expect(stored["attempts"]?.array?.count == 2)
    }

    @Test func `a rule of the mono-repo trigger starts its pipeline`() throws {
        let stage = try Stage()
        stage.aws.put(
            "pointsman/mono-main-p1-00000000.json",
            """
            {"GitHubRepo":"mono","GitHubBranch":"main","ChangeMatchExpressions":"services/.*, x",\
            "CodePipelineName":"p1"}
            """
        )
        let record = try stage.evaluateAll(stage.push())
        #expect(stage.aws.executions.map(\.pipeline) == ["p1"])
        #expect(record.outcome(of: "mono-main-p1-00000000") == "started")
    }

    @Test func `warm, no unchanged rule is read again`() throws {
        let stage = try Stage()
        for index in 0..<100 { stage.rule("r\(index)", #""Paths":["other/**"]"#) }
        try stage.evaluateAll(stage.push())
        stage.rule("r7", #""Paths":["services/**"]"#)
        stage.aws.forgetCalls()
        try stage.evaluateAll(stage.push(paths: ["services/x"]))
        let read = stage.aws.calls.filter { $0.hasPrefix("GET pointsman/rules/") }
        #expect(read == ["GET pointsman/rules/github/octo/mono/r7.json"])
        #expect(stage.aws.executions.map(\.pipeline) == ["r7"])
    }

    @Test(.thorough) func `rules beyond a page of the listing are read too`() throws {
        let stage = try Stage()
        for index in 0..<2_500 { stage.rule("r\(index)", #""Branches":["none"]"#) }
        stage.rule("z", "")
        let record = try stage.evaluateAll(stage.push())
        #expect(record["rules"]?.array?.count == 2_501)
        #expect(stage.aws.executions.map(\.pipeline) == ["z"])
    }

    @Test func `a change too large for an invocation goes by way of S3`() throws {
        let stage = try Stage()
        stage.rule("api", #""Paths":["services/api/**"]"#)
        let many = (0..<40_000).map { "services/lib/some/long/path/file\($0).swift" }
        let push = stage.push(paths: many + ["services/api/x"])
        #expect(try stage.send(push).status == 202)
        let handOver = try #require(stage.takeHandOvers().first)
        #expect(handOver.count < 300)
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "api") == "started")
        let kept = stage.aws.objects.keys.filter { $0.hasPrefix("pointsman/changes/2026-09-21/") }
        #expect(record["changeKey"]?.string == kept.first)
        let writes = stage.aws.calls.filter { $0.hasPrefix("PUT pointsman/changes/") }
        #expect(writes.count == 1, "webhook has written it, and evaluate does not write it again")
    }

    @Test func `the whole change is kept as it was handed over, and the record names it`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.send(stage.push())
        let handOver = try #require(stage.takeHandOvers().first)
        let record = try stage.evaluate(handOver)[0].get()
        let key = try #require(record["changeKey"]?.string)
        #expect(key.hasPrefix("pointsman/changes/2026-09-21/"))
        #expect(stage.aws.text(key) == String(decoding: handOver, as: UTF8.self))
        let again = try stage.evaluate(Array(#"{"key":"\#(key)"}"#.utf8))[0].get()
        #expect(again.outcome(of: "api") == "already-started")
        #expect(again["changeKey"]?.string == key)
        #expect(stage.aws.executions.count == 1)
    }

    @Test func `a change that cannot be kept is decided on all the same`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        stage.aws.fault = { _, name in
            name.hasPrefix("PUT pointsman/changes/") ? .refused : nil
        }
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "api") == "started")
        #expect(record["changeKey"] == nil)
        #expect(stage.log.contains("WARN the change is not kept and cannot be replayed: s3:Put"))
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.evaluateAll(stage.push())["changeKey"] != nil)
    }

    @Test(arguments: ["pointsman/ledger/x", "pointsman/changesx", "changes/x", ""])
    func `a hand-over that names another key is refused`(key: String) throws {
        let stage = try Stage()
        let result = try stage.evaluate(Array(#"{"key":"\#(key)"}"#.utf8), attempts: 1)[0]
        let error = #expect(throws: InvocationError.self) { try result.get() }
        #expect(error?.type == "Function.MalformedEvent")
        let message = "reading the hand-over: its key is not below pointsman/changes/"
        #expect(error?.message == message)
        #expect(stage.aws.calls.isEmpty)
    }

    @Test func `a rule that is too large is invalid, not read, and disturbs no other`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        stage.aws.put(
            "pointsman/rules/github/octo/mono/large.json",
            String(repeating: " ", count: 1_000_001)
        )
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "api") == "started")
        #expect(record.outcome(of: "large") == "invalid")
        #expect(
            record.rule("large")?["reason"]?.string
                == "the budget of a rule object is 65536 bytes, found 1000001"
        )
        #expect(stage.aws.calls.contains("GET pointsman/rules/github/octo/mono/api.json"))
        #expect(!stage.aws.calls.contains("GET pointsman/rules/github/octo/mono/large.json"))
    }

    @Test func `evaluate takes a raw push payload, as the functions before it did`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let payload = Array(Stage.payload("main", ["a"]).utf8)
        #expect(try stage.evaluate(payload)[0].get().outcome(of: "api") == "started")
        #expect(try stage.evaluate(payload)[0].get().outcome(of: "api") == "already-started")
        #expect(stage.aws.executions.count == 1)
    }

    @Test func `a build in another account is started as its role, on the pushed commit`() throws {
        let stage = try Stage()
        stage.build("api", role: "arn:aws:iam::210987654321:role/start")
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "api") == "started")
        #expect(stage.aws.builds.map(\.accessKeyID) == ["ASIA-tart"])
        let build = try #require(stage.aws.builds.first)
        #expect(record.rule("api")?["answer"]?.string == "api:\(build.token.prefix(8))")
        #expect(build.request["sourceVersion"]?.string == String(repeating: "b", count: 40))
        #expect(try stage.evaluateAll(stage.push()).outcome(of: "api") == "already-started")
        #expect(stage.aws.builds.count == 1)
    }

    @Test func `an assumed role is asked for once and signs its starts`() throws {
        let stage = try Stage()
        for name in ["a", "b"] {
            stage.aws.put(
                "pointsman/rules/github/octo/mono/\(name).json",
                #"{"Repository":"octo/mono","Target":{"CodePipeline":{"Name":"\#(name)","#
                    + #""RoleArn":"arn:aws:iam::123456789012:role/start","Region":"eu-west-2"}}}"#
            )
        }
        try stage.evaluateAll(stage.push())
        try stage.evaluateAll(stage.push(to: "other"))
        #expect(stage.aws.calls.filter { $0.hasPrefix("AssumeRole") }.count == 1)
        #expect(stage.aws.executions.count == 4)
    }

    @Test func `up to a start there are six round trips in a row cold, four warm; then one more`()
        throws
    {
        let stage = try Stage()
        for index in 0..<100 { stage.rule("r\(index)", "") }
        // Both versions of the secret; the hand-over; listings; rules; claims; starts. And then the
        // ledger, with the record.
        #expect(try stage.roundTrips(of: stage.push()) == [6, 7])
        // Neither the secret nor the rules.
        #expect(try stage.roundTrips(of: stage.push(to: "b")) == [4, 5])
        #expect(stage.aws.executions.count == 200)
    }
}

extension Stage {
    /// Sends an event and evaluates everything that is handed over; the last record.
    @discardableResult
    func evaluateAll(_ event: [UInt8]) throws -> JSON {
        let (status, answer) = try send(event)
        guard status == 202 else { return answer }
        var record = JSON.null
        for handOver in takeHandOvers() {
            record = try #require(evaluate(handOver).last).get()
        }
        return record
    }

    /// How many round trips a delivery has taken when its last start is sent, and in the end.
    func roundTrips(of event: [UInt8]) throws -> [Int] {
        aws.forgetCalls()
        var untilStart = 0
        aws.before = { [unowned self] call in
            if call.hasPrefix("StartPipelineExecution") { untilStart = aws.roundTrips }
        }
        defer { aws.before = { _ in } }
        try evaluateAll(event)
        return [untilStart, aws.roundTrips]
    }
}
