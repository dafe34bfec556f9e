import Codec
import Foundation
import Platform
import Testing

@testable import AWS
@testable import Core

/// A stage whose `evaluate` invokes `report`, and GitHub, whose statuses are set there.
final class Reporting {
    let stage: Stage
    let gitHub = FakeStatuses()
    private(set) var report: RuntimeLoop.Handler
    /// By which `report` is invoked.
    var functionARN: String?
    private var requests = 0

    static let variables = [
        "REPORT_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:report"
    ]
    static let reportVariables = ["GITHUB_TOKEN_ARN": FakeGitHub.arn]
    /// The commit of the stage's pushes.
    static let sha = String(repeating: "b", count: 40)

    init(_ variables: [String: String] = [:]) throws {
        stage = try Stage(Self.variables.merging(variables) { $1 })
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHub.token]
        report = try stage.function("report", Self.reportVariables.merging(variables) { $1 })
        let gitHub = gitHub
        stage.aws.elsewhere = { gitHub.answer($0) }
    }

    /// One rule with the status `ci/api`.
    static func withRule(_ more: String = "") throws -> Reporting {
        let reporting = try Reporting()
        reporting.stage.rule("api", #""Status":"ci/api""# + more)
        return reporting
    }

    /// Another sandbox of `report`.
    func another() throws -> RuntimeLoop.Handler {
        try stage.function("report", Self.reportVariables)
    }

    /// Pushes, and starts what the rules call for; the payload that `report` is invoked with.
    @discardableResult
    func push(delivery: String = "72d3162e-cc78-11e3-81ab-4c9367dc0958") throws -> [UInt8] {
        let event = stage.push(delivery: delivery, pushedAt: stage.now)
        try stage.evaluateAll(event)
        return try #require(stage.takeReports().last)
    }

    /// The id of the latest execution.
    var execution: String {
        stage.aws.executions.last.map { "execution-of-\($0.pipeline)-\($0.token.prefix(8))" } ?? ""
    }

    /// Invokes `report` as Lambda does: at most twice again, a minute and two minutes later.
    @discardableResult
    func handle(
        _ payload: [UInt8],
        by handler: RuntimeLoop.Handler? = nil,
        attempts: Int = 3,
        timeout: Int = Stage.timeout
    ) throws -> [Result<JSON, InvocationError>] {
        requests += 1
        let requestID = "report-\(requests)"
        var results: [Result<JSON, InvocationError>] = []
        for attempt in 1...attempts {
            var invocation = try stage.invocation(payload, requestID: requestID, timeout: timeout)
            invocation.functionARN = functionARN
            do throws(InvocationError) {
                let answer = try (handler ?? report)(invocation)
                results.append(.success((try? JSON(parsing: answer)) ?? .null))
                break
            } catch {
                results.append(.failure(error))
                if attempt < attempts { stage.wait(Stage.timeout * attempt) }
            }
        }
        return results
    }

    /// An event of a pipeline, so many seconds after the stage's start.
    func event(
        _ state: String,
        at seconds: Int = 10,
        attempt: Int? = 1,
        execution: String? = nil,
        pipeline: String = "api",
        region: String = "eu-west-1"
    ) -> [UInt8] {
        let time = Stage.start.adding(milliseconds: seconds * 1_000).iso8601
        let attempt = attempt.map { #","pipeline-execution-attempt":\#($0).0"# } ?? ""
        let text =
            #"{"version":"0","id":"e","detail-type":"CodePipeline Pipeline Execution State Change","#
            + #""source":"aws.codepipeline","account":"123456789012","time":"\#(time)","#
            + #""region":"\#(region)","resources":[],"detail":{"pipeline":"\#(pipeline)","#
            + #""execution-id":"\#(execution ?? self.execution)","state":"\#(state)","version":3.0"#
            + #"\#(attempt)}}"#
        return Array(text.utf8)
    }

    /// An event of a build.
    func buildEvent(_ status: String, id: String, phases: String = "", at seconds: Int = 10)
        -> [UInt8]
    {
        let time = Stage.start.adding(milliseconds: seconds * 1_000).iso8601
        let text =
            #"{"version":"0","id":"e","detail-type":"CodeBuild Build State Change","#
            + #""source":"aws.codebuild","account":"123456789012","time":"\#(time)","#
            + #""region":"eu-west-1","resources":[],"detail":{"build-status":"\#(status)","#
            + #""project-name":"p","current-phase":"COMPLETED","#
            + #""build-id":"arn:aws:codebuild:eu-west-1:123456789012:build/\#(id)","#
            + #""additional-information":{"phases":[\#(phases)]}}}"#
        return Array(text.utf8)
    }

    /// The status of a context as it is kept.
    func kept(_ context: String = "ci/api") throws -> StatusRecord {
        let key = stage.services.keys.status(
            of: Self.sha,
            in: "octo/mono",
            of: .github,
            context: context
        )
        return try #require(stage.aws.objects[key].flatMap { StatusRecord(parsing: $0.body) })
    }

    /// The run of an execution as it is kept.
    func run(_ name: RunName? = nil) throws -> RunRecord {
        let key = stage.services.keys.run(name ?? .execution(execution))
        return try #require(stage.aws.objects[key].flatMap { RunRecord(parsing: $0.body) })
    }

    static func url(_ execution: String, of pipeline: String = "api") -> String {
        "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/\(pipeline)/"
            + "executions/\(execution)?region=eu-west-1"
    }
}

/// GitHub's commit statuses, for whoever has the token.
final class FakeStatuses {
    struct Status: Equatable {
        var place: String
        var context: String
        var state: String
        var description: String
        var url: String?
    }

    /// What was set, in order.
    private(set) var all: [Status] = []
    /// What is answered to a request, numbered from 1, instead of doing what it asks for.
    var refusal: (_ number: Int) -> HTTPResponse? = { _ in nil }
    private(set) var requests = 0

    /// `pending started CodePipeline api`, ….
    var words: [String] { all.map { "\($0.state) \($0.description)" } }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        requests += 1
        guard request.headers["Authorization"] == "Bearer \(FakeGitHub.token)" else {
            return FakeGitHub.refusal(401, "Bad credentials")
        }
        if let refusal = refusal(requests) { return refusal }
        let parts = request.target.split(separator: "/").map(String.init)
        guard request.method == "POST", parts.count == 5, parts[3] == "statuses",
            let json = try? JSON(parsing: request.body)
        else { return FakeGitHub.refusal(404, "Not Found") }
        let status = Status(
            place: "\(parts[1])/\(parts[2])@\(parts[4].prefix(3))",
            context: json["context"]?.string ?? "default",
            state: json["state"]?.string ?? "",
            description: json["description"]?.string ?? "",
            url: json["target_url"]?.string
        )
        guard status.description.unicodeScalars.count <= 140 else {
            return FakeGitHub.refusal(422, "description is too long (maximum is 140 characters)")
        }
        all.append(status)
        return HTTPResponse(status: 201, body: Array("{}".utf8))
    }
}
