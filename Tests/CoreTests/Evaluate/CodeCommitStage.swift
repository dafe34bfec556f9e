import Codec
import Testing

@testable import AWS
@testable import Core

extension Stage {
    static let repository = "my-repo"

    /// A rule for the CodeCommit repository `my-repo`.
    func codeCommitRule(_ name: String, _ properties: String = "", repository: String = "my-repo") {
        let separator = properties.isEmpty ? "" : ","
        aws.put(
            "\(Stage.prefix)/rules/codecommit/\(repository.lowercased())/\(name).json",
            #"{"Source":"codecommit","Repository":"\#(repository)"\#(separator)\#(properties),"#
                + #""Target":{"CodePipeline":{"Name":"\#(name)","SourceAction":"Source"}}}"#
        )
    }

    /// A trigger's event: refs and the commits that they are at now.
    func trigger(
        _ references: [(ref: String, commit: String)],
        event: String,
        at second: Int,
        name: String = "ReferenceChanges"
    ) -> [UInt8] {
        let list = references.map { #"{"ref":"\#($0.ref)","commit":"\#($0.commit)"}"# }
            .joined(separator: ",")
        return Array(
            #"""
            {"Records":[{"eventId":"\#(event)","eventVersion":"1.0",\#
            "eventTime":"2026-09-21T00:00:\#(second < 10 ? "0" : "")\#(second).5+0000",\#
            "eventTriggerName":"all","eventPartNumber":1,"eventTotalParts":1,\#
            "codecommit":{"references":[\#(list)]},"eventName":"\#(name)",\#
            "customData":"{\"Records\":[1]}","eventSource":"aws:codecommit",\#
            "eventSourceARN":"arn:aws:codecommit:eu-west-1:123456789012:my-repo",\#
            "userIdentityARN":"arn:aws:iam::123456789012:user/Mary","awsRegion":"eu-west-1"}]}
            """#.utf8
        )
    }

    /// A push to `main` as the trigger tells it.
    func pushed(_ commit: String, at second: Int) -> [UInt8] {
        trigger([("refs/heads/main", commit)], event: "event-\(commit)-\(second)", at: second)
    }

    /// A CodeCommit event of EventBridge.
    func stateChange(_ type: String, _ detail: String, at second: Int = 1) -> [UInt8] {
        Array(
            #"""
            {"id":"e-\#(second)","detail-type":"CodeCommit \#(type) State Change",\#
            "time":"2026-09-21T00:00:0\#(second)Z",\#
            "resources":["arn:aws:codecommit:eu-west-1:123456789012:my-repo"],"detail":{\#(detail)}}
            """#.utf8
        )
    }

    /// Gives `webhook` a direct invocation; what it hands over.
    func handOvers(of event: [UInt8]) throws -> [[UInt8]] {
        let handler = try #require(webhook)
        _ = try handler(invocation(event, requestID: "direct"))
        return takeHandOvers()
    }

    /// Gives `webhook` a direct invocation and evaluates what it hands over: the records.
    @discardableResult
    func evaluateDirect(_ event: [UInt8]) throws -> [JSON] {
        try handOvers(of: event).map { try #require(evaluate($0).last).get() }
    }

    /// What is remembered of a branch: commits in order, those not done with a question mark.
    func remembered(_ branch: String = "main") throws -> [String] {
        let key = "\(Stage.prefix)/commits/codecommit/my-repo/refs/heads/\(branch).json"
        guard let object = aws.objects[key] else { return [] }
        return try #require(JSON(parsing: object.body)["commits"]?.array).map { entry in
            (entry["commit"]?.string ?? "") + (entry["done"]?.bool == true ? "" : "?")
        }
    }

    /// The calls of CodeCommit, in order.
    var codeCommitCalls: [String] {
        aws.calls.filter { call in
            ["GetCommit", "GetDifferences", "GetFolder"].contains { call.hasPrefix($0) }
        }
    }
}
