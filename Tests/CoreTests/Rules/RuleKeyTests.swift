import Testing

@testable import Core

@Suite struct RuleKeyTests {
    @Test(arguments: [
        ("app", "main", "p1", "p/app-main-p1-68099E47.json"),
        (
            "mono-repo-experiment", "master", "mono-repo-s3-example",
            "p/mono-repo-experiment-master-mono-repo-s3-example-339560E8.json"
        ),
        (
            "a-repository-with-a-long-name", "feature/of-some-length", "pipeline",
            "p/a-repository-with-a-long-name-feature/of-some-length-905274DF.json"
        ),
    ])
    func `the key of the mono-repo trigger`(
        repository: String,
        branch: String,
        pipeline: String,
        key: String
    ) {
        #expect(
            RuleKey.monoRepo(
                prefix: "p",
                repository: repository,
                branch: branch,
                pipeline: pipeline
            )
                == key
        )
    }

    @Test func `the key of a rule has its repository in lower case`() {
        #expect(
            RuleKey.current(prefix: "p", source: .github, repository: "Acme/App", name: "Stack-X")
                == "p/rules/github/acme/app/Stack-X.json"
        )
    }

    static let long = String(repeating: "b", count: 60)

    @Test(arguments: [
        (Change.push(), ["p/rules/github/acme/app/", "p/app-main"]),
        (Change.push(branch: "release/1"), ["p/rules/github/acme/app/", "p/app-release/1"]),
        (Change.push(branch: long), ["p/rules/github/acme/app/", "p/app-\(long.prefix(48))"]),
        (Change.tag("v1"), ["p/rules/github/acme/app/"]),
        (Change.pullRequest("opened"), ["p/rules/github/acme/app/"]),
        (Change.imagePush, ["p/rules/dockerhub/acme/web/"]),
    ])
    func `what is listed for a change`(change: Change, prefixes: [String]) {
        #expect(RuleKey.listings(prefix: "p", for: change) == prefixes)
    }

    @Test(arguments: [
        ("p/rules/github/a/b/r.json", true), ("p/app-main-p1-68099E47.json", true),
        ("p/rules/github/a/b/", false), ("p/rules/github/a/b/readme.txt", false), (".json", true),
        ("json", false), ("", false),
    ])
    func `which listed keys are rules`(key: String, isRule: Bool) {
        #expect(RuleKey.isRule(key) == isRule)
    }

    @Test(arguments: [
        ("p/app-main-p1-68099E47.json", true), ("p/x.json", true), ("p/x", false),
        ("x.json", false), ("not-created-5b6f", false), ("", false),
    ])
    func `which texts are keys`(text: String, isKey: Bool) {
        #expect(RuleKey.isKey(text) == isKey)
    }

    @Test(arguments: [
        ("p/rules/github/a/b/r.json", true), ("p/rules/codecommit/a/r.json", true),
        ("p/app-main-p1-68099E47.json", true), ("p/app-release/1-p1-68099E47.json", true),
        ("p/rules/github/a/b/c/r.json", false), ("p/rules/github/r.json", false),
        ("p/rules/github//b/r.json", false), ("p/rules/github/a/b/r.txt", false),
        ("p/rules/x-68099E47.json", false), ("p/ledger/app-68099E47.json", false),
        ("p/changes/2026-01-01/a-68099E47.json", false), ("p/ledger/0b6e", false),
        ("p/decisions/2026-01-01/a-68099E47.json", false), ("p/app-68099e47.json", false),
        ("p/app.json", false), ("p/-68099E47.json", false), ("p/a68099E47.json", false),
        ("q/rules/github/a/b/r.json", false), ("rules/github/a/b/r.json", false), ("p/", false),
        ("", false), ("p/rules/.json", false), ("p/.json", false),
        ("GitHubIntegrationMonoRepoS3ConfigResource", false),
    ])
    func `which keys a rule is declared under`(key: String, isDeclared: Bool) {
        #expect(RuleKey.isDeclared(key, prefix: "p") == isDeclared)
    }
}
