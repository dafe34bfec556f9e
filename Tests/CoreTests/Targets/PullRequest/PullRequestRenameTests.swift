import Codec
import Testing

@testable import Core

/// A repository is renamed or transferred, and its pull requests keep their pipelines.
@Suite struct `A pull request's pipeline, its repository renamed,` {
    private static let earlier = "api@acme@app@7"

    /// A pipeline that was made while the repository was `acme/app`.
    private static func stage(claim: String = "acme/app#7") throws -> Stage {
        let stage = try Stage.withTemplate()
        try stage.putClone(earlier, claim: claim, of: Stage.repositoryID)
        // Others of the template with that number, of which nothing may be touched.
        try stage.putClone("api@aaaa@other@7", claim: "aaaa/other#7", of: 6)
        try stage.putClone("api@aaaa@older@7", claim: "aaaa/older#7")
        try stage.putClone("api@aaaa@bare@7", claim: nil)
        try stage.putClone(
            "api@aaaa@not-api@7",
            claim: "acme/app#7",
            of: Stage.repositoryID,
            template: "b"
        )
        try stage.putClone("api@aaaa@app@17", claim: "acme/app#17", of: Stage.repositoryID)
        return stage
    }

    @Test(arguments: ["acme/app#7", "acme/app@7"])
    func `is run by a push`(claim: String) throws {
        let stage = try Self.stage(claim: claim)
        let record = try stage.decide(stage.pullRequest("synchronize"))
        #expect(record.outcome(of: "pr") == "started")
        #expect(
            record.rule("pr")?["answer"]?.string?
                .hasPrefix("started the pipeline 'api@acme@app@7' of octo/mono#7: execution-of-")
                == true
        )
        #expect(stage.aws.executions.map(\.pipeline) == [Self.earlier])
        #expect(stage.aws.pipelines.history == [])
        #expect(stage.aws.pipelines[Self.earlier]?.tags[Stage.timeTag] != nil)
    }

    @Test func `is not made again`() throws {
        let stage = try Self.stage()
        let record = try stage.decide(stage.pullRequest("edited"))
        #expect(record.outcome(of: "pr") == "unchanged")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "the pipeline 'api@acme@app@7' of octo/mono#7 is there already"
        )
        #expect(stage.aws.pipelines.history == [])
    }

    @Test func `is deleted by the closing`() throws {
        let stage = try Self.stage()
        let record = try stage.decide(stage.pullRequest("closed"))
        #expect(
            record.rule("pr")?["answer"]?.string
                == "deleted the pipeline 'api@acme@app@7' of octo/mono#7"
        )
        #expect(stage.aws.pipelines.history == ["deleted \(Self.earlier)"])
    }

    @Test func `is found where another repository has its name now`() throws {
        let stage = try Self.stage()
        try stage.putClone(claim: "octo/mono#7", of: 6)
        try stage.decide(stage.pullRequest("synchronize"))
        #expect(stage.aws.executions.map(\.pipeline) == [Self.earlier])
        try stage.decide(stage.pullRequest("closed"))
        #expect(stage.aws.pipelines.history == ["deleted \(Self.earlier)"])
    }

    @Test(arguments: ["opened", "synchronize", "closed"])
    func `is not another repository's that had the same name`(action: String) throws {
        let stage = try Stage.withTemplate()
        try stage.putClone(of: 6)
        let record = try stage.decide(stage.pullRequest(action))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "the pipeline 'api@octo@mono@7' is not octo/mono#7's and was left as it is: it "
                + "is claimed for 'octo/mono#7' of the repository github:6"
        )
        #expect(stage.aws.pipelines.history == [])
        #expect(stage.aws.executions.isEmpty)
    }

    @Test func `is made where there is none by its tags, of which the template is one`() throws {
        let stage = try Self.stage()
        stage.aws.pipelines[Self.earlier] = nil
        let record = try stage.decide(stage.pullRequest("synchronize"))
        #expect(record.outcome(of: "pr") == "started")
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
        // Listed once, to be looked for and to be counted.
        #expect(stage.aws.calls.filter { $0.hasPrefix("ListPipelines") }.count == 1)
    }

    @Test func `made before it had an id is found by its name, and gets one with the next start`()
        throws
    {
        let stage = try Stage.withTemplate()
        try stage.putClone()
        try stage.decide(stage.pullRequest("synchronize"))
        #expect(stage.aws.executions.count == 1)
        #expect(stage.aws.pipelines[Stage.clone]?.tags[Stage.repositoryTag] == "github:5")
    }

    @Test func `is found by its name by a change that says no id`() throws {
        let stage = try Stage.withTemplate()
        try stage.putClone(of: 6)
        let record = try stage.decide(stage.pullRequest("closed", id: nil))
        #expect(record.outcome(of: "pr") == "started")
        #expect(!stage.aws.calls.contains { $0.hasPrefix("ListPipelines") })
        #expect(stage.aws.pipelines.history == ["deleted \(Stage.clone)"])
    }
}

/// A tag says what a pipeline was last of use for, so that no late closing deletes it.
@Suite struct `A pull request's pipeline, once started,` {
    private static func at(_ minute: Int) -> String { "2026-09-21T01:\(minute):00Z" }

    @Test func `is not deleted by a closing that was before, however late it comes`() throws {
        // The tag holds also where the rule does not keep the order.
        let stage = try Stage.withTemplate(rule: #""Order":"every""#)
        try stage.decide(stage.pullRequest("opened", at: "2026-09-21T01:00:00Z"))
        let closing = try stage.handOver(of: stage.pullRequest("closed", at: Self.at(10)))
        try stage.decide(stage.pullRequest("reopened", at: Self.at(11)))
        try stage.decide(stage.pullRequest("synchronize", at: Self.at(12)))
        let record = try stage.evaluate(closing)[0].get()
        #expect(record.outcome(of: "pr") == "unchanged")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "the pipeline 'api@octo@mono@7' of octo/mono#7 was made or started for what "
                + "happened at 2026-09-21T01:12:00.000Z, after this, at 2026-09-21T01:10:00.000Z"
        )
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
        #expect(stage.aws.executions.count == 2)
        let end = try stage.decide(stage.pullRequest("closed", at: Self.at(13)))
        #expect(end.outcome(of: "pr") == "started")
        #expect(stage.aws.pipelines.names == ["api"])
    }

    @Test func `is not deleted where a later event found that it is there already`() throws {
        let stage = try Stage.withTemplate()
        try stage.decide(stage.pullRequest("opened", at: Self.at(10)))
        try stage.decide(stage.pullRequest("edited", at: Self.at(12)))
        try stage.decide(stage.pullRequest("closed", at: Self.at(11)))
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
    }

    @Test func `is neither run nor deleted by what was before, where the rule keeps the order`()
        throws
    {
        let stage = try Stage.withTemplate()
        try stage.decide(stage.pullRequest("opened", at: Self.at(10)))
        try stage.decide(stage.pullRequest("synchronize", at: Self.at(12)))
        for action in ["synchronize", "closed"] {
            let record = try stage.decide(stage.pullRequest(action, at: Self.at(11)))
            #expect(record.outcome(of: "pr") == "skipped")
            #expect(record.rule("pr")?["clause"]?.string == "Order")
        }
        #expect(stage.aws.executions.count == 1)
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
    }

    @Test func `keeps the newest time, and is not asked to change what is right`() throws {
        let stage = try Stage.withTemplate(rule: #""Order":"every""#)
        try stage.decide(stage.pullRequest("opened", at: Self.at(10)))
        try stage.decide(stage.pullRequest("synchronize", at: Self.at(12)))
        stage.aws.forgetCalls()
        try stage.decide(stage.pullRequest("synchronize", at: Self.at(11)))
        #expect(stage.aws.executions.count == 2)
        #expect(
            stage.aws.pipelines[Stage.clone]?.tags[Stage.timeTag] == "2026-09-21T01:12:00.000Z"
        )
        #expect(!stage.aws.calls.contains { $0.hasPrefix("TagResource") })
    }

    @Test(arguments: [
        ("synchronize", "started"), ("edited", "unchanged"),
    ])
    func `loses no start where its tags may not be set, and says so`(
        action: String,
        outcome: String
    ) throws {
        let stage = try Stage.withTemplate()
        try stage.putClone()
        stage.aws.pipelines.tagError = FakePipelines.Failure(code: "AccessDeniedException")
        let record = try stage.decide(stage.pullRequest(action))
        #expect(record.outcome(of: "pr") == outcome)
        #expect(
            record.rule("pr")?["answer"]?.string?.hasSuffix(
                "; its tags could not be renewed: codepipeline:TagResource of "
                    + "arn:aws:codepipeline:eu-west-1:123456789012:api@octo@mono@7: "
                    + "400 AccessDeniedException: as scripted"
            ) == true
        )
        #expect(stage.aws.executions.count == (action == "synchronize" ? 1 : 0))
        #expect(stage.aws.pipelines.history == [])
    }

    @Test func `is made anew where it is deleted before its tags are set`() throws {
        let stage = try Stage.withTemplate()
        try stage.putClone()
        stage.aws.before = { [unowned stage] name in
            if name.hasPrefix("TagResource") { stage.aws.pipelines[Stage.clone] = nil }
        }
        let record = try stage.decide(stage.pullRequest("synchronize"))
        #expect(record.outcome(of: "pr") == "started")
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
        #expect(stage.aws.executions.isEmpty)
    }
}

/// A pull request from another repository.
@Suite struct `A fork's pull request` {
    @Test(arguments: ["", #","Forks":"skip""#])
    func `has no pipeline unless the rule allows forks`(forks: String) throws {
        let stage = try Stage.withTemplate(rule: #""Branches":["main"]\#(forks)"#)
        let event = stage.pullRequest("opened", from: "other/mono")
        let record = try stage.decide(event)
        #expect(record.outcome(of: "pr") == "skipped")
        #expect(record.rule("pr")?["clause"]?.string == "Forks")
        #expect(
            record.rule("pr")?["reason"]?.string
                == "the pull request comes from the fork 'other/mono': "
                + "the rule does not say Forks: allow"
        )
        #expect(stage.aws.pipelines.names == ["api"])
    }

    @Test func `has a pipeline on the fork's branch where the rule allows forks`() throws {
        let stage = try Stage.withTemplate(rule: #""Forks":"allow""#)
        try stage.decide(stage.pullRequest("opened", from: "other/mono"))
        let text = stage.aws.pipelines[Stage.clone]?.declaration.encoded() ?? []
        #expect(
            String(decoding: text, as: UTF8.self).contains(#""FullRepositoryId":"other/mono""#)
        )
    }

    @Test(arguments: ["closed", "edited"])
    func `loses the pipeline that was made while forks were allowed`(action: String) throws {
        let stage = try Stage.withTemplate(rule: #""Branches":["main"]"#)
        try stage.putClone()
        let event = stage.pullRequest(
            action,
            base: action == "edited" ? "dev" : "main",
            from: "other/mono"
        )
        #expect(try stage.decide(event).outcome(of: "pr") == "started")
        #expect(stage.aws.pipelines.history == ["deleted \(Stage.clone)"])
    }

    @Test(arguments: [("", "skipped", 0), (#","Forks":"allow""#, "started", 1)])
    func `starts no other target either`(forks: String, outcome: String, count: Int) throws {
        let stage = try Stage()
        stage.aws.put(
            "\(Stage.prefix)/rules/github/octo/mono/ci.json",
            #"{"Repository":"octo/mono","Events":["pull_request"]\#(forks),"#
                + #""Target":{"CodePipeline":{"Name":"ci"}}}"#
        )
        let record = try stage.decide(stage.pullRequest("opened", from: "stranger/app"))
        #expect(record.outcome(of: "ci") == outcome)
        #expect(stage.aws.executions.count == count)
    }

    @Test func `of a rule that says it at the target is invalid, and says where it belongs`() throws
    {
        let stage = try Stage.withTemplate(target: #","Forks":"allow""#)
        let record = try stage.decide(stage.pullRequest("opened", from: "other/mono"))
        #expect(record.outcome(of: "pr") == "invalid")
        #expect(
            record.rule("pr")?["reason"]?.string
                == "Target.PullRequestPipeline.Forks: unknown property, "
                + "it belongs to the rule itself, beside Target"
        )
    }
}
