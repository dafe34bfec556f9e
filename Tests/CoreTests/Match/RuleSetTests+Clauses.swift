import Foundation
import TestSupport
import Testing

@testable import Core

extension RuleSetTests {
    static let source: [DecisionRow] = [
        DecisionRow("", .push(), .start, "Events", "the rule is about every push"),
        DecisionRow(
            #""Events": ["tag", "pull_request"]"#,
            .push(),
            .skipped,
            "Events",
            "the rule is about tag or pull_request, not push"
        ),
        DecisionRow("", .tag("v1"), .skipped, "Events", "the rule is about push, not tag"),
        DecisionRow(
            "",
            .push().with { $0.repository = "ACME/App" },
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            "",
            .push().with { $0.repository = "acme/web" },
            .skipped,
            "Repository",
            "the rule is about 'acme/app', not 'acme/web'"
        ),
        DecisionRow(
            "",
            .push().with { $0.source = .codecommit },
            .skipped,
            "Source",
            "the rule is about github, not codecommit"
        ),
        DecisionRow(
            "",
            .push().with { $0.deleted = true },
            .skipped,
            "Deleted",
            "a deleted ref starts nothing"
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .pullRequest("opened"),
            .start,
            "Events",
            "the rule is about every pull_request"
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .pullRequest("closed"),
            .skipped,
            "Target",
            "a closed pull request does not start a CodePipeline"
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .pullRequest("edited"),
            .skipped,
            "Target",
            "a pull request's new base does not start a CodePipeline"
        ),
    ]

    static let refs: [DecisionRow] = [
        DecisionRow(
            #""Branches": ["main"]"#,
            .push(),
            .start,
            "Branches",
            "branch 'main' matches 'main'",
            pattern: "main"
        ),
        DecisionRow(
            #""Branches": ["x", "m*", "main"]"#,
            .push(),
            .start,
            "Branches",
            "branch 'main' matches 'm*'",
            pattern: "m*"
        ),
        DecisionRow(
            #""Branches": ["main"]"#,
            .push(branch: "release/main"),
            .skipped,
            "Branches",
            "branch 'release/main' matches none of Branches"
        ),
        DecisionRow(
            #""Branches": ["release/*"]"#,
            .push(branch: "release/main"),
            .start,
            "Branches",
            "branch 'release/main' matches 'release/*'",
            pattern: "release/*"
        ),
        DecisionRow(
            #""Branches": ["**"], "ExcludeBranches": ["dependabot/**"]"#,
            .push(branch: "dependabot/npm/x"),
            .skipped,
            "ExcludeBranches",
            "branch 'dependabot/npm/x' is excluded by 'dependabot/**'",
            pattern: "dependabot/**"
        ),
        DecisionRow(
            #""ExcludeBranches": ["dependabot/**"]"#,
            .push(),
            .start,
            "ExcludeBranches",
            "branch 'main' is not excluded"
        ),
        DecisionRow(
            #""Branches": ["main"]"#,
            .push(branch: nil),
            .skipped,
            "Branches",
            "the event does not say the branch"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Branches": ["main"]"#,
            .pullRequest("opened"),
            .start,
            "Branches",
            "branch 'main' matches 'main'",
            pattern: "main"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Branches": ["feature"]"#,
            .pullRequest("opened"),
            .skipped,
            "Branches",
            "branch 'main' matches none of Branches"
        ),
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"], "Branches": ["main"]"#,
            .tag("v1"),
            .start,
            "Tags",
            "tag 'v1' matches 'v*'",
            pattern: "v*"
        ),
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"], "ExcludeTags": ["*-rc*"]"#,
            .tag("v1-rc2"),
            .skipped,
            "ExcludeTags",
            "tag 'v1-rc2' is excluded by '*-rc*'",
            pattern: "*-rc*"
        ),
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"]"#,
            .tag("1"),
            .skipped,
            "Tags",
            "tag '1' matches none of Tags"
        ),
        DecisionRow(
            #""Tags": ["v*"]"#,
            .push(),
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            #""Events": ["tag"], "Paths": ["src/**"], "WhenPathsUnknown": "skip""#,
            .tag("v1"),
            .start,
            "Events",
            "the rule is about every tag"
        ),
    ]

    static let commits: [DecisionRow] = [
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"]"#,
            .tag("v1").with { ($0.after, $0.tagObject) = (nil, "5f2c") },
            .skipped,
            "Commit",
            "the tag points to something that is not a commit (5f2c): nothing can run on it"
        ),
        DecisionRow(
            #""Events": ["tag"]"#,
            .tag("v1").with { $0.after = nil },
            .skipped,
            "Commit",
            "the tag points to something that is not a commit: nothing can run on it"
        ),
        DecisionRow(
            "",
            .tag("v1").with { $0.after = nil },
            .skipped,
            "Events",
            "the rule is about push, not tag"
        ),
        DecisionRow(
            #""Events": ["tag"]"#,
            .tag("v1").with { ($0.after, $0.deleted) = (nil, true) },
            .skipped,
            "Deleted",
            "a deleted ref starts nothing"
        ),
    ]

    private static let fork =
        "the pull request comes from the fork 'stranger/app': the rule does not say Forks: allow"

    static let forks: [DecisionRow] = [
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .fork("opened"),
            .skipped,
            "Forks",
            fork
        ),
        DecisionRow(
            #""Events": ["push", "pull_request"], "Branches": ["main"], "Forks": "skip""#,
            .fork("synchronize"),
            .skipped,
            "Forks",
            fork
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .fork("opened", from: nil),
            .skipped,
            "Forks",
            "the pull request comes from a repository that is gone, which counts as a fork: "
                + "the rule does not say Forks: allow"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Forks": "allow""#,
            .fork("opened"),
            .start,
            "Events",
            "the rule is about every pull_request"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Forks": "allow", "Actors": ["hubot"]"#,
            .fork("opened"),
            .skipped,
            "Actors",
            "actor 'octocat' matches none of Actors"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Branches": ["dev"]"#,
            .fork("opened"),
            .skipped,
            "Branches",
            "branch 'main' matches none of Branches"
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .pullRequest("opened"),
            .start,
            "Events",
            "the rule is about every pull_request"
        ),
        DecisionRow(
            #""Forks": "skip""#,
            .push(),
            .start,
            "Events",
            "the rule is about every push"
        ),
    ]

    static let actors: [DecisionRow] = [
        DecisionRow(
            #""Actors": ["octo*"]"#,
            .push(),
            .start,
            "Actors",
            "actor 'octocat' matches 'octo*'",
            pattern: "octo*"
        ),
        DecisionRow(
            #""Actors": ["hubot"]"#,
            .push(),
            .skipped,
            "Actors",
            "actor 'octocat' matches none of Actors"
        ),
        DecisionRow(
            #""ExcludeActors": ["dependabot\\[bot\\]"]"#,
            .push(actor: "dependabot[bot]"),
            .skipped,
            "ExcludeActors",
            #"actor 'dependabot[bot]' is excluded by 'dependabot\[bot\]'"#,
            pattern: #"dependabot\[bot\]"#
        ),
        DecisionRow(
            #""Actors": ["*"]"#,
            .push(actor: nil),
            .skipped,
            "Actors",
            "the event does not say the actor"
        ),
        DecisionRow(
            #""ExcludeActors": ["hubot"]"#,
            .push(actor: ""),
            .skipped,
            "ExcludeActors",
            "the event does not say the actor"
        ),
        DecisionRow(
            #""SkipMessages": ["[ci skip]", "[skip ci]"]"#,
            .push(message: "Fix [skip ci]"),
            .skipped,
            "SkipMessages",
            "the head commit's message holds '[skip ci]'",
            pattern: "[skip ci]"
        ),
        DecisionRow(
            #""SkipMessages": ["[skip ci]"]"#,
            .push(message: "[Skip CI]"),
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            #""SkipMessages": ["[skip ci]"]"#,
            .push(message: nil),
            .start,
            "Events",
            "the rule is about every push"
        ),
    ]
}

@Suite struct ClauseTests {
    @Test func `the documents list the clauses in their order`() throws {
        let page = Conformance.packageRoot.appending(path: "docs/rules.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.split(separator: "## How a change is matched").last)
        let rows = section.prefix { $0 != "#" }.split(separator: "\n").filter {
            $0.hasPrefix("| `")
        }
        let names = rows.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.output.1) }
        }
        #expect(names == Clause.allCases.map(\.rawValue))
    }
}
