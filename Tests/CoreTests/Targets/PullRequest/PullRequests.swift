import Codec
import Foundation
import Testing

@testable import Core

/// Pull requests of `octo/mono` on a stage, with a template and a rule for them.
extension Stage {
    static let clone = "api@octo@mono@7"
    static let claimTag = "pointsman:pull-request"
    static let repositoryTag = "pointsman:repository-id"
    static let timeTag = "pointsman:event-time"
    /// GitHub's number of `octo/mono`.
    static let repositoryID = 5

    /// A stage with the template `api` and a rule that makes pipelines from it.
    static func withTemplate(
        type: String = "V2",
        source: String = connection,
        rule members: String = "",
        target: String = ""
    ) throws -> Stage {
        let stage = try Stage()
        stage.aws.pipelines.now = Stage.start
        stage.aws.pipelines["api"] = try template(type: type, source: source)
        stage.pullRequestRule("pr", members, target: target)
        return stage
    }

    func pullRequestRule(_ name: String, _ members: String = "", target: String = "") {
        let separator = members.isEmpty ? "" : ","
        aws.put(
            "\(Stage.prefix)/rules/github/octo/mono/\(name).json",
            #"{"Repository":"octo/mono","Events":["pull_request"],"Target":{"PullRequestPipeline":"#
                + #"{"Template":"api","SourceAction":"Source"\#(target)}}\#(separator)\#(members)}"#
        )
    }

    static let connection =
        #"{"category":"Source","owner":"AWS","provider":"CodeStarSourceConnection","version":"1"},"#
        + #""configuration":{"ConnectionArn":"c","FullRepositoryId":"octo/mono","BranchName":"main"}"#
    static let gitHub =
        #"{"category":"Source","owner":"ThirdParty","provider":"GitHub","version":"1"},"#
        + #""configuration":{"Owner":"octo","Repo":"mono","Branch":"main","OAuthToken":"****"}"#
    static let s3 =
        #"{"category":"Source","owner":"AWS","provider":"S3","version":"1"},"configuration":{}"#

    static func template(
        type: String = "V2",
        source: String = connection
    ) throws -> FakePipelines.Pipeline {
        let text =
            #"{"name":"api","roleArn":"r","version":3,"pipelineType":"\#(type)","triggers":[],"#
            + #""stages":[{"name":"S","actions":[{"name":"Source","actionTypeId":\#(source)}]}]}"#
        return FakePipelines.Pipeline(
            declaration: try JSON(parsing: Array(text.utf8)),
            updated: Stage.start
        )
    }

    /// A pipeline as an earlier start has made it.
    func putClone(
        _ name: String = Stage.clone,
        claim: String? = "octo/mono#7",
        of repository: Int? = nil,
        template: String = "api",
        idle days: Int = 0,
        status: String = "Succeeded"
    ) throws {
        var pipeline = try Stage.template()
        pipeline.updated = Stage.start.adding(milliseconds: -days * 86_400_000)
        pipeline.latestRun = (status, pipeline.updated)
        pipeline.tags = ["pointsman:template": template, "pointsman:start": "earlier"]
        if let repository { pipeline.tags[Stage.repositoryTag] = "github:\(repository)" }
        if let claim { pipeline.tags[Stage.claimTag] = claim }
        aws.pipelines[name] = pipeline
    }

    static let head = String(repeating: "c", count: 40)

    /// A signed event of a pull request of `octo/mono` from `topic/a`.
    func pullRequest(
        _ action: String,
        number: Int = 7,
        base: String = "main",
        from repository: String = "octo/mono",
        draft: Bool = false,
        labels: [String] = [],
        added: String? = nil,
        head commit: String = head,
        delivery: String = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        id: Int? = repositoryID,
        at time: String? = nil
    ) -> [UInt8] {
        let head =
            #"{"ref":"topic/a","sha":"\#(commit)","repo":{"full_name":"\#(repository)"}}"#
        let names = labels.map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
        let all = labels.isEmpty ? "" : #""labels":[\#(names)],"#
        let added = added.map { #","label":{"name":"\#($0)"}"# } ?? ""
        let changes = action == "edited" ? #","changes":{"base":{"ref":{"from":"main"}}}"# : ""
        let id = id.map { #""id":\#($0),"# } ?? ""
        let time = time.map { #""updated_at":"\#($0)","# } ?? ""
        let body =
            #"{"action":"\#(action)","number":\#(number),"sender":{"login":"mona"}\#(changes)\#(added),"#
            + #""repository":{\#(id)"full_name":"octo/mono"},"pull_request":{\#(time)\#(all)"draft":\#(draft),"#
            + #""merged":false,"head":\#(head),"base":{"ref":"\#(base)"}}}"#
        return Stage.event(body, name: "pull_request", delivery: delivery)
    }

    /// Sends an event by both functions; the record.
    @discardableResult
    func decide(_ event: [UInt8]) throws -> JSON {
        try send(event)
        return try evaluate(#require(takeHandOvers().first))[0].get()
    }
}
