import AWS
import Platform
import Testing

@testable import Core

@Suite struct `The environment` {
    static func error(_ changes: [String: String]) -> String? {
        var problems: [ConfigurationError] = []
        _ = configuration(changes, noting: &problems)
        return problems.isEmpty
            ? nil : problems.map(\.description).joined(separator: "; ")
    }

    static func configuration(
        _ changes: [String: String],
        noting problems: inout [ConfigurationError]
    ) -> Configuration {
        let variables = Stage.variables.merging(changes) { $1 }
        return Configuration(Environment { variables[$0] }, noting: &problems)
    }

    @Test(arguments: [
        "S3_BUCKET", "S3_PREFIX", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    ])
    func `a variable that is missing or empty is named`(name: String) {
        #expect(Self.error([name: ""]) == "\(name) is missing")
    }

    @Test func `all that are missing are named at once`() {
        let error = Self.error(["S3_BUCKET": "", "S3_PREFIX": "/a", "AWS_REGION": ""])
        #expect(
            error == "S3_BUCKET is missing; S3_PREFIX begins with a slash; AWS_REGION is missing"
        )
    }

    @Test(arguments: [nil, "token"])
    func `a session token may be missing`(token: String?) {
        var problems: [ConfigurationError] = []
        let changes = token.map { ["AWS_SESSION_TOKEN": $0] } ?? [:]
        let credentials = Self.configuration(changes, noting: &problems).credentials
        #expect(credentials.accessKeyID == "AKIDEXAMPLE")
        #expect(credentials.secretAccessKey.revealed == Array("secret".utf8))
        #expect(credentials.sessionToken?.revealed == token.map { Array($0.utf8) })
        #expect(problems.isEmpty)
    }

    @Test func `a region that is none and an endpoint that is none are named`() {
        #expect(Self.error(["AWS_REGION": "x/y"]) == "AWS_REGION is not the name of a region")
        let error = Self.error(["AWS_ENDPOINT_URL": "localhost"])
        #expect(error?.hasPrefix("AWS_ENDPOINT_URL ") == true)
    }

    @Test(arguments: [("a/b/", "a/b"), ("a", "a")])
    func `a slash at the end of the prefix does not count`(prefix: String, expected: String) {
        var problems: [ConfigurationError] = []
        let configuration = Self.configuration(["S3_PREFIX": prefix], noting: &problems)
        #expect(configuration.prefix == expected)
        #expect(problems.isEmpty)
    }

    @Test(arguments: ["/a", "/"])
    func `a slash at its beginning is refused`(prefix: String) {
        #expect(Self.error(["S3_PREFIX": prefix]) == "S3_PREFIX begins with a slash")
    }

    @Test(arguments: [
        (["EVAL_FUNCTION_ARN": ""], "EVAL_FUNCTION_ARN is missing"),
        (
            ["EVAL_FUNCTION_ARN": "", "S3_BUCKET": ""],
            "S3_BUCKET is missing; EVAL_FUNCTION_ARN is missing"
        ),
    ])
    func `webhook needs the evaluate function`(changes: [String: String], message: String) {
        let error = #expect(throws: InvocationError.self) { _ = try Stage(changes) }
        #expect(error?.type == "Runtime.BadEnvironment")
        #expect(error?.message == message)
    }

    @Test(arguments: ["x", "-1", "+7", "7.5", " 7", "7d", "36501", "99999999999999999999", "٧"])
    func `a limit of events' age that is no number of days is named`(days: String) {
        let error = #expect(throws: InvocationError.self) {
            _ = try Stage(["MAX_EVENT_AGE_DAYS": days])
        }
        #expect(error?.type == "Runtime.BadEnvironment")
        #expect(
            error?.message == "MAX_EVENT_AGE_DAYS is no whole number of days from 0 to 36500"
        )
    }

    @Test func `a handler that is none of ours is named`() throws {
        let error = #expect(throws: InvocationError.self) {
            _ = try Stage().function("index.handler")
        }
        #expect(
            error?.message
                == "_HANDLER is 'index.handler', expected webhook, evaluate, resource, report or "
                + "recover"
        )
    }
}
