@testable import Core
import Testing

@testable import pointsman

struct FirstRuleTests {
    private static let rule = FirstRule(
        repository: "octo-org/monorepo",
        branch: "main",
        paths: ["services/api/**", "lib/**"],
        starts: .pipeline("api"),
        status: "ci/api",
        name: "api"
    )

    @Test func `the rule is written as people write one`() {
        #expect(
            Self.rule.text == """
                {
                  "Repository": "octo-org/monorepo",
                  "Branches": ["main"],
                  "Paths": ["services/api/**", "lib/**"],
                  "Status": "ci/api",
                  "Target": { "CodePipeline": { "Name": "api", "SourceAction": "Source" } }
                }

                """
        )
    }

    @Test func `the template declares the same`() {
        #expect(
            Self.rule.template == """
                AWSTemplateFormatVersion: "2010-09-09"
                Description: A rule of Pointsman.

                Parameters:
                  AccountName:
                    Type: String
                    Description: The parameter of that name of Pointsman's stack; its exports begin with it.
                    Default: tools

                Resources:
                  Trigger:
                    Type: Custom::PipelineTrigger
                    Properties:
                      ServiceToken: !ImportValue
                        Fn::Sub: ${AccountName}-PipelineTrigger
                      # Seconds that the stack waits for the answer; without it, an hour.
                      ServiceTimeout: 120
                      Repository: "octo-org/monorepo"
                      Branches: ["main"]
                      Paths: ["services/api/**", "lib/**"]
                      Status: "ci/api"
                      Target:
                        CodePipeline:
                          Name: "api"
                          # The source action that is set to the pushed commit.
                          SourceAction: "Source"

                """
        )
    }

    static let good: [FirstRule] = [
        rule,
        FirstRule(repository: "a/b", branch: "release/*", starts: .build("ab"), name: "ab"),
        FirstRule(
            source: .codecommit,
            repository: "on",
            branch: "0123",
            paths: ["a b/**", "\u{E9}\"\\\\*"],
            starts: .pipeline("1"),
            name: "1"
        ),
        FirstRule(
            source: .gitlab,
            repository: "a/b/c",
            branch: "y",
            starts: .build("ab"),
            name: "x"
        ),
        FirstRule(source: .dockerhub, repository: "a/b", starts: .pipeline("p"), name: "p"),
        FirstRule(source: .ecr, repository: "a", starts: .build("ab"), name: "ab"),
    ]

    @Test(arguments: good)
    func `both pass the check`(rule: FirstRule) {
        #expect(rule.problems(("rules/a.json", "rules/a.yaml")) == [])
    }

    static let bad: [(FirstRule, String)] = [
        (
            FirstRule(repository: "b", branch: "main", starts: .pipeline("p"), name: "p"),
            "Repository: expected owner/name, found 'b'"
        ),
        (
            FirstRule(
                repository: "a/b",
                branch: "main",
                paths: ["/src/**"],
                starts: .pipeline("p"),
                name: "p"
            ),
            "Paths[0]: matches no path: none begins with '/', being relative to the repository's root, "
                + "did you mean `src/**`?"
        ),
        (
            FirstRule(
                source: .ecr,
                repository: "a",
                starts: .pipeline("p"),
                status: "s",
                name: "p"
            ),
            "Status: expected none: an image of ECR has no commit status"
        ),
        (
            FirstRule(repository: "a/b", branch: "main", starts: .build("a"), name: "a"),
            "Target.CodeBuild.Project: expected a build project's name (2 to 255 letters, digits or "
                + "- _, the first no - or _), found 'a'"
        ),
    ]

    @Test(arguments: bad)
    func `what would not pass is told`(rule: FirstRule, sentence: String) {
        #expect(rule.problems(("rules/a.json", "rules/a.yaml")) == [sentence])
    }

    @Test func `the next commands can be typed`() {
        #expect(
            Self.rule.commands(in: "rules") == [
                "pointsman check --strict rules",
                "pointsman explain --repository octo-org/monorepo --branch main "
                    + "--path services/api/x --rules rules",
                "aws cloudformation deploy --stack-name trigger-api --template-file rules/api.yaml "
                    + "--parameter-overrides AccountName=tools",
            ]
        )
        var rule = Self.rule
        (rule.branch, rule.paths, rule.name) = ("{a,b}", ["**"], "a.b_c")
        #expect(
            rule.commands(in: "my rules") == [
                "pointsman check --strict 'my rules'",
                "aws cloudformation deploy --stack-name trigger-a-b-c --template-file "
                    + "'my rules/a.b_c.yaml' --parameter-overrides AccountName=tools",
            ]
        )
        rule.name = "api"
        #expect(rule.commands(in: "a\u{1B}") == [])
    }

    @Test(arguments: [
        ("a/b:c@d%+=,-", "a/b:c@d%+=,-"), ("a b", "'a b'"), ("a'b", #"'a'\''b'"#), ("*", "'*'"),
        ("-a", nil), ("", nil), ("a\nb", nil),
    ])
    func `a text is one word of a shell`(text: String, word: String?) {
        #expect(text.shellWord == word)
    }
}
