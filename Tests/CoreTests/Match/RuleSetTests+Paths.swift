@testable import Core

extension RuleSetTests {
    static let paths: [DecisionRow] = [
        DecisionRow(
            #""Paths": ["lib/**", "src/**"]"#,
            .push(["README.md", "src/a.c", "src/b.c"]),
            .start,
            "Paths",
            "changed path 'src/a.c' matches 'src/**'",
            path: "src/a.c",
            pattern: "src/**"
        ),
        DecisionRow(
            #""Paths": ["src/**"]"#,
            .push(["README.md", "lib/a"]),
            .skipped,
            "Paths",
            "none of 2 changed paths matches"
        ),
        DecisionRow(
            #""Paths": ["src/**"]"#,
            .push(["README.md"]),
            .skipped,
            "Paths",
            "the changed path does not match"
        ),
        DecisionRow(
            #""Paths": ["**"]"#,
            .push([]),
            .skipped,
            "Paths",
            "there is no changed path"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "ExcludePaths": ["**/*.md"]"#,
            .push(["src/a.md", "src/b.c"]),
            .start,
            "Paths",
            "changed path 'src/b.c' matches 'src/**'",
            path: "src/b.c",
            pattern: "src/**"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "ExcludePaths": ["x", "**/*.md"]"#,
            .push(["a.c", "src/a.md", "src/b.md"]),
            .skipped,
            "ExcludePaths",
            "every changed path that matches is excluded, the first being changed path 'src/a.md' "
                + "by '**/*.md'",
            path: "src/a.md",
            pattern: "**/*.md"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push(["docs/a", "src/b"]),
            .start,
            "ExcludePaths",
            "changed path 'src/b' is not excluded",
            path: "src/b"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push(["docs/a", "docs/b"]),
            .skipped,
            "ExcludePaths",
            "every changed path that matches is excluded, the first being changed path 'docs/a' "
                + "by 'docs/**'",
            path: "docs/a",
            pattern: "docs/**"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push([]),
            .skipped,
            "ExcludePaths",
            "there is no changed path"
        ),
        DecisionRow(
            #""PathExpressions": ["src/.*\\.c$"]"#,
            .push(["src/a.c"]),
            .start,
            "PathExpressions",
            #"changed path 'src/a.c' matches 'src/.*\.c$'"#,
            path: "src/a.c",
            pattern: #"src/.*\.c$"#
        ),
        DecisionRow(
            #""PathExpressions": ["src"]"#,
            .push(["lib/src"]),
            .skipped,
            "PathExpressions",
            "the changed path does not match"
        ),
        DecisionRow(
            #""PathExpressions": ["s"], "Paths": ["src/**"]"#,
            .push(["src/a"]),
            .start,
            "Paths",
            "changed path 'src/a' matches 'src/**'",
            path: "src/a",
            pattern: "src/**"
        ),
        DecisionRow(
            #""PathExpressions": ["docs"], "Paths": ["src/**"]"#,
            .push(["docs/a", "src/a"]),
            .start,
            "PathExpressions",
            "changed path 'docs/a' matches 'docs'",
            path: "docs/a",
            pattern: "docs"
        ),
        DecisionRow(
            #""PathExpressions": [".*"], "ExcludePaths": ["docs/**"]"#,
            .push(["docs/a"]),
            .skipped,
            "ExcludePaths",
            "every changed path that matches is excluded, the first being changed path 'docs/a' "
                + "by 'docs/**'",
            path: "docs/a",
            pattern: "docs/**"
        ),
        DecisionRow(
            #""Paths": ["src/**"]"#,
            .push(["a"], incomplete: "the push was forced"),
            .start,
            "WhenPathsUnknown",
            "the changed path does not match, but not all changed paths are known: "
                + "the push was forced"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "WhenPathsUnknown": "skip""#,
            .push([], incomplete: "the push was forced"),
            .skipped,
            "WhenPathsUnknown",
            "there is no changed path, but not all changed paths are known: the push was forced"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "WhenPathsUnknown": "skip""#,
            .push(["src/a"], incomplete: "the push was forced"),
            .start,
            "Paths",
            "changed path 'src/a' matches 'src/**'",
            path: "src/a",
            pattern: "src/**"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push(["docs/a"], incomplete: "2048 commits"),
            .start,
            "WhenPathsUnknown",
            "the changed path does not match, but not all changed paths are known: 2048 commits"
        ),
        DecisionRow(
            #""WhenPathsUnknown": "skip""#,
            .push([], incomplete: "the push was forced"),
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Paths": ["src/**"]"#,
            .pullRequest("opened"),
            .start,
            "WhenPathsUnknown",
            "there is no changed path, but not all changed paths are known: "
                + "a pull request lists no paths"
        ),
        DecisionRow(
            #""PathExpressions": ["(a+)+$"]"#,
            .push([String(repeating: "a", count: 40) + "b"]),
            .start,
            "WhenPathsUnknown",
            "which changed paths match cannot be told: the budget of matching one rule against "
                + "one change is 2000000 steps, found at least 2000001"
        ),
    ]

    static let monoRepo: [DecisionRow] = [
        DecisionRow(
            "lib/.*, src/.*",
            .push(["src/a"]),
            .start,
            "ChangeMatchExpressions",
            "changed path 'src/a' matches 'src/.*'",
            path: "src/a",
            pattern: "src/.*"
        ),
        DecisionRow(
            "src",
            .push(["lib/src"]),
            .skipped,
            "ChangeMatchExpressions",
            "the changed path does not match"
        ),
        DecisionRow(
            "",
            .push(["x"]),
            .start,
            "ChangeMatchExpressions",
            "changed path 'x' matches the empty expression",
            path: "x",
            pattern: ""
        ),
        DecisionRow(
            "",
            .push([], commits: 0),
            .skipped,
            "ChangeMatchExpressions",
            "the push lists no commits"
        ),
        DecisionRow(
            "",
            .push([], incomplete: "commits are missing", commits: 0),
            .skipped,
            "ChangeMatchExpressions",
            "the push lists no commits"
        ),
        DecisionRow(
            "src",
            .push(["a"], incomplete: "the push has 2048 commits", commits: 2_048),
            .start,
            "WhenPathsUnknown",
            "the changed path does not match, but not all changed paths are known: "
                + "the push has 2048 commits"
        ),
        DecisionRow(
            "src",
            .push(["src"]).with { $0.deleted = true },
            .skipped,
            "Deleted",
            "a deleted ref starts nothing"
        ),
        DecisionRow(
            "(a+)+$",
            .push([String(repeating: "a", count: 40) + "b"]),
            .start,
            "WhenPathsUnknown",
            "which changed paths match cannot be told: the budget of matching one rule against "
                + "one change is 2000000 steps, found at least 2000001"
        ),
        DecisionRow(
            "src, (",
            .push(["src"]),
            .invalid,
            "Rule",
            "ChangeMatchExpressions: '(' is not a regular expression: "
                + "missing closing parenthesis at offset 1"
        ),
    ]
}
