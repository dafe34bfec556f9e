import Codec
import Platform
import Testing

@testable import Core

@Suite struct `The GitHub secret` {
    @Test func `is accepted in its current and in its previous version`() throws {
        let stage = try Stage()
        stage.aws.secrets["github"] = ["AWSCURRENT": "new", "AWSPREVIOUS": "old"]
        #expect(try stage.send(stage.push(signedWith: "new")).status == 202)
        #expect(try stage.send(stage.push(signedWith: "old")).status == 202)
        #expect(try stage.send(stage.push(signedWith: "older")).status == 401)
    }

    @Test func `is kept for five minutes`() throws {
        let stage = try Stage()
        for _ in 0..<10 {
            try stage.send(stage.push())
            stage.wait(29_999)
        }
        #expect(stage.secretReads == 1)
        stage.wait(1_000)
        try stage.send(stage.push())
        #expect(stage.secretReads == 2)
    }

    @Test func `is read once more when it was rotated since`() throws {
        let stage = try Stage()
        try stage.send(stage.push())
        stage.wait(1_000)
        stage.aws.secrets["github"] = ["AWSCURRENT": "new", "AWSPREVIOUS": Stage.secret]
        #expect(try stage.send(stage.push(signedWith: "new")).status == 202)
        #expect(stage.secretReads == 2)
    }

    @Test func `is read for forged deliveries every two seconds at the most`() throws {
        let stage = try Stage()
        for _ in 0..<100 {
            #expect(try stage.send(stage.push(signedWith: "guess")).status == 401)
            stage.wait(100)
        }
        #expect(stage.secretReads == 5)
    }

    @Test func `that was rotated is good two seconds later, whatever is forged meanwhile`() throws {
        let stage = try Stage()
        try stage.send(stage.push())
        var statuses: [Int] = []
        for tenth in 0..<40 {
            try stage.send(stage.push(signedWith: "guess"))
            if tenth == 5 {
                stage.aws.secrets["github"] = ["AWSCURRENT": "new", "AWSPREVIOUS": Stage.secret]
            }
            if tenth >= 5 { statuses.append(try stage.send(stage.push(signedWith: "new")).status) }
            #expect(try stage.send(stage.push()).status == 202)
            stage.wait(100)
        }
        let refused = statuses.prefix { $0 == 401 }.count
        #expect(refused == 15)
        #expect(statuses.dropFirst(refused).allSatisfy { $0 == 202 })
    }

    @Test func `that was ended is refused when it is read again`() throws {
        let stage = try Stage()
        stage.aws.secrets["github"] = ["AWSCURRENT": "new", "AWSPREVIOUS": "old"]
        #expect(try stage.send(stage.push(signedWith: "old")).status == 202)
        stage.aws.secrets["github"] = ["AWSCURRENT": "new"]
        stage.wait(299_999)
        #expect(try stage.send(stage.push(signedWith: "old")).status == 202)
        stage.wait(1)
        #expect(try stage.send(stage.push(signedWith: "old")).status == 401)
    }

    static let digits = String(repeating: "0", count: 64)
    static let unsigned: [[(String, String)]] = [
        [],
        [("x-hub-signature-256", "")],
        [("x-hub-signature-256", digits)],
        [("x-hub-signature-256", "sha256=")],
        [("x-hub-signature-256", "sha256=" + digits.dropLast())],
        [("x-hub-signature-256", "sha256=" + digits + "0")],
        [("x-hub-signature-256", "sha256=" + digits.dropLast() + "g")],
        [("x-hub-signature-256", "SHA256=" + digits)],
        [("x-hub-signature-256", " sha256=" + digits)],
        [("x-hub-signature-256", "sha1=" + digits.prefix(40))],
        [("x-hub-signature-256", "sha256=é" + digits.dropLast(2))],
        [("x-hub-signature", "sha256=" + digits)],
        [("x-hub-signature", "sha1=" + digits.prefix(39))],
        [("x-hub-signature-256", "no"), ("x-hub-signature", "sha1=" + digits.prefix(40))],
    ]

    @Test(arguments: unsigned, ["false", "true"])
    func `is not read for a request without a signature that could be one`(
        headers: [(String, String)],
        allowsSHA1: String
    ) throws {
        let stage = try Stage(["GITHUB_ALLOW_SHA1": allowsSHA1])
        let (status, answer) = try stage.send(Stage.request(headers))
        #expect(status == 401)
        #expect(answer["reason"]?.string == "signature absent or wrong")
        #expect(stage.aws.calls.isEmpty)
    }

    @Test(arguments: [("false", 0), ("true", 1)])
    func `is read for a SHA-1 signature only where that is allowed`(
        allowsSHA1: String,
        reads: Int
    ) throws {
        let stage = try Stage(["GITHUB_ALLOW_SHA1": allowsSHA1])
        let signature = ("X-Hub-Signature", "sha1=" + Self.digits.prefix(40))
        #expect(try stage.send(Stage.request([signature])).status == 401)
        #expect(stage.secretReads == reads)
    }

    @Test func `is not read for a request that is another provider's`() throws {
        let stage = try Stage()
        let signature = ("x-hub-signature-256", "sha256=" + Self.digits)
        let (status, answer) = try stage.send(
            Stage.request([signature, ("X-Gitea-Event", "push")])
        )
        #expect(status == 400)
        #expect(answer["outcome"]?.string == "malformed")
        #expect(stage.aws.calls.isEmpty)
    }

    /// What is known of a version: its value, that there is none, or that it could not be read.
    enum Version {
        case value(String), none, throttled, denied

        func set(_ name: String, on stage: Stage) {
            switch self {
            case .value(let value): stage.aws.secrets["github", default: [:]][name] = value
            case .none: break
            case .throttled: stage.aws.secretErrors[name] = (400, "ThrottlingException")
            case .denied: stage.aws.secretErrors[name] = (400, "AccessDeniedException")
            }
        }
    }

    static let whole = "the GitHub secret cannot be read"
    static let part = "a version of the GitHub secret cannot be read"
    static let refused = "signature absent or wrong"

    @Test(arguments: [
        (
            Version.value("new"), Version.value("old"), "new", 202,
            "push to main of octo/mono, 1 path"
        ),
        (.value("new"), .value("old"), "old", 202, "push to main of octo/mono, 1 path"),
        (.value("new"), .value("old"), "guess", 401, refused),
        (.value("new"), .none, "new", 202, "push to main of octo/mono, 1 path"),
        (.value("new"), .none, "guess", 401, refused),
        (.value("new"), .throttled, "new", 202, "push to main of octo/mono, 1 path"),
        (.value("new"), .throttled, "old", 503, part),
        (.value("new"), .denied, "new", 202, "push to main of octo/mono, 1 path"),
        (.value("new"), .denied, "old", 503, part),
        (.throttled, .value("old"), "old", 202, "push to main of octo/mono, 1 path"),
        (.throttled, .value("old"), "new", 503, part),
        (.denied, .value("old"), "old", 202, "push to main of octo/mono, 1 path"),
        (.denied, .value("old"), "new", 503, part),
        (.none, .value("old"), "old", 202, "push to main of octo/mono, 1 path"),
        (.none, .value("old"), "new", 503, part),
        (.throttled, .none, "new", 503, whole),
        (.denied, .none, "new", 503, whole),
        (.throttled, .throttled, "new", 503, whole),
        (.denied, .denied, "new", 503, whole),
        (.none, .none, "new", 503, whole),
    ])
    func `is as good as the versions that can be read`(
        current: Version,
        previous: Version,
        signedWith secret: String,
        status: Int,
        reason: String
    ) throws {
        let stage = try Stage()
        stage.aws.secrets["github"] = [:]
        current.set("AWSCURRENT", on: stage)
        previous.set("AWSPREVIOUS", on: stage)
        let answer = try stage.send(stage.push(signedWith: secret))
        #expect(answer.status == status)
        #expect(answer.answer["reason"]?.string == reason)
    }

    @Test func `keeps of a version what was known where it cannot be read again`() throws {
        let stage = try Stage()
        stage.aws.secrets["github"] = ["AWSCURRENT": "new", "AWSPREVIOUS": "old"]
        try stage.send(stage.push(signedWith: "new"))
        stage.wait(WebhookSecret.lifetime)
        stage.aws.secretErrors["AWSPREVIOUS"] = (400, "AccessDeniedException")
        #expect(try stage.send(stage.push(signedWith: "old")).status == 202)
        #expect(try stage.send(stage.push(signedWith: "guess")).status == 503)
        stage.aws.secretErrors = [:]
        stage.wait(SecretStore.pauseAfterFailure)
        #expect(try stage.send(stage.push(signedWith: "guess")).status == 401)
    }

    static let later = "the GitHub secret cannot be read: reading it failed a moment ago"

    @Test(arguments: FakeAWS.Fault.failures)
    func `is asked for again a second after the store failed, and not before`(
        fault: FakeAWS.Fault
    ) throws {
        let stage = try Stage()
        stage.aws.fault = { _, name in name.hasPrefix("GetSecretValue") ? fault : nil }
        let began = stage.now
        let first = try stage.send(stage.push(signedWith: "guess"))
        #expect(first.status == 503)
        #expect(first.answer["reason"]?.string == Self.whole)
        #expect(stage.now.milliseconds - began.milliseconds < ResponseDeadline.responseWithin)
        stage.aws.forgetCalls()
        // A flood of forged requests, and a right one among them.
        for secret in Array(repeating: "guess", count: 9) + [Stage.secret] {
            let before = stage.now
            let answer = try stage.send(stage.push(signedWith: secret))
            #expect(answer.status == 503)
            #expect(answer.answer["outcome"]?.string == "unavailable")
            #expect(answer.answer["reason"]?.string == Self.later)
            #expect(stage.now == before)
            stage.wait(99)
        }
        #expect(stage.aws.calls.isEmpty)
        stage.wait(10)
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.send(stage.push()).status == 202)
        #expect(stage.secretReads == 1)
    }

    @Test func `is asked for again a second after one version failed, and not before`() throws {
        let stage = try Stage()
        stage.aws.secretErrors["AWSPREVIOUS"] = (500, "InternalServiceError")
        #expect(try stage.send(stage.push(signedWith: "guess")).status == 503)
        stage.aws.forgetCalls()
        for _ in 0..<10 {
            #expect(try stage.send(stage.push(signedWith: "guess")).status == 503)
            stage.wait(99)
        }
        #expect(stage.aws.calls.isEmpty)
    }

    @Test func `waits with the other one for a store that fails`() throws {
        let stage = try Stage(["DOCKERHUB_TOKEN_ARN": "dockerhub"])
        stage.aws.fault = { _, name in name.hasPrefix("GetSecretValue") ? .status500 : nil }
        let first = try stage.send(Stage.request([], path: "/dockerhub/guess"))
        #expect(first.status == 503)
        #expect(first.answer["reason"]?.string == "the Docker Hub token cannot be read")
        stage.aws.forgetCalls()
        #expect(try stage.send(stage.push()).answer["reason"]?.string == Self.later)
        #expect(stage.aws.calls.isEmpty)
    }

    @Test func `does not wait for another one that is not there or may not be read`() throws {
        for code in ["ResourceNotFoundException", "AccessDeniedException"] {
            let stage = try Stage(["DOCKERHUB_TOKEN_ARN": "dockerhub"])
            stage.aws.secretErrors["AWSCURRENT"] = (400, code)
            #expect(try stage.send(Stage.request([], path: "/dockerhub/guess")).status == 503)
            stage.aws.secretErrors = [:]
            stage.aws.forgetCalls()
            #expect(try stage.send(stage.push()).status == 202)
            #expect(try stage.send(Stage.request([], path: "/dockerhub/guess")).status == 503)
            #expect(stage.secretReads == 1)
        }
    }

    @Test(arguments: FakeAWS.Fault.failures)
    func `at hand hands over in time what it has signed while the store is away`(
        fault: FakeAWS.Fault
    ) throws {
        let stage = try Stage()
        try stage.send(stage.push())
        stage.wait(600_000)
        stage.aws.fault = { _, name in name.hasPrefix("GetSecretValue") ? fault : nil }
        let began = stage.now
        #expect(try stage.send(stage.push()).status == 202)
        #expect(stage.now.milliseconds - began.milliseconds <= WebhookSecret.refreshLimit)
        #expect(stage.takeHandOvers().count == 2)
    }

    @Test func `that cannot be read makes the route unavailable, and the log says why`() throws {
        let stage = try Stage()
        stage.aws.secrets = [:]
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 503)
        #expect(answer["reason"]?.string == "the GitHub secret cannot be read")
        #expect(stage.log.contains("secretsmanager:GetSecretValue of github: 400 ResourceNotFound"))
    }

    @Test func `at hand is enough for what it has signed while the store is away`() throws {
        let stage = try Stage()
        try stage.send(stage.push())
        stage.wait(600_000)
        stage.aws.fault = { _, name in name.hasPrefix("GetSecretValue") ? .status503 : nil }
        #expect(try stage.send(stage.push()).status == 202)
        #expect(try stage.send(stage.push(signedWith: "new")).status == 503)
    }

    @Test func `may be a literal`() throws {
        let stage = try Stage(["GITHUB_SECRET_ARN": "", "GITHUB_SECRET": "literal"])
        #expect(try stage.send(stage.push(signedWith: "literal")).status == 202)
        #expect(try stage.send(stage.push()).status == 401)
        #expect(stage.secretReads == 0)
    }

    @Test func `is missing altogether: 503, and the answer says so`() throws {
        let stage = try Stage(["GITHUB_SECRET_ARN": ""])
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 503)
        #expect(answer["reason"]?.string == "no GitHub secret is configured")
    }

    @Test func `shows in no answer and no line of the log`() throws {
        let stage = try Stage()
        stage.aws.secrets["github"] = ["AWSCURRENT": "correct horse", "AWSPREVIOUS": "battery"]
        try stage.send(stage.push(signedWith: "guess"))
        try stage.send(stage.push(signedWith: "correct horse"))
        #expect(!stage.log.contains("correct horse"))
        #expect(!stage.log.contains("battery"))
    }
}

extension Stage {
    /// A request with these headers alone, of GitHub's content type.
    static func request(_ headers: [(String, String)], path: String = "/github") -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("rawPath", path)
            json.key("headers")
            json.object { json in
                json.member("content-type", "application/json")
                for (name, value) in headers { json.member(name, value) }
            }
            json.key("requestContext")
            json.object { json in
                json.key("http")
                json.object { $0.member("method", "POST") }
            }
            json.member("body", "{}")
        }
        return json.bytes
    }

    /// How often the current version was read.
    var secretReads: Int {
        aws.calls.filter { $0 == "GetSecretValue AWSCURRENT" }.count
    }
}
