import Codec
import Platform
import Testing

@testable import Core

@Suite struct BucketKeysTests {
    private static let keys = BucketKeys(prefix: "p")

    /// Received on the day 2026-09-21, in UTC.
    private static func change(on branch: String? = "main") -> Change {
        Change(
            source: .codecommit,
            repository: "Repo",
            kind: .push,
            branch: branch,
            receivedAt: Timestamp(milliseconds: 1_790_000_000_000),
            delivery: "d1",
            bodyDigest: BodyDigest(SHA256(of: Array("body".utf8))),
            paths: ChangedPaths(paths: [])
        )
    }

    private static func hash(_ text: String) -> String { Hex.lower(SHA256.hash(Array(text.utf8))) }

    @Test func `the ledger record of a start`() {
        #expect(Self.keys.ledger("0b6e") == "p/ledger/0b6e")
    }

    @Test func `the head of a rule and a scope`() {
        #expect(
            Self.keys.head(ofRule: "p/rules/github/a/b/r.json", scope: "branch:main")
                == "p/heads/\(Self.hash("p/rules/github/a/b/r.json\nbranch:main")).json"
        )
    }

    @Test func `a run, by its id or its pipeline`() {
        #expect(Self.keys.run(.execution("e-1")) == "p/runs/codepipeline/e-1.json")
        #expect(Self.keys.run(.build("b:1")) == "p/runs/codebuild/b:1.json")
        #expect(Self.keys.run(.first(ofPipeline: "a@o@m@7")) == "p/runs/pipeline/a@o@m@7.json")
        #expect(RunName("codepipeline/e-1")?.id == "e-1")
        #expect(RunName("codebuild/b:1")?.id == "b:1")
        #expect(RunName("pipeline/a")?.text == "pipeline/a" && RunName("pipeline/a")?.id == nil)
        #expect(RunName("rules/a") == nil)
    }

    @Test func `the status of a commit for one context`() {
        #expect(
            Self.keys.status(of: "7e", in: "octo/mono", of: .github, context: "ci/api")
                == "p/statuses/\(Self.hash("github\nocto/mono\n7e\nci/api")).json"
        )
    }

    @Test func `the head of a pull request`() {
        #expect(
            Self.keys.pullHead(7, of: .github, in: "Octo/Mono") == "p/pulls/github/octo/mono/7.json"
        )
    }

    @Test func `a change, by its day and its body`() {
        #expect(
            Self.keys.change(Self.change()) == "p/changes/2026-09-21/\(Self.hash("body\n")).json"
        )
        #expect(Self.keys.changes == "p/changes/")
    }

    @Test func `a decision record or a self-check, by its day and its delivery`() {
        let key = "p/decisions/2026-09-21/d1.json"
        let day = Timestamp(milliseconds: 1_790_000_000_000)
        #expect(Self.keys.decision(on: Self.change()) == key)
        #expect(Self.keys.decision("d1", receivedAt: day) == key)
    }

    @Test func `a decision record whose key another change has taken`() {
        #expect(
            Self.keys.otherDecision(on: Self.change())
                == "p/decisions/2026-09-21/d1-\(Self.hash("body")).json"
        )
    }

    @Test func `where decision records are looked for`() {
        #expect(Self.keys.decisions == "p/decisions/")
        #expect(Self.keys.decisions(on: "2026-09-21") == "p/decisions/2026-09-21/")
        #expect(Self.keys.decisions(on: "2026-09-21", of: "d") == "p/decisions/2026-09-21/d")
    }

    private static let longest = String(repeating: "é", count: 128)

    @Test(arguments: [
        ("main", "refs/heads/main"), ("release/1.x", "refs/heads/release/1.x"),
        (nil, "refs/heads/"),
        (longest, "refs/heads/\(longest)"), (longest + "é", hash(longest + "é")),
    ])
    func `the commits of a branch; one that is too long is named by its hash`(
        branch: String?,
        name: String
    ) {
        #expect(
            Self.keys.commits(of: Self.change(on: branch))
                == "p/commits/codecommit/Repo/\(name).json"
        )
    }

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
            Self.keys.monoRepoRule(repository: repository, branch: branch, pipeline: pipeline)
                == key
        )
    }

    @Test func `the key of a rule has its repository in lower case`() {
        #expect(
            Self.keys.rule("Stack-X", of: .github, "Acme/App")
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
        let listings = Self.keys.ruleListings(for: change)
        #expect(listings.map(\.prefix) == prefixes)
        #expect(listings.map(\.delimiter) == Array(["/", nil].prefix(prefixes.count)))
    }

    @Test(
        arguments: [
            ("p/rules/ecr/team/r.json", "/", true), ("p/rules/ecr/team/web/r.json", "/", false),
            ("p/rules/ecr/team/web/r.json", nil, true), ("p/rules/ecr/tea/r.json", "/", false),
        ] as [(String, String?, Bool)]
    )
    func `a repository's rules are not those of one whose name begins likewise`(
        key: String,
        delimiter: String?,
        isListed: Bool
    ) {
        let listing = RuleListing(prefix: "p/rules/ecr/team/", delimiter: delimiter)
        #expect(listing.contains(key) == isListed)
    }

    @Test(arguments: [
        ("p/rules/github/a/b/r.json", true), ("p/app-main-p1-68099E47.json", true),
        ("p/rules/github/a/b/", false), ("p/rules/github/a/b/readme.txt", false), (".json", true),
        ("json", false), ("", false),
    ])
    func `which listed keys are rules`(key: String, isRule: Bool) {
        #expect(BucketKeys.isRule(key) == isRule)
    }

    @Test(arguments: [
        ("p/app-main-p1-68099E47.json", true), ("p/x.json", true), ("p/x", false),
        ("x.json", false), ("not-created-5b6f", false), ("", false),
    ])
    func `which texts are keys`(text: String, isKey: Bool) {
        #expect(BucketKeys.isRuleKey(text) == isKey)
    }

    @Test(arguments: [
        ("p/rules/github/a/b/r.json", true), ("p/rules/codecommit/a/r.json", true),
        ("p/app-main-p1-68099E47.json", true), ("p/app-release/1-p1-68099E47.json", true),
        ("p/rules/gitlab/a/b/c/r.json", true), ("p/rules/ecr/a/b/c/r.json", true),
        ("p/rules/ecr/a/r.json", true), ("p/rules/gitlab/a/r.json", false),
        ("p/rules/gitea/a/b/c/r.json", false), ("p/rules/nowhere/a/b/r.json", false),
        ("p/rules/github/a/b/c/r.json", false), ("p/rules/github/r.json", false),
        ("p/rules/github//b/r.json", false), ("p/rules/github/a/b/r.txt", false),
        ("p/rules/x-68099E47.json", false), ("p/ledger/app-68099E47.json", false),
        ("p/changes/2026-01-01/a-68099E47.json", false), ("p/ledger/0b6e", false),
        ("p/decisions/2026-01-01/a-68099E47.json", false), ("p/commits/a-68099E47.json", false),
        ("p/heads/a-68099E47.json", false), ("p/app-68099e47.json", false),
        ("p/app.json", false), ("p/-68099E47.json", false), ("p/a68099E47.json", false),
        ("q/rules/github/a/b/r.json", false), ("rules/github/a/b/r.json", false), ("p/", false),
        ("", false), ("p/rules/.json", false), ("p/.json", false),
        ("GitHubIntegrationMonoRepoS3ConfigResource", false),
    ])
    func `which keys a rule is declared under`(key: String, isDeclared: Bool) {
        #expect(Self.keys.isDeclaredRule(key) == isDeclared)
    }
}
