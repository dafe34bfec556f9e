import Core
import Testing

@testable import pointsman

struct RepositoryChoiceTests {
    @Test(arguments: [
        ("git@github.com:Octo-Org/app.git", "Octo-Org/app github"),
        ("https://github.com/octo-org/app", "octo-org/app github"),
        ("https://mona:token@github.com/octo-org/app.git/", "octo-org/app github"),
        ("ssh://git@github.acme.example:2222/octo-org/app.git", "octo-org/app github"),
        ("https://gitlab.com/group/sub/app.git", "group/sub/app gitlab"),
        ("https://codeberg.org/octo-org/app.git", "octo-org/app gitea"),
        ("https://git.acme.example/scm/octo-org/app.git", "scm/octo-org/app nil"),
        ("/srv/git/octo-org/app.git", "srv/git/octo-org/app nil"),
        ("../octo-org/app", "../octo-org/app nil"),
        (
            "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/MyRepo", "MyRepo codecommit"
        ),
        ("ssh://APKA@git-codecommit.eu-west-1.amazonaws.com/v1/repos/a.git", "a.git codecommit"),
        ("codecommit::eu-west-1://MyRepo", "MyRepo codecommit"),
        ("codecommit::eu-west-1://profile@MyRepo", "MyRepo codecommit"),
        ("codecommit://profile@MyRepo", "MyRepo codecommit"),
        ("", "nil"), ("https://github.com/", "nil"),
    ])
    func `the remote names the repository`(url: String, words: String) {
        let origin = GitOrigin(url: url)
        let found = origin.map { "\($0.path) \($0.source?.rawValue ?? "nil")" }
        #expect(found ?? "nil" == words)
    }

    private static func rule(_ source: String, _ repository: String) -> Rule {
        Rule(
            key: "p/rules/\(source)/\(repository.lowercased())/r.json",
            prefix: "p",
            object: [UInt8](
                (#"{"Source": "\#(source)", "Repository": "\#(repository)", "#
                    + #""Target": {"CodePipeline": {"Name": "p"}}}"#).utf8
            )
        )
    }

    private static let codecommit = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/"

    @Test(
        arguments: [
            (
                [("github", "Octo-Org/App")], nil, "git@github.com:octo-org/app.git",
                "github Octo-Org/App"
            ),
            ([("github", "a/b"), ("github", "A/b")], nil, nil, "github a/b"),
            ([("codecommit", "MyRepo")], nil, nil, "codecommit MyRepo"),
            (
                [("codecommit", "MyRepo"), ("codecommit", "myrepo")], nil, codecommit + "myrepo",
                "codecommit myrepo"
            ),
            (
                [("codecommit", "app"), ("github", "a/app")], nil, "git@github.com:a/app",
                "github a/app"
            ),
            (
                [("codecommit", "app"), ("github", "a/app")], nil, codecommit + "app",
                "codecommit app"
            ),
            (
                [("gitlab", "a/app"), ("gitlab", "g/a/app")], nil, "git@gitlab.com:g/a/app",
                "gitlab g/a/app"
            ),
            ([("github", "a/b"), ("dockerhub", "acme/web")], nil, nil, "github a/b"),
            ([("gitlab", "a/b")], "A/B", nil, "gitlab A/B"),
            ([("github", "a/b")], "c/d", codecommit + "d", "codecommit c/d"),
            ([("github", "a/b")], "c/d", nil, "github c/d"),
            ([], nil, "https://github.acme.example/x/a/b.git", "github a/b"),
            ([], nil, "git@gitlab.com:g/a/app", "gitlab g/a/app"),
        ] as [([(String, String)], String?, String?, String)]
    )
    func `the repository is the one asked for, else the remote's, else the only one`(
        rules: [(String, String)],
        asked: String?,
        origin: String?,
        found: String
    ) throws {
        let choice = RepositoryChoice(rules.map(Self.rule))
        let (source, repository) = try choice.repository(
            named: asked,
            origin: origin.flatMap { GitOrigin(url: $0) }
        )
        #expect("\(source.rawValue) \(repository)" == found)
    }

    @Test(
        arguments: [
            (
                [("github", "octo-org/monorepo"), ("github", "octo-org/else")],
                "the rules are about 2 repositories (github/octo-org/else, "
                    + "github/octo-org/monorepo): --repository says which"
            ),
            ([], "which repository it is is not known: --repository says it"),
        ] as [([(String, String)], String)]
    )
    func `where several may be meant one is to be named`(
        rules: [(String, String)],
        message: String
    ) {
        #expect(throws: Failure(message)) {
            _ = try RepositoryChoice(rules.map(Self.rule)).repository(named: nil, origin: nil)
        }
    }

    @Test(arguments: [
        (
            "git@github.com:mona/fork.git",
            "no rule is about github/mona/fork, which origin names: it is taken for github/a/b, "
                + "which the rules are about" as String?
        ),
        ("git@github.com:A/b.git", nil),
    ])
    func `that no rule is about the clone's own repository is said`(url: String, words: String?) {
        let choice = RepositoryChoice([Self.rule("github", "a/b")])
        #expect(choice.warning(named: nil, origin: GitOrigin(url: url)) == words)
        #expect(choice.warning(named: "a/b", origin: GitOrigin(url: url)) == nil)
        #expect(choice.warning(named: nil, origin: nil) == nil)
    }

    @Test func `where several may be meant, the remote that is none of them is named`() {
        let rules = [Self.rule("github", "a/b"), Self.rule("github", "a/c")]
        let message =
            "no rule is about github/a/d, which origin names; the rules are about 2 repositories "
            + "(github/a/b, github/a/c): --repository says which"
        #expect(throws: Failure(message)) {
            _ = try RepositoryChoice(rules)
                .repository(named: nil, origin: GitOrigin(url: "https://github.com/a/d"))
        }
    }
}
