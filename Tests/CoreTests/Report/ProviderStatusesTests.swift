import Codec
import Platform
import Testing

@testable import AWS
@testable import Core

/// Statuses at the providers besides GitHub.
@Suite struct `The status of a commit at Gitea and GitLab` {
    private final class Place {
        let reporting: Reporting
        let api: FakeAPI
        private let source: Change.Source

        init(_ source: Change.Source) throws {
            self.source = source
            let name = source == .gitea ? "GITEA" : "GITLAB"
            let path = source == .gitea ? "/api/v1" : "/api/v4"
            reporting = try Reporting([
                "\(name)_TOKEN_ARN": FakeAPI.arn,
                "\(name)_API_URL": "https://git.example.com\(path)",
            ])
            api = FakeAPI(path: path)
            let api = api
            reporting.stage.aws.elsewhere = { api.answer($0) }
            reporting.stage.aws.secrets[FakeAPI.arn] = ["AWSCURRENT": FakeAPI.token]
            api.otherwise = HTTPResponse(status: 201, body: Array("{}".utf8))
            reporting.stage.aws.put(
                "\(Stage.prefix)/rules/\(source.rawValue)/octo/mono/api.json",
                #"{"Source":"\#(source.rawValue)","Repository":"octo/mono","Status":"ci/api","#
                    + #""Events":["push","tag","pull_request"],"#
                    + #""Target":{"CodePipeline":{"Name":"api"}}}"#
            )
        }

        /// Starts the pipeline for a change, and has `report` say so.
        @discardableResult
        func start(_ alter: (inout Change) -> Void = { _ in }) throws -> Result<
            JSON, InvocationError
        > {
            var change = Change(
                source: source,
                repository: "octo/mono",
                kind: .push,
                branch: "main",
                after: Reporting.sha,
                receivedAt: reporting.stage.now,
                delivery: "delivery-1",
                bodyDigest: BodyDigest(eventID: "1", ref: "2"),
                paths: ChangedPaths(paths: [])
            )
            alter(&change)
            try reporting.stage.evaluate(EvaluateRequest.change(change).encoded())
            return try reporting.handle(#require(reporting.stage.takeReports().last))[0]
        }

        var bodies: [JSON] { api.requests.compactMap { try? JSON(parsing: $0.body) } }
        var states: [String?] { bodies.map { $0["state"]?.string } }
    }

    @Test func `Gitea is told as GitHub is`() throws {
        let place = try Place(.gitea)
        try place.start()
        try place.reporting.handle(place.reporting.event("SUCCEEDED"))
        #expect(
            place.api.targets
                == Array(repeating: "/repos/octo/mono/statuses/\(Reporting.sha)", count: 2)
        )
        #expect(place.states == ["pending", "success"])
        #expect(place.bodies[0]["context"]?.string == "ci/api")
        #expect(place.bodies[0]["description"]?.string == "started CodePipeline api")
        #expect(place.bodies[0]["target_url"]?.string == Reporting.url(place.reporting.execution))
        #expect(!place.reporting.stage.log.contains(FakeAPI.token))
    }

    @Test(arguments: [
        ("STARTED", ["pending", "running"]), ("SUCCEEDED", ["pending", "success"]),
        ("FAILED", ["pending", "failed"]), ("STOPPING", ["pending", "canceled"]),
        ("STOPPED", ["pending", "canceled"]), ("CANCELED", ["pending", "canceled"]),
        ("SUPERSEDED", ["pending", "canceled"]),
    ])
    func `GitLab is told in its own words`(state: String, states: [String?]) throws {
        let place = try Place(.gitlab)
        try place.start()
        for _ in 1...2 { try place.reporting.handle(place.reporting.event(state)) }
        #expect(place.states == states)
        #expect(
            place.api.targets.allSatisfy { $0 == "/projects/octo%2Fmono/statuses/\(Reporting.sha)" }
        )
        #expect(place.bodies[0]["name"]?.string == "ci/api")
    }

    @Test func `GitLab is told that a rule has failed`() throws {
        let place = try Place(.gitlab)
        place.reporting.stage.aws.put(
            "\(Stage.prefix)/rules/gitlab/octo/mono/api.json",
            #"{"Source":"gitlab","Repository":"octo/mono","Status":"ci/api","Nonsense":1,"#
                + #""Target":{"CodePipeline":{"Name":"api"}}}"#
        )
        try place.start()
        #expect(place.states == ["failed"])
    }

    @Test(arguments: [
        ("push", "main"), ("tag", "v1"), ("pull_request", "feature"),
    ])
    func `GitLab is told the ref`(kind: String, ref: String) throws {
        let place = try Place(.gitlab)
        try place.start { change in
            switch kind {
            case "tag":
                (change.kind, change.branch, change.tag) = (.tag, nil, "v1")
            case "pull_request":
                change.kind = .pullRequest
                change.pullRequest = Change.PullRequest(
                    number: 7,
                    action: "opened",
                    base: "main",
                    head: "feature",
                    fork: false,
                    draft: false,
                    merged: false
                )
            default: break
            }
        }
        try place.reporting.handle(place.reporting.event("SUCCEEDED"))
        #expect(place.bodies.map { $0["ref"]?.string } == [ref, ref])
    }

    @Test(
        arguments: [
            (
                #"{"message":"Cannot transition status via :enqueue from :pending (Reason(s): no)"}"#,
                #"{"statuses":1,"set":1,"refused":0}"#
            ),
            (
                #"{"message":{"name":["has already been taken"]}}"#,
                #"{"statuses":1,"set":0,"refused":1}"#
            ),
            ("<html>", #"{"statuses":1,"set":0,"refused":1}"#),
        ]
    )
    func `a transition that GitLab refuses is no error, and another refusal is final`(
        body: String,
        answer: String
    ) throws {
        let place = try Place(.gitlab)
        place.api.otherwise = HTTPResponse(status: 400, body: Array(body.utf8))
        #expect(try place.start().get().encoded() == Array(answer.utf8))
        #expect(place.api.requests.count == 1)
    }

    @Test(
        arguments: [
            (
                HTTPResponse(status: 404, body: Array(#"{"message":"404 Commit Not Found"}"#.utf8)),
                true
            ),
            (HTTPResponse(status: 403, body: Array(#"{"message":"403 Forbidden"}"#.utf8)), true),
            (HTTPResponse(status: 429, headers: ["Retry-After": "3600"]), false),
            (HTTPResponse(status: 500), false), (HTTPResponse(status: 401), false),
            (HTTPResponse(status: 409), false),
        ] as [(HTTPResponse, Bool)],
        [Change.Source.gitea, .gitlab]
    )
    func `what is refused for good is final, and the rest is tried again`(
        answer: (response: HTTPResponse, isFinal: Bool),
        source: Change.Source
    ) throws {
        let place = try Place(source)
        place.api.otherwise = answer.response
        let result = try place.start()
        switch result {
        case .success(let json):
            #expect(answer.isFinal || (source == .gitea && answer.response.status == 409))
            #expect(json["refused"]?.int == 1)
        case .failure(let error):
            #expect(!answer.isFinal)
            #expect(error.type == "Function.StatusesPending")
        }
    }

    @Test func `GitLab takes no URL of more than 255 characters, and is told the rest`() throws {
        let place = try Place(.gitlab)
        let name = String(repeating: "p", count: 100)
        place.reporting.stage.aws.put(
            "\(Stage.prefix)/rules/gitlab/octo/mono/api.json",
            #"{"Source":"gitlab","Repository":"octo/mono","Status":"ci/api","#
                + #""Target":{"CodeBuild":{"Project":"\#(name)"}}}"#
        )
        try place.start()
        #expect(place.states == ["pending"])
        let url = place.bodies[0]["target_url"]?.string
        #expect(url.map { $0.utf8.count <= 255 } ?? true)
    }

    @Test(arguments: [(Change.Source.gitea, "GITEA"), (.gitlab, "GITLAB")])
    func `without a token there is none`(source: Change.Source, name: String) throws {
        let reporting = try Reporting()
        reporting.stage.aws.put(
            "\(Stage.prefix)/rules/\(source.rawValue)/octo/mono/api.json",
            #"{"Source":"\#(source.rawValue)","Repository":"octo/mono","Status":"ci/api","#
                + #""Target":{"CodePipeline":{"Name":"api"}}}"#
        )
        let change = Change(
            source: source,
            repository: "octo/mono",
            kind: .push,
            branch: "main",
            after: Reporting.sha,
            receivedAt: reporting.stage.now,
            delivery: "delivery-1",
            bodyDigest: BodyDigest(eventID: "1", ref: "2"),
            paths: ChangedPaths(paths: [])
        )
        try reporting.stage.evaluate(EvaluateRequest.change(change).encoded())
        try reporting.handle(#require(reporting.stage.takeReports().last))
        #expect(
            reporting.stage.log.contains(
                "the status is refused: there is no token: \(name)_TOKEN_ARN is missing"
            )
        )
    }
}
