import Codec
import Platform
import Testing

@testable import Core

/// A stage with pull requests of `octo/mono`, and rules about them.
extension Stage {
    /// The commit of a pull request's push number so and so.
    static func commit(_ number: Int) -> String {
        String(repeating: String(number % 10), count: 40)
    }

    /// A pull request's event in an HTTP API event.
    ///
    /// - Parameter minute: when it happened, after the stage's start.
    func pullRequest(
        _ action: String = "synchronize",
        minute: Int,
        commit: Int? = nil,
        number: Int = 7,
        base: String = "main",
        fork: String? = nil
    ) -> [UInt8] {
        Stage.event(
            Stage.pullRequest(
                action,
                minute: minute,
                commit: commit ?? minute,
                number: number,
                base: base,
                fork: fork
            ),
            name: "pull_request",
            delivery: "pr-\(number)-\(action)-\(minute)-\(commit ?? minute)"
        )
    }

    static func pullRequest(
        _ action: String,
        minute: Int,
        commit: Int,
        number: Int,
        base: String,
        fork: String?
    ) -> String {
        let time = Stage.start.adding(milliseconds: minute * 60_000).iso8601
        let head = fork ?? "octo/mono"
        return #"""
            {"action":"\#(action)","number":\#(number),"pull_request":{"number":\#(number),\#
            "updated_at":"\#(time)","draft":false,"merged":false,\#
            "head":{"ref":"topic","sha":"\#(Stage.commit(commit))",\#
            "repo":{"full_name":"\#(head)"}},\#
            "base":{"ref":"\#(base)","sha":"\#(String(repeating: "a", count: 40))",\#
            "repo":{"full_name":"octo/mono"}}},\#
            "repository":{"id":5,"full_name":"octo/mono",\#
            "clone_url":"https://github.com/octo/mono.git"},"sender":{"login":"mona"}}
            """#
    }

    /// A rule about pull requests of `octo/mono`.
    func review(_ name: String, _ more: String = "", target: String? = nil) {
        let target =
            target ?? #"{"CodePipeline":{"Name":"\#(name)","SourceAction":"Source"}}"#
        let separator = more.isEmpty ? "" : ","
        aws.put(
            "\(Stage.prefix)/rules/github/octo/mono/\(name).json",
            #"{"Repository":"octo/mono","Events":["pull_request"],\#(more)\#(separator)"#
                + #""Target":\#(target)}"#
        )
    }

    /// The ids of all executions, the oldest first.
    var executionIDs: [String] {
        aws.executions.map { "execution-of-\($0.pipeline)-\($0.token.prefix(8))" }
    }
}
