import Testing

@testable import pointsman

/// One resource of a template, and all that is said of it.
///
/// Its properties begin on line 6, indented by 6.
struct TemplateCheckTests {
    private static func lines(_ properties: String, type: String = "Custom::PipelineTrigger")
        -> [String]
    {
        let template = """
            Resources:
              Trigger:
                Type: \(type)
                Properties:
                  ServiceToken: !ImportValue tools-PipelineTrigger
                  \(properties.replacing("\n", with: "\n      "))
            """
        return Checked.lines(template, name: "template.yaml")
    }

    private static let good = "Repository: a/b\nTarget: {CodePipeline: {Name: p}}\n"

    @Test(arguments: [
        good,
        good + "Branches: [main]\nServiceTimeout: 120",
        good + "Branches: !If [IsProd, [main], [develop]]",
        good + "Branches: !If [IsProd, [main], !Ref AWS::NoValue]",
        good + "Paths: [!Sub 'src/**', !Join ['/', [lib, '**']]]",
        good + "Branches: ['1.10', \"on\", 1.5, 7]",
        "Repository: a/b\nTarget: &t {CodePipeline: {Name: p}}",
        "<<: {Repository: a/b}\nTarget: {CodePipeline: {Name: p}}",
    ])
    func `nothing is said of a good one`(properties: String) {
        #expect(Self.lines(properties) == [])
    }

    static let findings = [
        (
            "Repository: !Ref R\nTarget: {CodePipeline: {Name: !Ref P}}",
            "6:24-25 note known-at-deployment known at deployment only, so not checked: Repository, Target.CodePipeline.Name"
        ),
        (
            "Repository: {Ref: R}\nTarget: {CodePipeline: {Name: p}}",
            "6:19-20 note known-at-deployment known at deployment only, so not checked: Repository"
        ),
        (
            good + "Branches: {'Fn::Split': [',', {Ref: B}]}\nExcludeBranches: [main]",
            "8:17-18 note known-at-deployment known at deployment only, so not checked: Branches"
        ),
        (
            good + "Branchs: [main]",
            "8:7-14 error unknown-property Branchs: unknown property, did you mean `Branches`?"
        ),
        (
            good + "Paths:\n  - 'it''s/[a'",
            "9:18-19 error invalid-pattern Paths[0]: unclosed '[' at column 6 of 'it's/[a': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (
            good + "Paths:\n  - src/[a",
            "9:15-16 error invalid-pattern Paths[0]: unclosed '[' at column 5 of 'src/[a': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (
            good + "Paths:\n  - >-\n    src/[a",
            "9:11-13 error invalid-pattern Paths[0]: unclosed '[' at column 5 of 'src/[a': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (
            good + "Paths: [!If [A, 'src/[', LIB]]",
            "8:28-29 error invalid-pattern Paths[0]: unclosed '[' at column 5 of 'src/[': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (
            good + "Branches: [1.10]",
            "8:18-22 warning unquoted-value Branches[0]: '1.10' without quotes is '1.1' to YAML, write \"1.10\""
        ),
        (
            good + "Branches: [on]",
            "8:18-20 warning unquoted-value Branches[0]: 'on' without quotes is 'true' to YAML, write \"on\""
        ),
        (
            good + "ServiceTimeout: 60",
            "8:23-25 warning short-timeout ServiceTimeout: 60 seconds, but an answer may take two minutes, write 120 or more"
        ),
        (
            "Repository: a/b\nTarget: {CodePipeline: {Name: p, Nam: !Ref X}}",
            "7:40-43 error unknown-property Target.CodePipeline.Nam: unknown property, did you mean `Name`?"
        ),
        (
            "Repository: a/b\nTarget: !If [A, {CodePipeline: {Name: p}}, !Ref AWS::NoValue]",
            "2:3-10 warning missing-property Target: required, but missing (depends on the template's conditions)"
        ),
    ]

    @Test(arguments: findings)
    func `a finding has its place`(properties: String, line: String) {
        let lines = Self.lines(properties).filter {
            !$0.contains("known-at-deployment") || line.contains("known-at-deployment")
        }
        #expect(lines == [line])
    }

    /// Of each word what CloudFormation makes of it (YAML 1.1).
    static let numbers = [
        ("0123", "83"), ("2024_06", "202406"), ("12:30", "750"), ("0x1F", "31"), ("0b11", "3"),
        ("1_0.5", "10.5"), ("012345670123", "1402433619"), ("22:22", "1342"), ("1:30:00", "5400"),
        ("-0x1F", "-31"), ("+7", "7"), ("1.0e+3", "1000.0"), ("1.10", "1.1"),
    ]

    @Test(arguments: numbers)
    func `a word that YAML 1.1 takes for another number is told with that number`(
        word: String,
        number: String
    ) {
        let end = 18 + word.count
        #expect(
            Self.lines(Self.good + "Branches: [\(word)]") == [
                "8:18-\(end) warning unquoted-value Branches[0]: '\(word)' without quotes is '\(number)' to YAML, write \"\(word)\""
            ]
        )
    }

    @Test(arguments: ["7", "1.5", "089", "0o17", "1.2.3", "12:75", "0b12", "_1"])
    func `a word that is the same to YAML 1.1 is not told`(word: String) {
        #expect(Self.lines(Self.good + "Branches: [\(word)]") == [])
    }

    @Test func `what a loop makes is known at deployment only`() {
        let properties = """
            Repository: acme/app
            Fn::ForEach::Lists:
              - List
              - [Branches, ExcludePaths]
              - "${List}": [!Ref "${List}"]
            Target:
              CodePipeline:
                Name: api
                Variables:
                  Fn::ForEach::Variables:
                    - Variable
                    - [Stage, Team]
                    - "${Variable}": !Ref "${Variable}"
                  Commit: "#{after}"
            """
        #expect(
            Self.lines(properties) == [
                "8:9-10 note known-at-deployment known at deployment only, so not checked: Fn::ForEach::Lists, Target.CodePipeline.Variables.Fn::ForEach::Variables"
            ]
        )
        let broken = properties.replacing("Name: api", with: "Nam: api")
            .replacing("Repository: acme/app", with: "Repositry: acme/app")
        #expect(
            Self.lines(broken).filter { $0.contains(" error ") } == [
                "6:7-16 error unknown-property Repositry: unknown property, did you mean `Repository`?",
                "12:9-21 error missing-property Target.CodePipeline.Name: required, but missing",
                "13:11-14 error unknown-property Target.CodePipeline.Nam: unknown property, did you mean `Name`?",
            ]
        )
    }

    @Test func `a placeholder without quotes is a comment to YAML`() {
        let properties =
            "Repository: a/b\nTarget:\n  CodeBuild:\n    Project: ab\n    SourceVersion: #{after}"
        let lines = Self.lines(properties)
        #expect(
            lines.first
                == "10:25-26 error invalid-value Target.CodeBuild.SourceVersion: CloudFormation refuses a template with null, write \"#{…}\" in quotes: a # after a blank begins a comment"
        )
    }

    @Test(arguments: ["yes", "on", "true", "\"true\"", "no"])
    func `a flag may be what YAML takes for one`(word: String) {
        #expect(Self.lines(Self.good + "Events: [pull_request]\nSupersede: \(word)") == [])
    }

    @Test(arguments: [
        ("Branches: main", "[main]"), ("Branches: 'main'", "['main']"),
        ("Branches: main,develop", "[main, develop]"), ("Paths: \"**.md\"", "[\"**.md\"]"),
    ])
    func `a scalar in the place of a list says how to write it`(property: String, advice: String) {
        let line = Self.lines(Self.good + property).map { $0.split(separator: ", write ").last }
        #expect(line == [advice[...]])
    }

    @Test(arguments: [
        "Custom::PipelineTriger", "Custom::PipelineTriggers", "Custom:PipelineTrigger",
        "Custom::MonorepoTrigger",
    ])
    func `a type that is nearly ours is a rule, and named`(type: String) {
        let meant = type.contains("ono") ? "Custom::MonoRepoTrigger" : "Custom::PipelineTrigger"
        let lines = Self.lines("Repositry: a/b\nTarget: {CodePipeline: {Name: p}}", type: type)
        #expect(
            lines.contains(
                "3:11-\(11 + type.count) warning invalid-value Type: '\(type)' is a name of your own, did you mean `\(meant)`?"
            )
        )
        #expect(lines.contains { $0.contains("Repositry: unknown property") })
        #expect(Self.lines("Anything: 1", type: type) == [])
    }

    @Test func `a resource of any custom type is a rule if it looks so`() {
        let type = "AWS::CloudFormation::CustomResource"
        #expect(Self.lines(Self.good + "Brnches: []", type: type).count == 1)
        #expect(Self.lines("Anything: 1", type: type) == [])
        #expect(Self.lines("GitHubRepo: a", type: "Custom::Other") == [])
        let slip =
            "GitHubRepo: app\nGitHubBranch: main\nChangeMatchExpressions: src/(.*\nCodePipelineNam: api"
        #expect(
            Self.lines(slip, type: "Custom::MonoRepoTriggerFunction") == [
                "2:3-10 error missing-property CodePipelineName: required, but missing",
                "8:38-9:1 error invalid-pattern ChangeMatchExpressions: 'src/(.*' is not a regular expression: missing closing parenthesis at offset 7",
            ]
        )
    }

    @Test func `a JSON template is checked as one of YAML`() {
        let template = """
            {"Resources": {"Trigger": {"Type": "Custom::PipelineTrigger", "Properties": {
              "ServiceToken": {"Fn::ImportValue": "x"}, "Repository": {"Ref": "R"},
              "Paths": ["src/["], "Target": {"CodePipeline": {"Name": "p"}}}}}}
            """
        #expect(
            Checked.lines(template, name: "template.json") == [
                "2:59-71 note known-at-deployment known at deployment only, so not checked: Repository",
                "3:18-19 error invalid-pattern Paths[0]: unclosed '[' at column 5 of 'src/[': a ']' is missing (a plain '[' is written '\\\\[')",
            ]
        )
    }

    @Test func `two rules that say the same are told once`() {
        let resource = """
              T1: &rule
                Type: Custom::PipelineTrigger
                Properties:
                  ServiceToken: x
                  Repository: a/b
                  Target: {CodePipeline: {Name: p}}

            """
        let template = "Resources:\n" + resource + resource.replacing("T1: &rule", with: "T2:")
        #expect(
            Checked.lines(template, name: "template.yaml") == [
                "8:3-5 warning duplicate-rule says the same and starts the same target as 'T1' (line 2)"
            ]
        )
    }

    /// What is said of two rules of `a/b` that set a status.
    private static func sharing(_ one: String, _ other: String) -> [String] {
        let rules = [("T1", one), ("T2", other)].map { name, properties in
            """
              \(name):
                Type: Custom::PipelineTrigger
                Properties:
                  {ServiceToken: x, Repository: a/b, \(properties), Target: {CodePipeline: {Name: \(name), SourceAction: S}}}

            """
        }
        return Checked.lines("Resources:\n" + rules.joined(), name: "template.yaml")
            .filter { !$0.contains(" provider-limit ") }
    }

    @Test(arguments: [
        ("Status: ci", "Status: ci"),
        ("Status: ci", "Status: CI"),
        ("Status: ci, Branches: [main]", "Status: ci"),
        ("Status: ci, Branches: [main]", "Status: ci, Branches: [x, m*]"),
        ("Status: ci, Branches: [release/*]", "Status: ci, Branches: [release/**]"),
        ("Status: ci, Events: [push, tag], Tags: [v1]", "Status: ci, Events: [tag], Tags: [v*]"),
        ("Status: ci, Paths: [a/**]", "Status: ci, Paths: [b/**]"),
        ("Status: ci, Actors: [m]", "Status: ci, ExcludeActors: [n]"),
    ])
    func `a status that two rules set of the same commit is a warning`(one: String, other: String) {
        let lines = Self.sharing(one, other)
        #expect(lines.count == 1)
        let words =
            "warning shared-status Status: 'T1' (line 2) sets the same status, "
            + "so that one result hides the other"
        #expect(lines.first?.hasPrefix("9:") == true && lines.first?.hasSuffix(words) == true)
    }

    @Test(arguments: [
        ("Status: ci/a", "Status: ci/b"),
        ("Status: ci", "Branches: [main]"),
        ("Status: ci", "Status: ci, Events: [pull_request]"),
        ("Status: ci, Branches: [main]", "Status: ci, Branches: [dev]"),
        ("Status: ci, Branches: [main]", "Status: ci, ExcludeBranches: [main]"),
        ("Status: ci, Branches: [release/*]", "Status: ci, Branches: [feature/*]"),
        (
            "Status: ci, Branches: ['*'], ExcludeBranches: [main]",
            "Status: ci, Branches: [main]"
        ),
        ("Status: ci, Events: [tag], Tags: [v1]", "Status: ci, Events: [tag], Tags: [v2]"),
        ("Status: ci, Actors: [m]", "Status: ci, ExcludeActors: [m]"),
    ])
    func `rules that are never about the same commit may set the same status`(
        one: String,
        other: String
    ) {
        #expect(Self.sharing(one, other) == [])
    }

    @Test func `two rules of TrainingPeaks' mono-repo trigger cannot be one object`() {
        let resource = """
              T1:
                Type: Custom::MonoRepoTrigger
                Properties:
                  {ServiceToken: x, GitHubRepo: a, GitHubBranch: b, ChangeMatchExpressions: "", CodePipelineName: p}

            """
        let other = resource.replacing("T1", with: "T2").replacing("\"\"", with: "x")
        #expect(
            Checked.lines("Resources:\n" + resource + other, name: "template.yaml") == [
                "6:3-5 error same-key repository, branch and pipeline are those of 'T1' (line 2): both would be one object"
            ]
        )
    }
}
