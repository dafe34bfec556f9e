import Codec
import Platform
import Testing

@testable import Core

@Suite struct `A declared rule` {
    static let stackID =
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/payments/5b6f3a40-c70d-11f0-8d3c-0a1b2c3d4e5f"

    static func resource() throws -> StackResource {
        try StackResource(stackID: stackID, logicalID: "Trigger")
    }

    static func declaration(_ type: String, _ properties: String) throws -> RuleDeclaration {
        RuleDeclaration(
            resourceType: type,
            properties: try JSON(parsing: Array(properties.utf8))
        )
    }

    static let target = #""Target":{"CodePipeline":{"Name":"p1"}}"#
    static let four =
        #""GitHubRepo":"mono","GitHubBranch":"main","ChangeMatchExpressions":"a/.*","CodePipelineName":"p1""#

    @Test(arguments: [
        ("Custom::PipelineTrigger", #"{"GitHubRepo":"mono"}"#, false),
        ("Custom::MonoRepoTrigger", #"{\#(target)}"#, true),
        ("AWS::CloudFormation::CustomResource", #"{\#(four)}"#, true),
        ("AWS::CloudFormation::CustomResource", #"{"GitHubBranch":"main"}"#, true),
        ("Custom::Whatever", #"{"CodePipelineName":"p1"}"#, true),
        ("Custom::Whatever", #"{\#(four),\#(target)}"#, false),
        ("Custom::Whatever", #"{"Repository":"octo/mono"}"#, false),
        ("Custom::Whatever", "{}", false),
        ("", #"{"GitHubRepo":"mono"}"#, true),
    ])
    func `is of the design that its type or its properties say`(
        type: String,
        properties: String,
        isMonoRepo: Bool
    ) throws {
        #expect(try Self.declaration(type, properties).isMonoRepo == isMonoRepo)
    }

    static let places: [(properties: String, folder: String?)] = [
        (#"{"Repository":"Octo/Mono",\#(target)}"#, "p/rules/github/octo/mono/"),
        (#"{"Repository":"mono","Source":"codecommit"}"#, "p/rules/codecommit/mono/"),
        (#"{"Repository":"octo/mono","Branchs":1}"#, "p/rules/github/octo/mono/"),
        (#"{"Repository":"octo/mono","Source":"bitbucket"}"#, nil),
        (#"{"Repository":"mono"}"#, nil), (#"{"Repository":["octo/mono"]}"#, nil), ("{}", nil),
        ("null", nil), (#""octo/mono""#, nil),
    ]

    @Test(arguments: places)
    func `has its key of its place alone, valid or not`(properties: String, folder: String?) throws
    {
        let declaration = try Self.declaration("Custom::PipelineTrigger", properties)
        let key = declaration.key(of: try Self.resource(), keys: BucketKeys(prefix: "p"))
        #expect(key == folder.map { "\($0)payments-Trigger-9db60fa1.json" })
    }

    static let monoRepoPlaces: [(properties: String, key: String?)] = [
        (#"{\#(four)}"#, "p/mono-main-p1-21A2EC92.json"),
        (
            #"{"GitHubRepo":"app","GitHubBranch":"main","CodePipelineName":"p1"}"#,
            "p/app-main-p1-68099E47.json"
        ),
        (#"{"GitHubRepo":"app","GitHubBranch":"main"}"#, nil),
        (#"{"GitHubRepo":1,"GitHubBranch":"main","CodePipelineName":"p1"}"#, nil),
        (#"{"GitHubRepo":"ledger/a","GitHubBranch":"main","CodePipelineName":"p1"}"#, nil),
        (#"{"GitHubRepo":"rules/a/b/c","GitHubBranch":"main","CodePipelineName":"p1"}"#, nil),
        ("{}", nil),
    ]

    @Test(arguments: monoRepoPlaces)
    func `of the mono-repo trigger has its key of three properties`(
        properties: String,
        key: String?
    ) throws {
        let declaration = try Self.declaration("Custom::MonoRepoTrigger", properties)
        #expect(declaration.key(of: try Self.resource(), keys: BucketKeys(prefix: "p")) == key)
    }

    @Test func `is stored the same in whatever order it comes, without what is the provider's`()
        throws
    {
        let expected =
            #"{"Paths":["b","a"],"Repository":"octo/mono","#
            + #""Target":{"CodePipeline":{"Name":"p1","SourceAction":"S"}}}"#
        for properties in [
            #"{"ServiceToken":"arn","Repository":"octo/mono","Paths":["b","a"],"#
                + #""Target":{"CodePipeline":{"SourceAction":"S","Name":"p1"}}}"#,
            #"{"Target":{"CodePipeline":{"Name":"x","Name":"p1","SourceAction":"S"}},"#
                + #""ServiceTimeout":"60","Paths":["b","a"],"Repository":"octo/mono"}"#,
        ] {
            let checked = try Self.declaration("Custom::PipelineTrigger", properties)
                .check(of: try Self.resource(), keys: BucketKeys(prefix: "p"), ownSecrets: .none)
            #expect(String(decoding: checked.object, as: UTF8.self) == expected)
            #expect(checked.key == "p/rules/github/octo/mono/payments-Trigger-9db60fa1.json")
        }
    }

    @Test(arguments: [
        ("{\(four)}", true),
        (
            #"{ "CodePipelineName": "p1", "ChangeMatchExpressions": "a\/.*", "Other": 1,"#
                + #" "GitHubBranch": "main", "GitHubRepo": "mono" }"#, true
        ),
        ("{\(four.replacing("a/.*", with: "b/.*"))}", false),
        (#"{\#(four),"GitHubBranch":"next"}"#, false), (#"{\#(four),"GitHubBranch":null}"#, false),
        (#"{"GitHubRepo":"mono","GitHubBranch":"main","CodePipelineName":"p1"}"#, false),
        ("{}", false), ("{", false), ("", false), ("null", false),
    ])
    func `of the mono-repo trigger says what an object says`(object: String, isSame: Bool) throws {
        let properties = #"{"ServiceToken":"arn",\#(Self.four)}"#
        let bytes = Array(object.utf8)
        let monoRepo = try Self.declaration("Custom::MonoRepoTrigger", properties)
        #expect(monoRepo.isSaid(by: bytes) == isSame)
        let current = try Self.declaration("Custom::PipelineTrigger", properties)
        #expect(!current.isSaid(by: bytes))
        let incomplete = try Self.declaration("Custom::MonoRepoTrigger", "{}")
        #expect(!incomplete.isSaid(by: bytes))
    }

    @Test func `is a rule that can be used`() throws {
        for (type, properties) in [
            (
                "Custom::PipelineTrigger",
                #"{"ServiceToken":"a","Repository":"Octo/Mono",\#(Self.target)}"#
            ),
            ("Custom::MonoRepoTrigger", #"{"ServiceToken":"a",\#(Self.four)}"#),
        ] {
            let checked = try Self.declaration(type, properties)
                .check(of: try Self.resource(), keys: BucketKeys(prefix: "p"), ownSecrets: .none)
            #expect(Rule(key: checked.key, prefix: "p", object: checked.object).problems.isEmpty)
        }
    }

    @Test func `of the mono-repo trigger is stored with its four properties and no other`() throws {
        let properties =
            #"{"Other":"x","CodePipelineName":"p1","ServiceToken":"arn","GitHubBranch":"main","#
            + #""ChangeMatchExpressions":"a/.*","GitHubRepo":"mono"}"#
        let checked = try Self.declaration("Custom::MonoRepoTrigger", properties)
            .check(of: try Self.resource(), keys: BucketKeys(prefix: "p"), ownSecrets: .none)
        #expect(String(decoding: checked.object, as: UTF8.self) == "{\(Self.four)}")
    }

    @Test(arguments: [
        (
            "Custom::PipelineTrigger", #"{"Branchs":["main"],"Paths":"src/**"}"#,
            "Branchs: unknown property, did you mean `Branches`?; "
                + "Repository: required, but missing; "
                + "Paths: expected a list of strings, found the string 'src/**'; "
                + "Target: required, but missing"
        ),
        (
            "Custom::MonoRepoTrigger", #"{"GitHubRepo":"mono","GitHubBranch":["main"]}"#,
            "GitHubBranch: expected a string, found a list; "
                + "ChangeMatchExpressions: required, but missing; "
                + "CodePipelineName: required, but missing"
        ),
        (
            "Custom::MonoRepoTrigger",
            #"{"GitHubRepo":"ledger/a","GitHubBranch":"b","ChangeMatchExpressions":"","CodePipelineName":"p1"}"#,
            "GitHubRepo: no rule can be kept under 'p/ledger/a-b-p1-5C93B605.json'"
        ),
    ])
    func `that is not valid says all that is wrong`(
        type: String,
        properties: String,
        problem: String
    ) throws {
        let (declaration, resource) = (try Self.declaration(type, properties), try Self.resource())
        do throws(InvalidRule) {
            _ = try declaration.check(
                of: resource,
                keys: BucketKeys(prefix: "p"),
                ownSecrets: .none
            )
            Issue.record("it is valid")
        } catch {
            #expect(error.description == problem)
        }
    }

    @Test func `whose key is longer than S3 takes is not valid`() throws {
        let name = String(repeating: "a", count: 1_024)
        let declaration = try Self.declaration(
            "Custom::PipelineTrigger",
            #"{"Repository":"octo/\#(name)",\#(Self.target)}"#
        )
        #expect(declaration.key(of: try Self.resource(), keys: BucketKeys(prefix: "p")) == nil)
        let error = #expect(throws: InvalidRule.self) {
            try declaration.check(
                of: try Self.resource(),
                keys: BucketKeys(prefix: "p"),
                ownSecrets: .none
            )
        }
        #expect(
            error?.description == "Repository: no rule can be kept under "
                + "'p/rules/github/octo/\(String(repeating: "a", count: 44))…'"
        )
    }
}

@Suite struct `A resource of a stack` {
    static func error(_ stackID: String, _ logicalID: String) -> String? {
        do throws(RuleProblem) {
            _ = try StackResource(stackID: stackID, logicalID: logicalID)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        "", "payments", "arn:aws:cloudformation:eu-west-1:1:stack/payments",
        "arn:aws:cloudformation:eu-west-1:1:changeSet/payments/1", "x:stack/payments/1",
        "arn:aws:cloudformation:eu-west-1:1:stack/pay ments/1", "arn:a:stack/a/b/c",
    ])
    func `has a stack's ARN`(stackID: String) {
        #expect(
            Self.error(stackID, "Trigger")
                == "StackId: expected the ARN of a stack, found '\(stackID)'"
        )
    }

    @Test(arguments: ["", "a/b", "a b", "é"])
    func `has a plain name`(logicalID: String) {
        #expect(
            Self.error(`A declared rule`.stackID, logicalID)
                == "LogicalResourceId: expected letters and digits, found '\(logicalID)'"
        )
    }

    @Test func `names its rule so that no other has the name`() throws {
        let one = try StackResource(stackID: `A declared rule`.stackID, logicalID: "Trigger")
        let again = try StackResource(
            stackID: `A declared rule`.stackID.replacing("5b6f3a40", with: "5b6f3a41"),
            logicalID: "Trigger"
        )
        #expect(one.ruleName == "payments-Trigger-9db60fa1")
        #expect(again.ruleName.hasPrefix("payments-Trigger-"))
        #expect(one.ruleName != again.ruleName)
    }
}
