import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct `A target's secret` {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf"

    private func value(
        _ text: String,
        _ use: TargetSecret.Use,
        _ repository: String = "Octo/Mono"
    ) throws(TargetSecret.Refusal) -> String {
        let secret = TargetSecret(Secret(text), arn: Self.arn)
        return String(decoding: try secret.value(for: use, of: repository).revealed, as: UTF8.self)
    }

    private static func server() throws -> TargetSecret.Use {
        .serverToken(try #require(HTTPSURL("https://api.test:6443/k8s")))
    }

    @Test(arguments: [
        (TargetSecret.Use.url, "https://a.test/b\n", "https://a.test/b"),
        (.url, #" {"url": "https://a.test/b\n"}"#, "https://a.test/b"),
        (.url, #"{"url": "https://a.test", "repositories": ["octo/*"]}"#, "https://a.test"),
        (.token, "T0ken\r\n", "T0ken"),
        (.token, #"{"token": "T0ken", "repositories": null}"#, "T0ken"),
        (.token, #"{"token": "T0ken", "repositories": ["x/y", "OCTO/m?n[O]"]}"#, "T0ken"),
        (.token, #"{"repositories": ["**"], "token": "T0ken"}"#, "T0ken"),
    ])
    func `is a text or an object`(use: TargetSecret.Use, text: String, sent: String) throws {
        #expect(try value(text, use) == sent)
    }

    @Test(arguments: [
        "https://api.test:6443", "HTTPS://API.test:6443/", "https://api.test:06443/other",
    ])
    func `goes to the server that it names`(server: String) throws {
        let text = #"{"server": "\#(server)", "token": "T0ken", "repositories": ["octo/mono"]}"#
        #expect(try value(text, try Self.server()) == "T0ken")
    }

    static let noServer =
        "has a 'server' that is no URL such as https://host:6443, without user information, "
        + "query, fragment and white space"
    static let another = "may not go to https://api.test:6443: its 'server' is another one"

    @Test(arguments: [
        (
            "T0ken",
            #"is plain text, which does not say where it may go: expected {"server": "https://host:6443", "token": "…"}"#
        ),
        (" \n", "is empty"),
        (#"{"token": "T0ken"}"#, "has no 'server'"),
        (#"{"server": "https://api.test:6443"}"#, "has no 'token'"),
        (
            #"{"server": ["https://api.test:6443"], "token": "T0ken"}"#,
            "has a 'server' that is a list, expected a string"
        ),
        (
            #"{"server": "https://api.test:6443", "token": 7}"#,
            "has a 'token' that is a number, expected a string"
        ),
        (
            #"{"server": "https://api.test:6443", "token": " "}"#,
            "is of no use: its 'token' is empty"
        ),
        (
            #"{"server": "https://api.test:6443", "token": "T0 ken"}"#,
            "is of no use: its 'token' holds white space or a character that is not of ASCII"
        ),
        (
            #"{"server": "https://api.test:6443", "token": "T0k\né"}"#,
            "is of no use: its 'token' holds white space or a character that is not of ASCII"
        ),
        (#"{"server": "https://api.test", "token": "T0ken"}"#, another),
        (#"{"server": "https://evil.test:6443", "token": "T0ken"}"#, another),
        (#"{"server": "https://api.test.:6443", "token": "T0ken"}"#, another),
        (#"{"server": "http://api.test:6443", "token": "T0ken"}"#, noServer),
        (#"{"server": "https://u:p@api.test:6443", "token": "T0ken"}"#, noServer),
        (#"{"server": "https://api.test:6443?a", "token": "T0ken"}"#, noServer),
        (#"{"server": "https://api.test:6443/#a", "token": "T0ken"}"#, noServer),
        (#"{"server": " https://api.test:6443", "token": "T0ken"}"#, noServer),
        (
            #"{"server": "https://api.test:6443", "token": "T0ken", "ghp_T0ken": 1}"#,
            "has a member that is none of server, token, repositories"
        ),
        (
            #"{"server": "https://api.test:6443", "token": "T0ken", "token": "T0ken"}"#,
            "has the member 'token' twice"
        ),
        (#"{"token": "T0ken""#, "begins with '{', but is no JSON: see byte 17"),
    ])
    func `for a server is refused where it does not say that it may go there`(
        text: String,
        problem: String
    ) throws {
        let error = #expect(throws: TargetSecret.Refusal.self) {
            try value(text, try Self.server())
        }
        #expect(error?.description == "the secret \(Self.arn) \(problem)")
        #expect(error?.description.contains("T0k") == false)
    }

    @Test(arguments: [
        ("[]", "has an empty list of 'repositories', so that no rule may use it"),
        (#""octo/*""#, "has 'repositories' that are a string, expected a list of globs"),
        ("{}", "has 'repositories' that are an object, expected a list of globs"),
        (#"["octo/*", "[a"]"#, "has 'repositories[1]' that is no glob"),
        (#"["octo/*", 7]"#, "has 'repositories[1]' that is no glob"),
        (#"["", "octo/*"]"#, "has 'repositories[0]' that is no glob"),
        (
            #"["acme/*", "octo", "*", "octo/mono/"]"#,
            "may not be used by rules about octo/mono: none of its 'repositories' matches"
        ),
    ])
    func `is refused to rules about a repository that it does not name`(
        repositories: String,
        problem: String
    ) throws {
        for (use, member) in [(TargetSecret.Use.url, "url"), (.token, "token")] {
            let text = #"{"\#(member)": "https://s3cret.test", "repositories": \#(repositories)}"#
            let error = #expect(throws: TargetSecret.Refusal.self) { try value(text, use) }
            #expect(error?.description == "the secret \(Self.arn) \(problem)")
        }
    }

    @Test func `that is a text of several words is refused`() {
        let error = #expect(throws: TargetSecret.Refusal.self) { try value("T0 ken", .token) }
        #expect(
            error?.description
                == "the secret \(Self.arn) is of no use: it holds white space or a character that "
                + "is not of ASCII"
        )
    }
}

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

@Suite struct `A secret of Pointsman's own` {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"

    private func problems(_ own: [String: String], _ arn: String) throws -> [String] {
        let target = try Target.read(
            .object([
                .init(
                    key: "OpenShiftBuild",
                    value: .object([.init(key: "UrlSecretArn", value: .string(arn))])
                )
            ])
        )
        return OwnSecrets { own[$0] }.problems(of: target).map(\.description)
    }

    @Test(arguments: [
        ("\(arn)github-AbCdEf", "\(arn)github-AbCdEf", true),
        ("\(arn)github-AbCdEf", "\(arn)github", true),
        ("\(arn)github", "\(arn)github-AbCdEf", true),
        ("\(arn)github", "\(arn)github", true),
        ("github", "\(arn)github-AbCdEf", true),
        ("github", "\(arn)github", true),
        ("github-AbCdEf", "\(arn)github-AbCdEf", true),
        // Another region's replica has the same suffix, a copy by hand has its own.
        (
            "\(arn)github-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-AbCdEf", true
        ),
        (
            "\(arn)github-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-GhIjKl", true
        ),
        // The six characters may be the name's own.
        ("\(arn)my-github-AbCdEf", "\(arn)my-github", true),
        ("\(arn)my-github", "\(arn)my-github-AbCdEf", true),
        ("\(arn)my-secret", "\(arn)my-secret-AbCdEf", true),
        ("\(arn)my-secret-AbCdEf", "\(arn)my-secret", true),
        (
            "\(arn)github-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:999999999999:secret:github-AbCdEf", false
        ),
        ("\(arn)github-AbCdEf", "\(arn)github2-AbCdEf", false),
        ("\(arn)github-AbCdEf", "\(arn)GitHub-AbCdEf", false),
        ("\(arn)github-AbCdEf", "\(arn)ci/github-AbCdEf", false),
        ("\(arn)github-AbCdEf", "\(arn)github-AbCdE", false),
        ("github", "\(arn)github-AbCd_f", false),
    ])
    func `is known however it is written`(own: String, target: String, isOwn: Bool) throws {
        let found = try problems(["GITHUB_TOKEN_ARN": own], target)
        let message =
            "Target.OpenShiftBuild.UrlSecretArn: the secret \(target) is Pointsman's own, which "
            + "GITHUB_TOKEN_ARN names: no target may use it"
        #expect(found == (isOwn ? [message] : []))
    }

    @Test(arguments: [
        "GITHUB_SECRET_ARN", "GITHUB_TOKEN_ARN", "DOCKERHUB_TOKEN_ARN", "GITEA_SECRET_ARN",
        "GITEA_TOKEN_ARN", "GITLAB_SECRET_ARN", "GITLAB_TOKEN_ARN",
    ])
    func `is one of these variables'`(variable: String) throws {
        #expect(try problems([variable: "x"], "\(Self.arn)x-AbCdEf").count == 1)
        #expect(try problems([variable: ""], "\(Self.arn)x-AbCdEf").isEmpty)
    }
}
