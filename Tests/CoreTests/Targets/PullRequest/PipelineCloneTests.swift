import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct PipelineCloneTests {
    private static func pipeline(
        fork: String?? = .none,
        secret: String? = nil
    ) -> PullRequestPipeline {
        PullRequestPipeline(
            target: PullRequestPipelineTarget(
                template: "api",
                sourceAction: "Source",
                oauthTokenSecretARN: secret,
                access: AWSAccess(role: nil)
            ),
            act: .make,
            name: PullRequestPipelineName(template: "api", repository: "octo/mono", number: 7),
            pullRequest: Change.PullRequest(
                number: 7,
                action: "opened",
                base: "main",
                head: "topic/a",
                fork: fork != .none,
                draft: false,
                merged: false,
                headRepository: fork ?? nil
            ),
            eventTime: Timestamp(milliseconds: 0)
        )
    }

    private static func type(_ owner: String, _ provider: String) -> String {
        #"{"category":"Source","owner":"\#(owner)","provider":"\#(provider)","version":"1"}"#
    }

    /// A declaration with that source action and a build.
    private static func template(
        _ type: String,
        _ configuration: String,
        more: String = "",
        build: String = "{}"
    ) throws -> JSON {
        try JSON(
            parsing: Array(
                #"""
                {"name":"api","roleArn":"r","version":12,"triggers":[{"providerType":"x"}],\#
                "stages":[{"name":"S","actions":[{"name":"Source","actionTypeId":\#(type),\#
                "runOrder":1,"configuration":\#(configuration)}\#(more)]},\#
                {"name":"B","actions":[{"name":"Build","configuration":\#(build),"actionTypeId":\#
                {"category":"Build","owner":"AWS","provider":"CodeBuild","version":"1"}}]}],\#
                "pipelineType":"V2","later":{"field":[1.50,null]}}
                """#.utf8
            )
        )
    }

    private static func configuration(of clone: JSON, _ index: Int = 0) -> String? {
        let action = clone["stages"]?.array?.first?["actions"]?.array?[index]
        return action?["configuration"].map { String(decoding: $0.encoded(), as: UTF8.self) }
    }

    private static let connection = type("AWS", "CodeStarSourceConnection")
    private static let onMono =
        #"{"ConnectionArn":"c","FullRepositoryId":"octo/mono","BranchName":"main"}"#

    @Test func `all is carried over but name, version, triggers and the source`() throws {
        let template = try Self.template(Self.connection, Self.onMono)
        let clone = try PipelineClone(of: template, for: Self.pipeline()).declaration(
            oauthToken: nil
        )
        let expected = String(decoding: template.encoded(), as: UTF8.self)
            .replacing(#""version":12,"triggers":[{"providerType":"x"}],"#, with: "")
            .replacing(#""name":"api""#, with: #""name":"api@octo@mono@7""#)
            .replacing(
                #""BranchName":"main""#,
                with: #""BranchName":"topic/a","DetectChanges":"false""#
            )
        #expect(String(decoding: clone.encoded(), as: UTF8.self).count == expected.count)
        #expect(clone["later"] == template["later"])
        #expect(clone["version"] == nil && clone["triggers"] == nil)
        #expect(clone["name"]?.string == "api@octo@mono@7")
        #expect(clone["stages"]?.array?[1] == template["stages"]?.array?[1])
    }

    @Test(arguments: [
        (
            connection,
            #"{"FullRepositoryId":"Octo/Mono","BranchName":"main","DetectChanges":"true"}"#,
            String??.none,
            #"{"FullRepositoryId":"Octo/Mono","BranchName":"topic/a","DetectChanges":"false"}"#
        ),
        (
            connection, onMono, "other/mono",
            #"{"ConnectionArn":"c","FullRepositoryId":"other/mono","BranchName":"topic/a","DetectChanges":"false"}"#
        ),
        (
            type("ThirdParty", "GitHub"),
            #"{"Owner":"octo","Repo":"mono","Branch":"main","OAuthToken":"****"}"#, .none,
            #"{"Owner":"octo","Repo":"mono","Branch":"topic/a","OAuthToken":"s3\"cret","PollForSourceChanges":"false"}"#
        ),
        (
            type("ThirdParty", "GitHub"),
            #"{"Owner":"octo","Repo":"mono","Branch":"main","OAuthToken":"****"}"#, "other/fork",
            #"{"Owner":"other","Repo":"fork","Branch":"topic/a","OAuthToken":"s3\"cret","PollForSourceChanges":"false"}"#
        ),
        (
            type("AWS", "CodeCommit"), #"{"RepositoryName":"octo/mono"}"#, .none,
            #"{"RepositoryName":"octo/mono","PollForSourceChanges":"false","BranchName":"topic/a"}"#
        ),
    ])
    func `the source action is put on the head branch and starts nothing by itself`(
        type: String,
        configuration: String,
        fork: String??,
        expected: String
    ) throws {
        let template = try Self.template(type, configuration)
        let clone = try PipelineClone(of: template, for: Self.pipeline(fork: fork, secret: "arn"))
        let declaration = clone.declaration(oauthToken: Secret(#"s3"cret"#))
        #expect(Self.configuration(of: declaration) == expected)
        #expect(clone.needsOAuthToken == type.contains("GitHub"))
    }

    @Test(arguments: [
        (connection, #"{"BranchName":"x"}"#, #"{"BranchName":"x","DetectChanges":"false"}"#),
        (
            type("AWS", "S3"), #"{"S3Bucket":"b"}"#,
            #"{"S3Bucket":"b","PollForSourceChanges":"false"}"#
        ),
        (type("AWS", "ECR"), #"{"RepositoryName":"b"}"#, #"{"RepositoryName":"b"}"#),
    ])
    func `another source action stays where it is and starts nothing either`(
        type: String,
        configuration: String,
        expected: String
    ) throws {
        let other =
            #",{"name":"Other","actionTypeId":\#(type),"configuration":\#(configuration)}"#
        let template = try Self.template(Self.connection, Self.onMono, more: other)
        let clone = try PipelineClone(of: template, for: Self.pipeline())
        #expect(Self.configuration(of: clone.declaration(oauthToken: nil), 1) == expected)
    }

    @Test(arguments: [
        (
            type("AWS", "S3"), "{}", "{}", String??.none,
            "the template 'api' has the source action 'Source' of S3, which has no branches: "
                + "expected CodeStarSourceConnection, GitHub or CodeCommit"
        ),
        (
            connection, #"{"FullRepositoryId":"octo/other"}"#, "{}", .none,
            "the template 'api' has its source action 'Source' on 'octo/other', not on 'octo/mono'"
        ),
        (
            connection, onMono, #"{"Password":"****"}"#, .none,
            "the template 'api' has a secret that CodePipeline does not give away: "
                + "'Password' of the action 'Build'"
        ),
        (
            type("ThirdParty", "GitHub"), #"{"Owner":"octo","Repo":"mono","OAuthToken":"****"}"#,
            "{}", .none,
            "the template 'api' has a source action of GitHub (version 1), whose token CodePipeline "
                + "does not give away: the rule needs an OAuthTokenSecretArn"
        ),
        (
            connection, onMono, "{}", .some(nil),
            "the repository that octo/mono#7 comes from is gone"
        ),
    ])
    func `a template that cannot be cloned is refused with a reason`(
        type: String,
        configuration: String,
        build: String,
        fork: String??,
        reason: String
    ) throws {
        let template = try Self.template(type, configuration, build: build)
        let error = #expect(throws: PipelineCloneError.self) {
            try PipelineClone(of: template, for: Self.pipeline(fork: fork))
        }
        #expect(error?.description == reason)
    }

    @Test(arguments: [connection, type("ThirdParty", "GitHub")])
    func `another source action is given no token`(type: String) throws {
        let own = type == Self.connection ? Self.onMono : #"{"Owner":"octo","Repo":"mono"}"#
        let other =
            #",{"name":"Other","actionTypeId":\#(Self.type("ThirdParty", "GitHub")),"#
            + #""configuration":{"Owner":"evil","Repo":"mono","OAuthToken":"****"}}"#
        let template = try Self.template(type, own, more: other)
        let error = #expect(throws: PipelineCloneError.self) {
            try PipelineClone(of: template, for: Self.pipeline(secret: "arn"))
        }
        #expect(
            error?.description
                == "the template 'api' has a secret that CodePipeline does not give away: "
                + "'OAuthToken' of the action 'Other'"
        )
    }

    @Test func `an action that is not there is refused, and those that are are named`() throws {
        var pipeline = Self.pipeline()
        pipeline.target.sourceAction = "Build"
        let template = try Self.template(Self.connection, Self.onMono)
        let error = #expect(throws: PipelineCloneError.self) {
            try PipelineClone(of: template, for: pipeline)
        }
        #expect(
            error?.description == "the template 'api' has no source action 'Build', but Source"
        )
    }

    @Test(.needsPython("botocore"), arguments: ["V1", "V2"])
    func `every field of the service's own model is carried over`(type: String) throws {
        let line = #"{"op":"sample","service":"codepipeline","shape":"PipelineDeclaration"}"#
        let answers = try PythonOracle.answers(of: "botocore_oracle.py", to: [Data(line.utf8)])
        let answer = try JSON(parsing: [UInt8](answers[0]))
        let sample = try #require(answer["value"])
        let members = try #require(sample.members)
        let expected = [
            "artifactStore", "artifactStores", "executionMode", "name", "pipelineType", "roleArn",
            "stages", "triggers", "variables", "version",
        ]
        #expect(members.map(\.key).sorted() == expected)
        let text = String(decoding: sample.encoded(), as: UTF8.self)
            .replacing(
                #""name":"name","actionTypeId":{"category":"Compute""#,
                with:
                    #""name":"Source","actionTypeId":{"category":"Source""#
            )
            .replacing(
                #""owner":"Custom","provider":"provider""#,
                with:
                    #""owner":"AWS","provider":"CodeCommit""#
            )
            .replacing(
                #""configuration":{"configuration":"configuration"}"#,
                with:
                    #""configuration":{"RepositoryName":"octo/mono","BranchName":"main"}"#,
                maxReplacements: 1
            )
            .replacing(#""pipelineType":"V2""#, with: #""pipelineType":"\#(type)""#)
        let template = try JSON(parsing: Array(text.utf8))
        let clone = try PipelineClone(of: template, for: Self.pipeline()).declaration(
            oauthToken: nil
        )
        var wanted =
            text
            .replacing(#"{"name":"name","roleArn""#, with: #"{"name":"api@octo@mono@7","roleArn""#)
            .replacing(#","version":1,"executionMode""#, with: #","executionMode""#)
            .replacing(
                #""BranchName":"main""#,
                with:
                    #""BranchName":"topic/a","PollForSourceChanges":"false""#
            )
        let triggers = try #require(wanted.range(of: #","triggers":"#))
        wanted = String(wanted[..<triggers.lowerBound]) + "}"
        #expect(String(decoding: clone.encoded(), as: UTF8.self) == wanted)
    }
}
