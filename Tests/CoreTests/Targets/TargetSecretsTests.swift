import AWS
import Codec
import Platform
import Testing

@testable import Core

/// What a rule's author may not do with the secrets of others.
@Suite struct `A rule that names a secret` {
    static let token = FakeKubernetes.arn

    private static func rule(_ server: String = FakeKubernetes.origin, secret: String = token)
        -> String
    {
        #"{"KubernetesDeployment":{"Server":"\#(server)","TokenSecretArn":"\#(secret)","#
            + #""Namespace":"shop","Deployment":"web","Container":"app","Image":"octo/app:2"}}"#
    }

    @Test(arguments: [
        token, "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token",
    ])
    func `of Pointsman's own is refused, and the secret is not read`(secret: String) throws {
        let stage = try Stage(["GITHUB_TOKEN_ARN": Self.token])
        stage.aws.secrets[secret] = ["AWSCURRENT": "ghp_VERYSECRET"]
        stage.rule("web", target: Self.rule("https://attacker.test", secret: secret))
        let handOver = try stage.handOver(of: stage.push())
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "web") == "failed")
        #expect(record.rule("web")?["clause"]?.string == "Target")
        #expect(
            record.rule("web")?["answer"]?.string
                == "Target.KubernetesDeployment.TokenSecretArn: the secret \(secret) is Pointsman's "
                + "own, which GITHUB_TOKEN_ARN names: no target may use it"
        )
        #expect(!stage.aws.calls.contains { $0.hasPrefix("GetSecretValue") })
        #expect(!stage.aws.calls.contains { $0.contains("attacker") })
    }

    @Test(arguments: [
        (
            FakeKubernetes.secret("T0ken"), "https://attacker.test",
            "may not go to https://attacker.test: its 'server' is another one"
        ),
        (
            FakeKubernetes.secret("T0ken", also: #","repositories":["acme/*"]"#),
            FakeKubernetes.origin,
            "may not be used by rules about octo/mono: none of its 'repositories' matches"
        ),
        (
            "T0ken", FakeKubernetes.origin,
            #"is plain text, which does not say where it may go: expected {"server": "https://host:6443", "token": "…"}"#
        ),
    ])
    func `that may not go there sends nothing, once and for all`(
        value: String,
        server: String,
        problem: String
    ) throws {
        let kubernetes = FakeKubernetes()
        let stage = try Stage()
        stage.aws.elsewhere = kubernetes.answer
        stage.aws.secrets[Self.token] = ["AWSCURRENT": value]
        stage.rule("web", target: Self.rule(server))
        let handOver = try stage.handOver(of: stage.push())
        // The second time it is the ledger that says so.
        for _ in 0..<2 {
            let record = try stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(record.outcome(of: "web") == "failed")
            #expect(record.rule("web")?["clause"]?.string == "Target")
            #expect(record.rule("web")?["answer"]?.string == "the secret \(Self.token) \(problem)")
        }
        #expect(kubernetes.requests.isEmpty)
        #expect(stage.aws.calls.count { $0.hasPrefix("GetSecretValue") } == 1)
        #expect(!stage.log.contains("T0ken"))
    }

    @Test func `is checked each, whoever has read the secret before`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try Stage()
        stage.aws.elsewhere = kubernetes.answer
        stage.aws.secrets[Self.token] = ["AWSCURRENT": FakeKubernetes.secret("T0ken")]
        stage.rule("a", target: Self.rule())
        try stage.evaluateAll(stage.push())
        stage.rule("b", target: Self.rule("https://attacker.test"))
        let record = try stage.evaluateAll(stage.push(to: "other"))
        #expect(record.outcome(of: "a") == "unchanged")
        #expect(record.outcome(of: "b") == "failed")
        #expect(kubernetes.requests.allSatisfy { $0.origin == FakeKubernetes.origin })
    }

    @Test func `goes by the secret's new server at once where the kept one refuses`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try Stage()
        stage.aws.elsewhere = kubernetes.answer
        stage.aws.secrets[Self.token] = ["AWSCURRENT": FakeKubernetes.secret("T0ken")]
        stage.rule("a", target: Self.rule())
        try stage.evaluateAll(stage.push())
        let moved = "https://moved.test"
        stage.aws.secrets[Self.token] = [
            "AWSCURRENT": FakeKubernetes.secret("T0ken", server: moved)
        ]
        stage.rule("a", target: Self.rule(moved))
        let record = try stage.evaluateAll(stage.push(to: "other"))
        #expect(record.outcome(of: "a") == "unchanged")
        #expect(kubernetes.requests.last?.origin == moved)
        // What it no longer names is refused once the kept value has ended.
        stage.rule("a", target: Self.rule())
        let refused = try stage.evaluateAll(stage.push(to: "third"))
        #expect(refused.outcome(of: "a") == "failed")
    }

    @Test func `of a webhook or a token is bound to repositories too`() throws {
        let openShift = FakeOpenShift()
        let stage = try Stage()
        stage.aws.elsewhere = openShift.answer
        let target = #"{"OpenShiftBuild":{"UrlSecretArn":"\#(FakeOpenShift.arn)"}}"#
        stage.rule("web", target: target)
        for (repositories, branch, outcome) in [
            (#"["acme/*"]"#, "main", "failed"), (#"["OCTO/*"]"#, "main", "started"),
        ] {
            stage.aws.secrets[FakeOpenShift.arn] = [
                "AWSCURRENT": #"{"url":"\#(openShift.url)","repositories":\#(repositories)}"#
            ]
            stage.wait(1_000)
            let record = try stage.evaluateAll(stage.push(to: branch))
            #expect(record.outcome(of: "web") == outcome)
            #expect(!stage.log.contains(openShift.secret))
        }
        #expect(openShift.builds.count == 1)
    }

    @Test(arguments: ["Create", "Update"])
    func `of Pointsman's own is refused to a stack`(type: String) throws {
        let stage = try Stage()
        let resource = try stage.function("resource", ["GITHUB_TOKEN_ARN": Self.token])
        let old = type == "Update" ? #","PhysicalResourceId":"x","OldResourceProperties":{}"# : ""
        let event =
            #"{"RequestType":"\#(type)","RequestId":"r","ResponseURL":"https://cloudformation.test/x","#
            + #""StackId":"\#(Stack.id)","LogicalResourceId":"Trigger","#
            + #""ResourceType":"Custom::PipelineTrigger"\#(old),"#
            + #""ResourceProperties":{"ServiceToken":"s","Repository":"octo/mono","#
            + #""Target":\#(Self.rule())}}"#
        let invocation = try stage.invocation(Array(event.utf8), requestID: "r")
        let answer = (try? resource(invocation)).flatMap { try? JSON(parsing: $0) }
        if let answer {
            #expect(answer["Status"]?.string == "FAILED")
            #expect(
                answer["Reason"]?.string
                    == "Target.KubernetesDeployment.TokenSecretArn: the secret \(Self.token) is "
                    + "Pointsman's own, which GITHUB_TOKEN_ARN names: no target may use it"
            )
        } else {
            // The answer could not be delivered to the made-up URL, but the reason was logged.
            #expect(stage.log.contains("which GITHUB_TOKEN_ARN names: no target may use it"))
        }
        #expect(stage.aws.objects.keys.allSatisfy { !$0.contains("/rules/") })
    }
}
