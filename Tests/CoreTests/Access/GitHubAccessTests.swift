import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// What GitHub's API is called with, where `GITHUB_TOKEN_ARN` names a GitHub App.
@Suite struct GitHubAccessTests {
    private let stage: Stage
    private let app: FakeGitHubApp
    private let access: GitHubAccess

    init() throws {
        let stage = try Stage()
        self.stage = stage
        app = FakeGitHubApp { stage.now }
        stage.aws.elsewhere = app.respond
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHubApp.secret()]
        access = try Self.access(stage)
    }

    private static func access(_ stage: Stage) throws -> GitHubAccess {
        var problems: [ConfigurationError] = []
        let variables = ["GITHUB_TOKEN_ARN": FakeGitHub.arn]
        return try #require(
            GitHubAccess(
                Environment { variables[$0] },
                services: stage.services,
                noting: &problems
            )
        )
    }

    /// Calls something, and says how it ended.
    @discardableResult
    private func call(_ purpose: GitHubPurpose = Self.mono) -> Result<Int, APIProblem> {
        let call = access.api.comparison(of: "a", with: "b", in: "octo/mono")
        do throws(APIProblem) {
            return .success(
                try access.send(call, for: purpose, deadline: stage.deadline()).status
            )
        } catch {
            return .failure(error)
        }
    }

    private func problem(_ purpose: GitHubPurpose = Self.mono) -> APIProblem? {
        if case .failure(let problem) = call(purpose) { problem } else { nil }
    }

    /// That there is no token.
    private static func unavailable(_ kind: APIProblem.Kind, _ message: String) -> APIProblem {
        var problem = APIProblem(kind, message)
        problem.isOfToken = true
        return problem
    }

    private static let mono = GitHubPurpose.statuses(repository: "octo/mono")
    private static let compare = "GET /repos/octo/mono/compare/a...b?per_page=1&page=1"
    private static let making = [
        "GET /repos/octo/mono/installation", "POST /app/installations/67/access_tokens",
    ]

    @Test func `an installation is looked for, and a token made that may do that alone`() {
        #expect(call() == .success(200))
        #expect(app.calls == Self.making + [Self.compare])
        #expect(app.asked == [#"67 {"repositories":["mono"],"permissions":{"statuses":"write"}}"#])
        #expect(app.used == ["ghs_1"])
        #expect(!stage.log.contains("ghs_1"))
    }

    @Test(
        arguments: [
            (.paths(repository: "octo/mono"), "67", #""contents":"read","pull_requests":"read""#),
            (
                .comments(repository: "octo/mono"), "67",
                #""metadata":"read","pull_requests":"read""#
            ),
            (.statuses(repository: "octo/mono"), "67", #""statuses":"write""#),
            (.repositoryHooks("octo/mono"), "67", #""repository_hooks":"write""#),
        ] as [(GitHubPurpose, String, String)]
    )
    func `a repository's token is restricted to it and to what its purpose needs`(
        purpose: GitHubPurpose,
        installation: String,
        permissions: String
    ) {
        #expect(call(purpose) == .success(200))
        #expect(
            app.asked == [
                #"\#(installation) {"repositories":["mono"],"permissions":{\#(permissions)}}"#
            ]
        )
    }

    @Test func `an organisation's token is restricted to what its purpose needs`() {
        #expect(call(.organizationHooks("octo")) == .success(200))
        #expect(app.calls.first == "GET /orgs/octo/installation")
        #expect(app.asked == [#"68 {"permissions":{"organization_hooks":"write"}}"#])
    }

    @Test func `what is the App's own is called with the App's own token`() {
        #expect(call(.app) == .success(200))
        #expect(app.calls == [Self.compare])
        #expect(app.used == ["the App's own"])
    }

    @Test func `the App's own token is for nine minutes, and dated back by one`() throws {
        var authorization: String?
        app.instead = { request in
            authorization = request.headers["Authorization"]
            return nil
        }
        call(.app)
        let claims = try #require(authorization.flatMap { FakeGitHubApp.claims($0) })
        #expect(
            String(decoding: claims.encoded(), as: UTF8.self)
                == #"{"iat":1789999940,"exp":1790000540,"iss":"12345"}"#
        )
    }

    @Test(arguments: [
        FakeGitHubApp.secret(id: #""12345""#), FakeGitHubApp.secret(key: SampleKey.pkcs8),
        "\n" + FakeGitHubApp.secret(more: #","installationId":null"#) + "\n",
        FakeGitHubApp.secret(more: #","note":"ours""#),
    ])
    func `an App may be written in other ways`(secret: String) {
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": secret]
        #expect(call() == .success(200))
    }

    @Test(arguments: ["68", #""68""#])
    func `an installation that the secret names is not looked for`(number: String) {
        let secret = FakeGitHubApp.secret(more: #","installationId":\#(number)"#)
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": secret]
        #expect(call() == .success(200))
        #expect(app.calls == ["POST /app/installations/68/access_tokens", Self.compare])
    }

    // What is kept.

    @Test func `a token is kept until five minutes before it expires`() {
        call()
        app.forgetCalls()
        stage.wait(3_299_000)
        #expect(call() == .success(200))
        #expect(app.calls == [Self.compare])
        app.forgetCalls()
        stage.wait(1_000)
        #expect(call() == .success(200))
        #expect(app.calls == ["POST /app/installations/67/access_tokens", Self.compare])
        #expect(app.used == ["ghs_2"] || app.used == ["ghs_1"])
    }

    @Test func `each purpose and each repository has a token of its own`() {
        let purposes: [GitHubPurpose] = [
            .statuses(repository: "octo/mono"), .statuses(repository: "octo/other"),
            .paths(repository: "octo/mono"), .repositoryHooks("octo/mono"),
        ]
        for _ in 0..<2 { for purpose in purposes { call(purpose) } }
        #expect(app.asked.count == 4)
        #expect(
            app.used == ["ghs_1", "ghs_2", "ghs_3", "ghs_4", "ghs_1", "ghs_2", "ghs_3", "ghs_4"]
        )
        // The number of an installation is kept for all purposes.
        #expect(app.calls.filter { $0.hasSuffix("/installation") }.count == 2)
    }

    @Test func `a token that was revoked is made anew, once`() {
        call()
        app.revokeTokens()
        app.forgetCalls()
        #expect(call() == .success(200))
        #expect(
            app.calls == [
                Self.compare, "POST /app/installations/67/access_tokens", Self.compare,
            ]
        )
        app.answer = { _ in FakeGitHub.refusal(401, "Bad credentials") }
        app.forgetCalls()
        #expect(problem()?.status == 401)
        #expect(app.calls.filter { $0 == Self.compare }.count == 2)
    }

    @Test func `a key that was replaced is read again, once`() {
        call()
        let other = SampleKey.other
        app.key = other
        app.revokeTokens()
        app.forgetCalls()
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHubApp.secret(key: other)]
        #expect(call() == .success(200))
        app.key = SampleKey.pkcs1
        app.revokeTokens()
        app.forgetCalls()
        stage.aws.forgetCalls()
        #expect(problem()?.status == 401)
        #expect(stage.aws.calls.filter { $0.hasPrefix("GetSecretValue") }.count == 1)
    }

    @Test func `where the App was installed anew, its installation is looked for again`() {
        call()
        stage.wait(3_400_000)
        app.installations = ["repos/octo/mono": 99]
        app.forgetCalls()
        #expect(call() == .success(200))
        #expect(
            app.calls == [
                "POST /app/installations/67/access_tokens", "GET /repos/octo/mono/installation",
                "POST /app/installations/99/access_tokens", Self.compare,
            ]
        )
    }

    // What goes wrong.

    private static let key = String(
        decoding: JSON.string(SampleKey.pkcs1).encoded(),
        as: UTF8.self
    )
    private static let half = "the GitHub App in the secret \(FakeGitHub.arn)"

    @Test(arguments: [
        ("", "the token is empty"),
        (" \n", "the token is empty"),
        ("{}", "\(half) has no 'appId' and no 'privateKey'"),
        (#"{"appId":12345}"#, "\(half) has no 'privateKey'"),
        (#"{"appId":12345,"privateKey":null}"#, "\(half) has no 'privateKey'"),
        (#"{"privateKey":\#(key)}"#, "\(half) has no 'appId'"),
        (FakeGitHubApp.secret(id: #""Iv1.abc""#), "\(half) has an 'appId' that is no number"),
        (FakeGitHubApp.secret(id: "0"), "\(half) has an 'appId' that is no number"),
        (FakeGitHubApp.secret(id: "-1"), "\(half) has an 'appId' that is no number"),
        (
            FakeGitHubApp.secret(key: "s3cret"),
            "\(half) has a 'privateKey' that is no RSA key in PEM, PKCS#1 or PKCS#8"
        ),
        (
            #"{"appId":12345,"privateKey":7}"#,
            "\(half) has a 'privateKey' that is no RSA key in PEM, PKCS#1 or PKCS#8"
        ),
        (
            FakeGitHubApp.secret(more: #","installationId":"mine""#),
            "\(half) has an 'installationId' that is no number"
        ),
        (
            #"{"appId":12345,s3cret}"#,
            "the secret \(FakeGitHub.arn) begins with '{', but is no JSON: see byte 15"
        ),
    ])
    func `half an App is refused with what is missing, and nothing is sent`(
        secret: String,
        message: String
    ) {
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": secret]
        #expect(problem() == Self.unavailable(.refused, message))
        #expect(app.calls.isEmpty)
        // It is looked at again as soon as it was corrected.
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHubApp.secret()]
        #expect(call() == .success(200))
    }

    @Test func `a key that signs nothing is said to be such`() {
        stage.aws.secrets[FakeGitHub.arn] = [
            "AWSCURRENT": FakeGitHubApp.secret(key: SampleKey.tiny)
        ]
        #expect(
            problem() == Self.unavailable(.refused, "the GitHub App 12345 cannot sign with its key")
        )
    }

    @Test func `a token cannot do what only an App may`() {
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHub.token]
        let message = "only a GitHub App may do this, and the secret \(FakeGitHub.arn) is a token"
        #expect(problem(.app) == Self.unavailable(.refused, message))
    }

    private static let noToken = "the GitHub App 12345 has no token for repos/octo/mono: github:"
    private static let installation = "\(noToken)GetInstallation of repos/octo/mono: "
    private static let tokens = "\(noToken)CreateInstallationAccessToken of installation 67: "

    @Test(
        arguments: [
            (
                "installation", FakeGitHub.refusal(404, "Not Found"), .refused,
                "\(installation)404: Not Found"
            ),
            (
                "installation", FakeGitHub.refusal(401, "Bad credentials"), .failed,
                "\(installation)401: Bad credentials"
            ),
            (
                "installation", .json("[]"), .failed,
                "\(installation)200 UnreadableAnswer: the answer has no 'id'"
            ),
            (
                "access_tokens",
                FakeGitHub.refusal(422, "The permissions requested are not granted"), .refused,
                "\(tokens)422: The permissions requested are not granted"
            ),
            (
                "access_tokens", FakeGitHub.refusal(403, "This installation has been suspended"),
                .refused, "\(tokens)403: This installation has been suspended"
            ),
            (
                "access_tokens", FakeGitHub.refusal(429, "Slow down", ["retry-after": "7"]),
                .limited(seconds: 7),
                "\(tokens)429 RateLimited: the token's requests are too many, for 7 s"
            ),
            (
                "access_tokens",
                FakeGitHub.refusal(403, "You have exceeded a secondary rate limit. Wait."),
                .limited(seconds: 60),
                "\(tokens)403: You have exceeded a secondary rate limit. Wait."
            ),
            (
                "access_tokens", FakeGitHub.refusal(502, "Server Error"), .failed,
                "\(tokens)502: Server Error"
            ),
            (
                "access_tokens", .json(#"{"token":"ghs_s3cret"}"#, status: 201), .failed,
                "\(tokens)201 UnreadableAnswer: the answer has no 'token' or no 'expires_at'"
            ),
            (
                "access_tokens", .json("ghs_s3cret", status: 201), .failed,
                "\(tokens)201 UnreadableAnswer: the answer has no 'token' or no 'expires_at'"
            ),
        ] as [(String, HTTPResponse, APIProblem.Kind, String)]
    )
    func `without a token nothing is called, and the reason says why`(
        path: String,
        answer: HTTPResponse,
        kind: APIProblem.Kind,
        message: String
    ) {
        app.instead = { $0.target.hasSuffix("/\(path)") ? answer : nil }
        let problem = problem()
        #expect(problem?.kind == kind)
        #expect(problem?.description == message)
        #expect(app.used.isEmpty)
        app.instead = { _ in nil }
        #expect(call() == .success(200))
    }

    @Test(
        arguments: [
            (500, "InternalError", .failed), (403, "AccessDeniedException", .refused),
        ] as [(Int, String, APIProblem.Kind)]
    )
    func `a secret that cannot be read may be read later, or not`(
        status: Int,
        code: String,
        kind: APIProblem.Kind
    ) {
        stage.aws.secretErrors["AWSCURRENT"] = (status, code)
        let message =
            "the token cannot be read: secretsmanager:GetSecretValue of \(FakeGitHub.arn): "
            + "\(status) \(code): as scripted"
        #expect(problem() == Self.unavailable(kind, message))
    }

    /// When a call fails once, it is made again, or another makes up for it.
    @Test(arguments: FakeAWS.Fault.allCases)
    func `whichever call fails once, what is to be done is done`(fault: FakeAWS.Fault) throws {
        call()
        let calls = stage.aws.calls
        #expect(calls.count == 4)
        for number in 1...calls.count {
            let stage = try Stage()
            let app = FakeGitHubApp { stage.now }
            stage.aws.elsewhere = app.respond
            stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHubApp.secret()]
            let access = try Self.access(stage)
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            let call = access.api.comparison(of: "a", with: "b", in: "octo/mono")
            let result = access.send([call], for: Self.mono, deadline: stage.deadline())[0]
            let comment: Comment = "call \(number), \(calls[number - 1])"
            // What GitHub itself calls too much is not asked again at once.
            if fault == .throttled, number > 1 {
                let problem = #expect(throws: APIProblem.self, comment) { try result.get() }
                #expect(problem?.kind == .limited(seconds: 60), comment)
            } else {
                #expect(throws: Never.self, comment) { try result.get() }
            }
        }
    }
}
