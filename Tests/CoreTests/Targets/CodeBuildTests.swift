import AWS
import Codec
import Testing

@testable import Core

@Suite struct CodeBuildTargetTests {
    private static func read(_ text: String) throws(InvalidRule) -> CodeBuildTarget<Template> {
        try CodeBuildTarget<Template>.read((try? JSON(parsing: [UInt8](text.utf8))) ?? .null)
    }

    private static let place = "Target.CodeBuild."
    private static let project =
        "a build project's name (2 to 255 letters, digits or - _, the first no - or _)"
    private static let variable =
        "a variable's name (letters, digits or _, the first no digit), not one of CODEBUILD_…"

    @Test func `a target may have every property`() throws {
        let target = try Self.read(
            """
            {"Project": "build-#{branch}", "SourceVersion": "#{after}",
            "Environment": {"BY": "#{actor}", "EMPTY": ""},
            "RoleArn": "arn:aws:iam::123456789012:role/start", "Region": "eu-west-1"}
            """
        )
        let resolved = try target.resolved(for: .push())
        #expect(resolved.project == "build-main")
        #expect(resolved.sourceVersion(for: .push()) == String(repeating: "b", count: 40))
        #expect(
            resolved.environment(for: .push()) == [
                NamedValue("BY", "octocat"), NamedValue("EMPTY", ""),
            ]
        )
        let role = AssumedRoles.Role(
            arn: "arn:aws:iam::123456789012:role/start",
            sessionName: "pointsman-acme-app"
        )
        #expect(resolved.access == AWSAccess(role: role, region: "eu-west-1"))
    }

    @Test(arguments: ["", ##", "SourceVersion": "#{tag}""##])
    func `a source version that is missing or empty is left to the project`(more: String) throws {
        let resolved = try Self.read(#"{"Project": "build"\#(more)}"#).resolved(for: .push())
        #expect(resolved.sourceVersion(for: .push()) == nil)
    }

    @Test(arguments: [
        ("{}", "\(place)Project: required, but missing"),
        ("null", "Target.CodeBuild: expected an object, found null"),
        (##"{"Project": "a"}"##, "\(place)Project: expected \(project), found 'a'"),
        (##"{"Project": "-a"}"##, "\(place)Project: expected \(project), found '-a'"),
        (##"{"Project": "a.b"}"##, "\(place)Project: expected \(project), found 'a.b'"),
        (
            ##"{"Project": "ab", "Sourceversion": ""}"##,
            "\(place)Sourceversion: unknown property, did you mean `SourceVersion`?"
        ),
        (
            ##"{"Project": "ab", "Environment": {"1A": ""}}"##,
            "\(place)Environment.1A: expected \(variable)"
        ),
        (
            ##"{"Project": "ab", "Environment": {"A-B": ""}}"##,
            "\(place)Environment.A-B: expected \(variable)"
        ),
        (
            ##"{"Project": "ab", "Environment": {"CODEBUILD_ID": ""}}"##,
            "\(place)Environment.CODEBUILD_ID: expected \(variable)"
        ),
        (
            ##"{"Project": "ab", "Environment": ["A"]}"##,
            "\(place)Environment: expected a map of strings, found a list"
        ),
        (
            ##"{"Project": "ab", "RoleArn": "start"}"##,
            "\(place)RoleArn: expected the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name, found 'start'"
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problem: String
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == [problem])
    }

    @Test(arguments: [
        (##""SourceVersion": "#{message}""##, 65_536, nil),
        (##""Environment": {"MESSAGE": "#{message}"}"##, 65_529, nil),
        (##""SourceVersion": "#{message}""##, 65_537, 65_537),
        (##""Environment": {"MESSAGE": "#{message}"}"##, 65_530, 65_537),
        (##""SourceVersion": "#{message}", "Environment": {"M": "#{message}"}"##, 40_000, 80_001),
    ])
    func `placeholders do not make more of a build than its budget`(
        properties: String,
        length: Int,
        found: Int?
    ) throws {
        let target = try Self.read(#"{"Project": "ab", \#(properties)}"#)
        let problem = found.map {
            "\(Self.place)Environment: the budget of the source version and environment of a build "
                + "is 65536 bytes, found \($0)"
        }
        var told: String?
        do {
            _ = try target.resolved(for: .push(message: String(repeating: "m", count: length)))
        } catch {
            told = error.description
        }
        #expect(told == problem)
    }

    @Test func `what a placeholder makes of a project's name is checked for the change`() throws {
        let target = try Self.read(##"{"Project": "build-#{branch}"}"##)
        let error = #expect(throws: RuleProblem.self) {
            try target.resolved(for: .push(branch: "a/b"))
        }
        #expect(
            error?.description
                == "Target.CodeBuild.Project: expected \(Self.project), found 'build-a/b', "
                + "made of 'build-#{branch}'"
        )
    }
}
