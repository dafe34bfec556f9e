import Codec
import Platform
import Testing

@testable import Functions

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

    @Test func `is not read for each of many forged deliveries`() throws {
        let stage = try Stage()
        for _ in 0..<100 {
            #expect(try stage.send(stage.push(signedWith: "guess")).status == 401)
            stage.wait(100)
        }
        #expect(stage.secretReads == 2)
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
    /// How often the current version was read.
    var secretReads: Int {
        aws.calls.filter { $0 == "GetSecretValue AWSCURRENT" }.count
    }
}
