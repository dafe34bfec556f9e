import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct OpenShiftBuildTargetTests {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/hook-AbCdEf"
    static let pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
    private static let place = "Target.OpenShiftBuild."
    private static let secret =
        "the ARN of a secret, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"
    private static let certificates = "certificates as PEM text (-----BEGIN CERTIFICATE-----…)"

    private static func read(_ text: String) throws(InvalidRule) -> OpenShiftBuildTarget {
        try OpenShiftBuildTarget.read((try? JSON(parsing: [UInt8](text.utf8))) ?? .null)
    }

    @Test func `a target is built from the change's commit`() throws {
        var change = Change.push()
        change.cloneURL = "https://github.com/acme/app.git"
        change.author = Change.Author(name: "Mona", email: nil)
        let pem = Self.pem.replacing("\n", with: "\\n")
        let target = try Self.read(#"{"UrlSecretArn": "\#(Self.arn)", "CABundle": "\#(pem)"}"#)
        #expect(target == OpenShiftBuildTarget(urlSecretARN: Self.arn, caBundle: Self.pem))
        #expect(
            OpenShift.Revision(change)
                == OpenShift.Revision(
                    uri: "https://github.com/acme/app.git",
                    ref: "refs/heads/main",
                    commit: String(repeating: "b", count: 40),
                    author: Change.Author(name: "Mona", email: nil),
                    message: "Add a thing"
                )
        )
    }

    @Test func `what has no commit is built as the BuildConfig says`() throws {
        var change = Change.push()
        change.after = nil
        #expect(OpenShift.Revision(change) == nil)
        #expect(try Self.read(#"{"UrlSecretArn": "\#(Self.arn)"}"#).caBundle == nil)
    }

    @Test(arguments: [
        ("{}", "\(place)UrlSecretArn: required, but missing"),
        ("[]", "Target.OpenShiftBuild: expected an object, found a list"),
        (#"{"UrlSecretArn": "hook"}"#, "\(place)UrlSecretArn: expected \(secret), found 'hook'"),
        (
            #"{"UrlSecretArn": "arn:aws:iam::123456789012:role/hook"}"#,
            "\(place)UrlSecretArn: expected \(secret), found 'arn:aws:iam::123456789012:role/hook'"
        ),
        (
            ##"{"UrlSecretArn": "hook-#{branch}"}"##,
            "\(place)UrlSecretArn: expected no placeholder here, found 'hook-#{branch}'"
        ),
        (
            #"{"UrlSecretArn": "\#(arn)", "CABundle": "/etc/ca.pem"}"#,
            "\(place)CABundle: expected \(certificates), found '/etc/ca.pem'"
        ),
        (
            #"{"UrlSecretArn": "\#(arn)", "CABundle": "-----BEGIN CERTIFICATE-----"}"#,
            "\(place)CABundle: expected \(certificates), found '-----BEGIN CERTIFICATE-----'"
        ),
        (
            #"{"URLSecretArn": "\#(arn)", "UrlSecretArn": "\#(arn)"}"#,
            "\(place)URLSecretArn: unknown property, did you mean `UrlSecretArn`?"
        ),
        (
            #"{"UrlSecretArn": "\#(arn)", "RoleArn": ""}"#,
            "\(place)RoleArn: unknown property, expected one of UrlSecretArn, CABundle"
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problem: String
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == [problem])
    }
}

@Suite struct `An OpenShift build` {
    static let certificates = "-----BEGIN CERTIFICATE-----\\nMA==\\n-----END CERTIFICATE-----"
    static let unknown = "; an attempt whose end is unknown may have started it before"

    static func stage(_ openShift: FakeOpenShift) throws -> Stage {
        let stage = try Stage()
        stage.aws.secrets[FakeOpenShift.arn] = ["AWSCURRENT": "\(openShift.url)\n"]
        stage.aws.elsewhere = openShift.answer
        stage.rule(
            "web",
            target:
                #"{"OpenShiftBuild":{"UrlSecretArn":"\#(FakeOpenShift.arn)","CABundle":"\#(certificates)"}}"#
        )
        return stage
    }

    @Test func `is asked for with the pushed commit, at the secret's URL`() throws {
        let openShift = FakeOpenShift()
        let stage = try Self.stage(openShift)
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == "started")
        #expect(record.rule("web")?["answer"]?.string == "web-1")
        let commit = String(repeating: "b", count: 40)
        #expect(openShift.builds == [commit])
        #expect(
            openShift.requests == [
                HTTPRequest(
                    method: "POST",
                    origin: FakeOpenShift.origin,
                    target: FakeOpenShift.path("S3cr3tHook"),
                    headers: [
                        "Content-Type": "application/json", "Accept": "application/json",
                    ],
                    body: Array(
                        (#"{"git":{"uri":"https://github.com/octo/mono.git","ref":"refs/heads/main","#
                            + #""commit":"\#(commit)","author":{"name":"Mona","#
                            + #""email":"mona@example.com"},"message":"Mend the points"}}"#).utf8
                    ),
                    caBundle: Array(
                        "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----".utf8
                    ),
                    isRepeatable: false,
                    largestResponse: 1 << 20
                )
            ]
        )
    }

    static let here = "openshift:Build of https://openshift.test:6443: "

    @Test(arguments: [
        (
            200, FakeOpenShift.build("web-7"), "started", "web-7"
        ),
        (
            200,
            FakeOpenShift.build("web-7")
                + #"{"kind":"Status","status":"Success","message":"ignoring it and continuing"}"#,
            "started", "web-7; ignoring it and continuing"
        ),
        (
            200, #"{"kind":"Status","message":"ignoring payload and continuing with build"}"#,
            "started",
            "a build whose name the server does not tell; ignoring payload and continuing with build"
        ),
        (200, "", "started", "a build whose name the server does not tell"),
        (
            200,
            #"{"kind":"Status","message":"skipping build. None of the supplied refs matched"}"#,
            "skipped", "skipping build. None of the supplied refs matched"
        ),
        (
            200, "<html>Log in</html>", "failed",
            here + "200 UnreadableAnswer: the answer is neither a Build nor a Status" + unknown
        ),
        (
            401,
            #"{"kind":"Status","reason":"Unauthorized","message":"the webhook did not accept"}"#,
            "failed",
            here + "401 Unauthorized: the webhook did not accept; either there is no such "
                + "BuildConfig, or it has no generic webhook, or the URL's secret is not that "
                + "webhook's: the server does not tell which"
        ),
        (
            401, "", "failed",
            here + "401: either there is no such BuildConfig, or it has no generic webhook, or the "
                + "URL's secret is not that webhook's: the server does not tell which"
        ),
        (
            403, #"{"kind":"Status","reason":"Forbidden","message":"it is forbidden"}"#, "failed",
            here + "403 Forbidden: it is forbidden; since OpenShift 4.16 the role system:webhook "
                + "must be bound to system:unauthenticated in the namespace"
        ),
        (
            400,
            #"{"reason":"BadRequest","message":"unexpected hook subpath /S3cr3tHook/generic"}"#,
            "failed", here + "400 BadRequest: unexpected hook subpath /***/generic"
        ),
        (404, "not here", "failed", here + "404"),
        (302, "", "failed", here + "302"),
    ])
    func `says what the server has said`(
        status: Int,
        body: String,
        outcome: String,
        answer: String
    ) throws {
        let openShift = FakeOpenShift()
        openShift.answers = [HTTPResponse(status: status, body: Array(body.utf8))]
        let stage = try Self.stage(openShift)
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == outcome)
        #expect(record.rule("web")?["answer"]?.string == answer)
        #expect(!stage.log.contains("S3cr3tHook"))
    }

    @Test func `that the server skips is told again to a retry, and tried by a redelivery`() throws
    {
        let openShift = FakeOpenShift()
        openShift.ref = "release"
        let stage = try Self.stage(openShift)
        let handOver = try stage.handOver(of: stage.push())
        for _ in 0..<2 {
            let record = try stage.evaluate(handOver)[0].get()
            #expect(record.outcome(of: "web") == "skipped")
            #expect(
                record.rule("web")?["answer"]?.string == FakeOpenShift.skipping("refs/heads/main")
            )
        }
        #expect(openShift.requests.count == 1)
        openShift.ref = "main"
        stage.wait(1_000)
        #expect(try stage.evaluateAll(stage.push()).outcome(of: "web") == "started")
    }

    @Test(arguments: [
        "a", "http://openshift.test/x", "https://openshift.test/webhooks/a/github",
        #"{"url": "http://openshift.test/x"}"#,
    ])
    func `is refused where the secret holds no such URL, which is not shown`(text: String) throws {
        let openShift = FakeOpenShift()
        let stage = try Self.stage(openShift)
        stage.aws.secrets[FakeOpenShift.arn] = ["AWSCURRENT": text]
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == "failed")
        #expect(
            record.rule("web")?["answer"]?.string
                == "the secret \(FakeOpenShift.arn) does not hold the URL of a generic webhook, "
                + "https://…/buildconfigs/<name>/webhooks/<secret>/generic"
        )
        #expect(openShift.requests.isEmpty)
    }

    @Test func `keeps the secret for five minutes, and reads it again where it is refused`() throws
    {
        let openShift = FakeOpenShift()
        let stage = try Self.stage(openShift)
        func readings(of branch: String) throws -> Int {
            stage.aws.forgetCalls()
            openShift.ref = branch
            let record = try stage.evaluateAll(stage.push(to: branch))
            #expect(record.outcome(of: "web") == "started")
            // One more is that of the deliveries.
            return stage.aws.calls.count { $0 == "GetSecretValue AWSCURRENT" }
        }
        #expect(try readings(of: "a") == 2)
        #expect(try readings(of: "b") == 0)
        openShift.secret = "another"
        stage.aws.secrets[FakeOpenShift.arn] = ["AWSCURRENT": openShift.url]
        #expect(try readings(of: "c") == 1)
        stage.wait(300_000)
        #expect(try readings(of: "d") == 2)
        #expect(openShift.builds.count == 4)
    }

    /// The calls of an evaluation of one build.
    private func calls() throws -> Int {
        let stage = try Self.stage(FakeOpenShift())
        try stage.evaluate(stage.handOver(of: stage.push()))
        #expect(stage.aws.calls.contains("POST \(FakeOpenShift.origin)"))
        return stage.aws.calls.count
    }

    @Test(arguments: FakeAWS.Fault.allCases)
    func `is started when a call fails once, and where twice the record says so`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...(try calls()) {
            let openShift = FakeOpenShift()
            let stage = try Self.stage(openShift)
            let handOver = try stage.handOver(of: stage.push())
            var failed = ""
            stage.aws.fault = { call, name in
                if call == number { failed = name }
                return call == number ? fault : nil
            }
            let record = try #require(stage.evaluate(handOver).last).get()
            let isLost =
                failed.hasPrefix("POST https")
                && [.reset, .lostAnswer, .timedOut, .status500].contains(fault)
            #expect(record.outcome(of: "web") == "started", "\(failed)")
            let isTwice = failed.hasPrefix("POST https") && fault == .lostAnswer
            #expect(openShift.builds.count == (isTwice ? 2 : 1), "\(failed)")
            let answer = "web-\(openShift.builds.count)\(isLost ? Self.unknown : "")"
            #expect(record.rule("web")?["answer"]?.string == answer, "\(failed)")
        }
    }

    @Test(arguments: FakeAWS.Fault.allCases)
    func `is started when all calls fail until a later attempt, and where twice the record says so`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...(try calls()) {
            let openShift = FakeOpenShift()
            let stage = try Self.stage(openShift)
            let handOver = try stage.handOver(of: stage.push())
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            _ = try stage.evaluate(handOver, attempts: 1)
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            let record = try stage.evaluate(handOver)[0].get()
            let outcome = try #require(record.outcome(of: "web"))
            let answer = try #require(record.rule("web")?["answer"]?.string)
            #expect(["started", "already-started"].contains(outcome), "call \(number)")
            #expect(!openShift.builds.isEmpty, "call \(number)")
            if openShift.builds.count > 1 {
                #expect(answer.hasSuffix(Self.unknown), "call \(number)")
            }
        }
    }

    @Test func `is not asked for while its server is away, and no start is said to be open`() throws
    {
        let openShift = FakeOpenShift()
        let stage = try Self.stage(openShift)
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("POST https") ? .refused : nil }
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        let error = #expect(throws: InvocationError.self) { try result.get() }
        #expect(
            error?.message
                == "1 of 1 rules could not be started yet; pointsman/rules/github/octo/mono/web.json: "
                + Self.here + "Unreachable: POST https://openshift.test:6443: connection refused"
        )
        stage.aws.fault = { _, _ in nil }
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.rule("web")?["answer"]?.string == "web-1")
    }
}

@Suite struct `An OpenShift build whose answers are all lost` {
    @Test func `is asked for once in an invocation and twice in all, until a redelivery`() throws {
        let openShift = FakeOpenShift()
        let stage = try `An OpenShift build`.stage(openShift)
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("POST https") ? .lostAnswer : nil }
        let first = try stage.evaluate(handOver, attempts: 1)[0]
        #expect(throws: InvocationError.self) { try first.get() }
        #expect(openShift.builds.count == 1)
        for _ in 0..<3 {
            stage.wait(Stage.timeout)
            let record = try stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(record.outcome(of: "web") == "failed")
            let answer = record.rule("web")?["answer"]?.string
            #expect(
                answer?.contains("may have been started twice; redeliver to start it again") == true
            )
        }
        #expect(openShift.builds.count == 2)
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.evaluateAll(stage.push()).outcome(of: "web") == "started")
        #expect(openShift.builds.count == 3)
    }
}
