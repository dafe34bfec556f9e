import Codec
@testable import Core
import Testing

@testable import pointsman

struct NearMissTests {
    @Test(
        arguments: [
            (
                #""Branches": ["master"]"#,
                "Branches wants 'master', the push is to 'main'; nothing else keeps it from starting"
            ),
            (
                #""Branches": ["Main"]"#,
                "Branches wants 'Main', the push is to 'main'; 'Main' differs only in case; "
                    + "nothing else keeps it from starting"
            ),
            (
                #""Branches": ["mian", "x"], "Paths": ["nothing"]"#,
                "Branches wants 'mian' or 'x', the push is to 'main'; did you mean 'main'?"
            ),
            (
                #""Branches": ["^main$"]"#,
                "Branches wants '^main$', the push is to 'main'; did you mean 'main'?; "
                    + "nothing else keeps it from starting"
            ),
            (
                #""Actors": ["a", "b", "c", "d", "e", "f"], "Events": ["push"]"#,
                "Actors wants 'a' or 'b' or 'c' or 'd' or 'e' or one of 1 more, it was 'Codertocat'; "
                    + "nothing else keeps it from starting"
            ),
            (
                #""Paths": ["services/**"], "ExcludePaths": ["**"]"#,
                "it would start but for ExcludePaths"
            ),
            (
                #""PathExpressions": ["api/.*\\.txt"]"#,
                #"an expression is matched at the start of a path: '(.*/)?api/.*\.txt' matches "#
                    + "'services/api/requirements.txt'"
            ),
            (#""PathExpressions": ["zebra/.*"]"#, nil),
            (#""Events": ["tag"]"#, nil), ("", nil),
        ] as [(String, String?)]
    )
    func `what a rule lacks is named`(members: String, words: String?) throws {
        try expect(words, of: members, "github-push-services-api", "octo-org/monorepo")
    }

    @Test(
        arguments: [
            (
                "github-pull-request-labeled",
                #""Events": ["pull_request"], "Labels": ["Bug", "x"]"#,
                "Labels wants 'Bug' or 'x', the label is 'bug'; 'Bug' differs only in case; "
                    + "nothing else keeps it from starting"
            ),
            (
                "github-pull-request-labeled",
                #""Events": ["pull_request"], "Labels": ["x"], "ExcludeLabels": ["x"]"#,
                "Labels wants 'x', the label is 'bug'"
            ),
            ("github-pull-request-labeled", #""Events": ["pull_request"]"#, nil),
            (
                "github-pull-request-opened", #""Events": ["pull_request"], "Labels": ["x"]"#,
                "Labels wants 'x', the label is 'bug'; nothing else keeps it from starting"
            ),
            (
                "github-merge-group-checks-requested",
                #""Events": ["merge_group"], "Branches": ["maim"]"#,
                "Branches wants 'maim', the merge group is for 'main'; did you mean 'main'?; "
                    + "nothing else keeps it from starting"
            ),
        ] as [(String, String, String?)]
    )
    func `of a pull request and a merge group as well`(
        event: String,
        members: String,
        words: String?
    ) throws {
        let repository =
            event.contains("merge") ? "octo-org/monorepo" : "codertocat/hello-world"
        try expect(words, of: members, event, repository)
    }

    @Test(arguments: [
        (
            "dependabot[bot]", "dependabot[bot]",
            "Actors wants 'dependabot[bot]', it was 'dependabot[bot]'; `[` begins a set of "
                + #"characters: 'dependabot\[bot]' matches"#
        ),
        (
            "dependabot[bot]", "dependabot[bto]",
            "Actors wants 'dependabot[bto]', it was 'dependabot[bot]'; did you mean "
                + #"'dependabot\[bot]'?"#
        ),
    ])
    func `what is advised matches`(actor: String, pattern: String, words: String) throws {
        let event = try EventFile(
            InputFile("\(EventFileTests.folder)/github-push-services-api.json"),
            receivedAt: Timestamp(milliseconds: 0)
        )
        var change = try #require(event.changes.first)
        change.actor = actor
        try expect(words, of: #""Actors": ["\#(pattern)"]"#, change)
    }

    private func expect(
        _ words: String?,
        of members: String,
        _ name: String,
        _ repository: String
    ) throws {
        let event = try EventFile(
            InputFile("\(EventFileTests.folder)/\(name).json"),
            receivedAt: Timestamp(milliseconds: 0)
        )
        try expect(words, of: members, #require(event.changes.first), repository)
    }

    private func expect(
        _ words: String?,
        of members: String,
        _ change: Change,
        _ repository: String = "octo-org/monorepo"
    ) throws {
        let more = members.isEmpty ? "" : ", " + members
        let rule = Rule(
            key: "p/rules/github/\(repository)/r.json",
            prefix: "p",
            object: [UInt8](
                (#"{"Repository": "\#(repository)", "Target": {"CodePipeline": {"Name": "p"}}"#
                    + more + "}").utf8
            )
        )
        #expect(rule.problems.isEmpty)
        let decision = try #require(RuleSet([rule]).decide(change).first)
        let miss = NearMiss(change, decision, rule, NearestPath(change.paths.paths))
        #expect(miss.words == words)
    }
}
