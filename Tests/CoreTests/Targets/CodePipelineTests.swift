import AWS
import Codec
import Testing

@testable import Core

@Suite struct CodePipelineTargetTests {
    private static func read(_ text: String) throws(InvalidRule) -> CodePipelineTarget<Template> {
        try CodePipelineTarget<Template>.read((try? JSON(parsing: [UInt8](text.utf8))) ?? .null)
    }

    private static func variables(
        of target: CodePipelineTarget<Template>,
        _ change: Change
    ) throws(RuleProblem) -> [NamedValue] {
        try target.resolved(for: change).variables(for: change)
    }

    private static let letters = String(repeating: "a", count: 101)
    private static let manyVariables = (0...50).map { "\"v\($0)\": \"\"" }.joined(separator: ",")
    private static let name = "a pipeline's name (1 to 100 letters, digits or . @ - _)"
    private static let place = "Target.CodePipeline."

    @Test func `a target may have every property`() throws {
        let target = try Self.read(
            """
            {"Name": "deploy.it@x-_1", "SourceAction": "Source",
            "Variables": {"COMMIT": "#{after}", "b": ""},
            "RoleArn": "arn:aws-us-gov:iam::123456789012:role/team/start", "Region": "eu-west-1"}
            """
        )
        let resolved = try target.resolved(for: .push())
        #expect(resolved.name == "deploy.it@x-_1")
        #expect(resolved.sourceAction == "Source")
        let commit = String(repeating: "b", count: 40)
        #expect(resolved.variables(for: .push()) == [NamedValue("COMMIT", commit)])
        let role = AssumedRoles.Role(
            arn: "arn:aws-us-gov:iam::123456789012:role/team/start",
            sessionName: "pointsman-acme-app"
        )
        #expect(resolved.access == AWSAccess(role: role, region: "eu-west-1"))
    }

    @Test(arguments: [
        ("{}", "\(place)Name: required, but missing"),
        ("[]", "Target.CodePipeline: expected an object, found a list"),
        (##"{"Name": 1}"##, "\(place)Name: expected a string, found the number 1"),
        (##"{"Name": ""}"##, "\(place)Name: expected \(name), found ''"),
        (##"{"Name": "a b"}"##, "\(place)Name: expected \(name), found 'a b'"),
        (
            ##"{"Name": "\##(letters)"}"##,
            "\(place)Name: expected \(name), found '\(letters.prefix(64))…'"
        ),
        (
            ##"{"Name": "#{x}"}"##,
            "\(place)Name: unknown placeholder '#{x}' at column 1 of '#{x}', expected one of #{after}, #{before}, #{ref}, #{branch}, #{tag}, #{repository}, #{actor}, #{message}, #{delivery}, #{pullRequest}, #{image}, #{digest}"
        ),
        (
            ##"{"Name": "a", "Sourceaction": "b"}"##,
            "\(place)Sourceaction: unknown property, did you mean `SourceAction`?"
        ),
        (
            ##"{"Name": "a", "SourceAction": "é"}"##,
            "\(place)SourceAction: expected an action's name (1 to 100 letters, digits or . @ - _), found 'é'"
        ),
        (
            ##"{"Name": "a", "Variables": []}"##,
            "\(place)Variables: expected a map of strings, found a list"
        ),
        (
            ##"{"Name": "a", "Variables": {"x.y": "1"}}"##,
            "\(place)Variables.x.y: expected a variable's name (1 to 128 letters, digits or @ - _)"
        ),
        (
            ##"{"Name": "a", "Variables": {"x": 1}}"##,
            "\(place)Variables.x: expected a string, found the number 1"
        ),
        (
            ##"{"Name": "a", "Variables": {"x": "#{"}}"##,
            "\(place)Variables.x: unclosed '#{' at column 1 of '#{': a '}' is missing"
        ),
        (
            ##"{"Name": "a", "Variables": {\##(manyVariables)}}"##,
            "\(place)Variables: expected at most 50 variables, found 51"
        ),
        (
            ##"{"Name": "a", "RoleArn": "arn:aws:iam::1:role/x"}"##,
            "\(place)RoleArn: expected the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name, found 'arn:aws:iam::1:role/x'"
        ),
        (
            ##"{"Name": "a", "RoleArn": "arn:aws:iam::123456789012:user/x"}"##,
            "\(place)RoleArn: expected the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name, found 'arn:aws:iam::123456789012:user/x'"
        ),
        (
            ##"{"Name": "a", "Region": "eu-west-1.evil.example"}"##,
            "\(place)Region: expected a region, such as eu-west-1, found 'eu-west-1.evil.example'"
        ),
        (
            ##"{"Name": "a", "Region": "EU-west-1"}"##,
            "\(place)Region: expected a region, such as eu-west-1, found 'EU-west-1'"
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problem: String
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == [problem])
    }

    @Test func `a variable's value is cut to 1000 characters and left out when empty`() throws {
        let target = try Self.read(
            ##"{"Name": "a", "Variables": {"m": "#{message}", "t": "#{tag}", "x": "-#{tag}-"}}"##
        )
        let variables = try Self.variables(
            of: target,
            .push(message: String(repeating: "é", count: 1_500))
        )
        #expect(variables.map(\.name) == ["m", "x"])
        #expect(variables.map(\.value) == [String(repeating: "é", count: 1_000), "--"])
    }

    @Test func `placeholders do not make more of a variable than it may have`() throws {
        let many = String(repeating: "#{message}", count: 6_000)
        let target = try Self.read(##"{"Name": "a", "Variables": {"m": "\##(many)"}}"##)
        let variables = try Self.variables(
            of: target,
            .push(message: String(repeating: "😀", count: 2_000))
        )
        #expect(variables.map(\.value) == [String(repeating: "😀", count: 1_000)])
    }

    @Test(arguments: [
        ("Add a\n\n- b\r\n- c\n", "Add a - b - c"), ("\na\u{2028}b\u{85}c\u{2029}", "a b c"),
        ("a  b", "a  b"),
    ])
    func `a variable's value is one line`(message: String, value: String) throws {
        let target = try Self.read(##"{"Name": "a", "Variables": {"m": "#{message}"}}"##)
        #expect(try Self.variables(of: target, .push(message: message)).map(\.value) == [value])
        #expect(try Self.variables(of: target, .push(message: "\r\n")).isEmpty)
    }

    @Test func `of two variables with one name the last counts`() throws {
        let target = try Self.read(##"{"Name": "a", "Variables": {"x": "1", "y": "2", "x": "3"}}"##)
        #expect(try Self.variables(of: target, .push()).map(\.value) == ["2", "3"])
    }

    @Test func `a name that grows too long is refused, and told in a few words`() throws {
        let many = String(repeating: "#{message}", count: 6_000)
        let target = try Self.read(#"{"Name": "\#(many)"}"#)
        let error = #expect(throws: RuleProblem.self) {
            try target.resolved(for: .push(message: String(repeating: "m", count: 2_000)))
        }
        #expect(
            error?.description
                == "Target.CodePipeline.Name: expected \(Self.name), found "
                + "'\(String(repeating: "m", count: 64))…', made of '\(many.prefix(64))…'"
        )
    }

    @Test func `what a placeholder makes of a name is checked for the change`() throws {
        let target = try Self.read(##"{"Name": "deploy-#{branch}", "Region": "#{tag}"}"##)
        let error = #expect(throws: RuleProblem.self) {
            try target.resolved(for: .push(branch: "a/b"))
        }
        #expect(
            error?.description
                == "Target.CodePipeline.Name: expected \(Self.name), found 'deploy-a/b', "
                + "made of 'deploy-#{branch}'"
        )
    }
}
