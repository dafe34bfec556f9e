import AWS
import Platform
import Testing

@testable import Functions

@Suite struct `The environment` {
    static func error(_ changes: [String: String]) -> String? {
        var variables = Stage.variables
        for (name, value) in changes { variables[name] = value }
        do throws(EnvironmentError) {
            _ = try Configuration(Environment { variables[$0] })
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        "S3_BUCKET", "S3_PREFIX", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    ])
    func `a variable that is missing or empty is named`(name: String) {
        #expect(Self.error([name: ""]) == "\(name) is missing")
    }

    @Test func `all that are missing are named at once`() {
        let error = Self.error(["S3_BUCKET": "", "AWS_REGION": ""])
        #expect(error == "S3_BUCKET is missing; AWS_REGION is missing")
    }

    @Test func `a region that is none and an endpoint that is none are named`() {
        #expect(Self.error(["AWS_REGION": "x/y"]) == "AWS_REGION is not the name of a region")
        let error = Self.error(["AWS_ENDPOINT_URL": "localhost"])
        #expect(error?.hasPrefix("AWS_ENDPOINT_URL ") == true)
    }

    @Test(arguments: [("a/b/", "a/b"), ("a", "a")])
    func `a slash at the end of the prefix does not count`(prefix: String, expected: String) throws
    {
        let variables = Stage.variables.merging(["S3_PREFIX": prefix]) { $1 }
        #expect(try Configuration(Environment { variables[$0] }).prefix == expected)
    }

    @Test(arguments: ["/a", "/"])
    func `a slash at its beginning is refused`(prefix: String) {
        #expect(Self.error(["S3_PREFIX": prefix]) == "S3_PREFIX begins with a slash")
    }

    @Test func `webhook needs the evaluate function`() throws {
        let error = #expect(throws: InvocationError.self) {
            _ = try Stage(["EVAL_FUNCTION_ARN": ""])
        }
        #expect(error?.type == "Runtime.BadEnvironment")
        #expect(error?.message == "EVAL_FUNCTION_ARN is missing")
    }

    @Test func `a handler that is none of ours is named`() throws {
        let error = #expect(throws: InvocationError.self) {
            _ = try Stage().function("index.handler")
        }
        #expect(error?.message == "_HANDLER is 'index.handler', expected webhook or evaluate")
    }
}
