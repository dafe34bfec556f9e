import Codec
import Testing

@testable import Core

@Suite struct RuleDefinitionTests {
    private static func problems(_ text: String) -> [String] {
        do throws(InvalidRule) {
            _ = try RuleDefinition.read((try? JSON(parsing: [UInt8](text.utf8))) ?? .null)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `a rule with no more than it must have gets the defaults`() throws {
        let rule = try #require(Rule.current("").definition)
        #expect(rule.source == .github)
        #expect(rule.repository == "acme/app")
        #expect(rule.events == [.push])
        #expect(rule.branches.isEmpty && rule.tags.isEmpty && rule.actors.isEmpty)
        #expect(rule.paths.isEmpty && rule.pathExpressions.isEmpty && rule.skipMessages.isEmpty)
        #expect(rule.startsWhenPathsUnknown)
        #expect(rule.forks == nil && !rule.allowsForks)
        #expect(rule.drafts == nil && !rule.skipsDrafts && rule.labels.isEmpty)
        #expect(rule.status == nil)
    }

    @Test func `rules that differ in what becomes of forks are not decided as one`() throws {
        func definition(_ members: String) throws -> RuleDefinition {
            try #require(Rule.current(#""Events": ["pull_request"]"# + members).definition)
        }
        let (silent, skip) = (try definition(""), try definition(#", "Forks": "skip""#))
        let allow = try definition(#", "Forks": "allow""#)
        #expect(silent.conditions == skip.conditions && silent.saysTheSame(as: skip))
        #expect(silent.conditions != allow.conditions && !silent.saysTheSame(as: allow))
        let rules = [silent, skip, allow].indices.map { index in
            Rule.current(
                #""Events": ["pull_request"], "Forks": "\#(index == 2 ? "allow" : "skip")""#,
                key: "p/rules/github/acme/app/\(index).json"
            )
        }
        let decisions = RuleSet(rules).decide(.fork("opened"))
        #expect(decisions.map(\.outcome) == [.skipped, .skipped, .start])
    }

    @Test func `a list of globs or messages that is blank is none`() throws {
        let rule = Rule.current(
            #""ExcludePaths": [""], "Branches": ["", ""], "SkipMessages": [""]"#
        )
        let definition = try #require(rule.definition)
        #expect(definition.paths.isEmpty && definition.branches.isEmpty)
        #expect(definition.skipMessages.isEmpty)
    }

    @Test func `a rule for Docker Hub is about images unless it says otherwise`() throws {
        let rule = Rule.current(
            #""Source": "dockerhub""#,
            key: "p/rules/dockerhub/acme/app/r.json"
        )
        #expect(try #require(rule.definition).events == [.image])
    }

    @Test func `a rule may have every property`() throws {
        let rule = Rule.current(
            """
            "Source": "github", "Events": ["push", "tag", "pull_request", "merge_group", "image"],
            "Branches": ["main"], "ExcludeBranches": ["x"], "Tags": ["v*"], "ExcludeTags": ["y"],
            "Paths": ["a/**"], "ExcludePaths": ["b"], "PathExpressions": ["c.*"],
            "Actors": ["*"], "ExcludeActors": ["dependabot\\\\[bot\\\\]"],
            "SkipMessages": ["[skip ci]"], "WhenPathsUnknown": "skip", "Forks": "allow",
            "Drafts": "skip", "Labels": ["ci/*"], "ExcludeLabels": ["wip"], "Status": "ci/api"
            """
        )
        let definition = try #require(rule.definition, "\(rule.problems)")
        #expect(definition.events == [.push, .tag, .pullRequest, .mergeGroup, .image])
        #expect(definition.actors.excluded.map(\.pattern) == [#"dependabot\[bot\]"#])
        #expect(definition.pathExpressions.map(\.pattern) == ["c.*"])
        #expect(!definition.startsWhenPathsUnknown)
        #expect(definition.allowsForks && definition.skipsDrafts)
        #expect(definition.labels.included.map(\.pattern) == ["ci/*"])
        #expect(definition.labels.excluded.map(\.pattern) == ["wip"])
        #expect(definition.patternCount == 12)
        #expect(definition.status == "ci/api")
    }

    @Test func `a status of a hundred characters is one, whatever bytes they have`() throws {
        let status = String(repeating: "ä", count: 100)
        #expect(try #require(Rule.current(#""Status": "\#(status)""#).definition).status == status)
    }

    /// The targets, as messages list them.
    private static let targets = Target.Kind.names.alternatives

    static let invalid: [(properties: String, problem: String)] = [
        (
            #""Source": "githb""#,
            "Source: expected github, gitea, gitlab, codecommit, dockerhub or ecr, found 'githb', did you mean `github`?"
        ),
        (
            #""Source": "GitHub""#,
            "Source: expected github, gitea, gitlab, codecommit, dockerhub or ecr, found 'GitHub', did you mean `github`?"
        ),
        (#""Source": 3"#, "Source: expected a string, found the number 3"),
        (#""Repository": "app""#, "Repository: expected owner/name, found 'app'"),
        (#""Repository": "acme/app/x""#, "Repository: expected owner/name, found 'acme/app/x'"),
        (#""Repository": "acme/""#, "Repository: expected owner/name, found 'acme/'"),
        (#""Repository": "acme/a b""#, "Repository: expected owner/name, found 'acme/a b'"),
        (#""Repository": "acme/..""#, "Repository: expected owner/name, found 'acme/..'"),
        (#""Repository": "./app""#, "Repository: expected owner/name, found './app'"),
        (
            #""Source": "codecommit", "Repository": "..""#,
            "Repository: expected the repository's name, found '..'"
        ),
        (
            #""Source": "dockerhub", "Repository": "acme/.""#,
            "Repository: expected namespace/image, found 'acme/.'"
        ),
        (#""Repository": null"#, "Repository: expected a string, found null"),
        (
            #""Source": "codecommit", "Repository": "a/b""#,
            "Repository: expected the repository's name, found 'a/b'"
        ),
        (
            #""Source": "dockerhub", "Repository": "b""#,
            "Repository: expected namespace/image, found 'b'"
        ),
        (#""Events": "push""#, "Events: expected a list of strings, found the string 'push'"),
        (
            #""Events": []"#,
            "Events: expected at least one of push, tag, pull_request, merge_group or image"
        ),
        (
            #""Events": ["pullrequest"]"#,
            "Events[0]: expected push, tag, pull_request, merge_group or image, found 'pullrequest', did you mean `pull_request`?"
        ),
        (
            #""Events": ["release"]"#,
            "Events[0]: expected push, tag, pull_request, merge_group or image, found 'release'"
        ),
        (#""Branches": "main""#, "Branches: expected a list of strings, found the string 'main'"),
        (
            #""Branches": ["a", "[b"]"#,
            "Branches[1]: unclosed '[' at column 1 of '[b': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (#""ExcludeBranches": [true]"#, "ExcludeBranches[0]: expected a string, found true"),
        (#""Tags": {}"#, "Tags: expected a list of strings, found an object"),
        (#""ExcludeTags": [[]]"#, "ExcludeTags[0]: expected a string, found a list"),
        (
            #""Paths": ["src/{a"]"#,
            "Paths[0]: unclosed '{' at column 5 of 'src/{a': a '}' is missing (a plain '{' is written '\\{')"
        ),
        (
            #""Paths": ["a", ""]"#,
            "Paths[1]: expected a glob, found an empty string, which matches nothing"
        ),
        (
            #""ExcludePaths": ["[z-a]"]"#,
            "ExcludePaths[0]: range 'z-a' at column 2 of '[z-a]' is the wrong way round"
        ),
        (
            #""PathExpressions": ["a", "src/("]"#,
            "PathExpressions[1]: 'src/(' is not a regular expression: missing closing parenthesis at offset 5"
        ),
        (
            #""Actors": ["a\\"]"#,
            "Actors[0]: '\\' at column 2 of 'a\\' has nothing behind it (a plain '\\' is written '\\\\')"
        ),
        (#""ExcludeActors": false"#, "ExcludeActors: expected a list of strings, found false"),
        (
            #""SkipMessages": ["", "a"]"#,
            "SkipMessages[0]: expected a text, found an empty string, which is in every message"
        ),
        (
            #""Forks": "alow""#,
            "Forks: expected skip or allow, found 'alow', did you mean `allow`?"
        ),
        (#""Forks": true"#, "Forks: expected a string, found true"),
        (#""Fork": "allow""#, "Fork: unknown property, did you mean `Forks`?"),
        (
            #""Drafts": "skp""#,
            "Drafts: expected skip or start, found 'skp', did you mean `skip`?"
        ),
        (#""Drafts": false"#, "Drafts: expected a string, found false"),
        (#""Draft": "skip""#, "Draft: unknown property, did you mean `Drafts`?"),
        (#""Labels": "ci""#, "Labels: expected a list of strings, found the string 'ci'"),
        (
            #""Labels": ["ci/{a"]"#,
            "Labels[0]: unclosed '{' at column 4 of 'ci/{a': a '}' is missing (a plain '{' is written '\\{')"
        ),
        (#""ExcludeLabels": [1]"#, "ExcludeLabels[0]: expected a string, found the number 1"),
        (#""Lables": ["ci"]"#, "Lables: unknown property, did you mean `Labels`?"),
        (
            #""ExcludeLabel": ["ci"]"#,
            "ExcludeLabel: unknown property, did you mean `ExcludeLabels`?"
        ),
        (
            #""Events": ["mergegroup"]"#,
            "Events[0]: expected push, tag, pull_request, merge_group or image, found 'mergegroup', did you mean `merge_group`?"
        ),
        (
            #""Events": ["pull_request", "merge_group"], "Target": {"PullRequestPipeline": {"Template": "t", "SourceAction": "s"}}"#,
            "Events: expected pull_request alone, which a PullRequestPipeline is about"
        ),
        (#""WhenPathsUnknown": "run""#, "WhenPathsUnknown: expected start or skip, found 'run'"),
        (
            #""WhenPathsUnknown": "strat""#,
            "WhenPathsUnknown: expected start or skip, found 'strat', did you mean `start`?"
        ),
        (#""Branchs": []"#, "Branchs: unknown property, did you mean `Branches`?"),
        (#""branches": []"#, "branches: unknown property, did you mean `Branches`?"),
        (#""ExlcudePaths": []"#, "ExlcudePaths: unknown property, did you mean `ExcludePaths`?"),
        (
            #""Colour": 1"#,
            "Colour: unknown property, expected one of Source, Repository, Events, Branches, ExcludeBranches, Tags, ExcludeTags, Forks, Drafts, Labels, ExcludeLabels, Paths, ExcludePaths, PathExpressions, Actors, ExcludeActors, SkipMessages, WhenPathsUnknown, Order, Supersede, Status, Target"
        ),
        (#""Status": true"#, "Status: expected a string, found true"),
        (#""Status": """#, "Status: expected a text of 1 to 100 characters, found an empty string"),
        (
            #""Status": "\#(String(repeating: "ä", count: 101))""#,
            "Status: expected a text of 1 to 100 characters, found 101"
        ),
        (#""Stauts": "ci/api""#, "Stauts: unknown property, did you mean `Status`?"),
        (
            #""Status": "ci/api", "Target": {"EventBridge": {}}"#,
            "Status: expected a target whose end AWS tells, which is CodePipeline, CodeBuild or PullRequestPipeline, found EventBridge"
        ),
        (#""Supersede": "yes""#, "Supersede: expected true or false, found 'yes'"),
        (
            #""Supersede": true"#,
            "Supersede: expected pull_request among the rule's Events"
        ),
        (
            #""Supersede": "true", "Events": ["push", "pull_request"], "Target": {"EventBridge": {}}"#,
            "Supersede: expected a target whose runs can be stopped, which is CodePipeline or CodeBuild, found EventBridge"
        ),
        (#""Target": "deploy""#, "Target: expected an object, found the string 'deploy'"),
        (#""Target": {}"#, "Target: expected exactly one of \(targets), found none"),
        (
            #""Target": {"CodePipeline": {"Name": "a"}, "CodeBuild": {}}"#,
            "Target: expected exactly one of \(targets), found CodePipeline, CodeBuild"
        ),
        (
            #""Target": {"Jenkins": {"Job": "a"}}"#,
            "Target: 'Jenkins' is not supported, expected \(targets)"
        ),
        (
            #""Target": {"Codepipeline": {"Name": "a"}}"#,
            "Target: 'Codepipeline' is not supported, expected \(targets), did you mean `CodePipeline`?"
        ),
    ]

    @Test(arguments: invalid)
    func `an invalid or unknown property is named, with what was expected`(
        properties: String,
        problem: String
    ) {
        // Of two members with one name the last counts.
        let text = #"{"Repository": "acme/app", \#(Rule.target), \#(properties)}"#
        #expect(Self.problems(text) == [problem])
    }

    @Test func `every problem is reported, in the order of the properties`() {
        #expect(
            Self.problems(#"{"Bogus": 1, "Branches": ["[", "{"], "WhenPathsUnknown": "x"}"#) == [
                "Bogus: unknown property, expected one of Source, Repository, Events, Branches, "
                    + "ExcludeBranches, Tags, ExcludeTags, Forks, Drafts, Labels, ExcludeLabels, "
                    + "Paths, ExcludePaths, PathExpressions, Actors, ExcludeActors, SkipMessages, WhenPathsUnknown, "
                    + "Order, Supersede, Status, Target",
                "Repository: required, but missing",
                "Branches[0]: unclosed '[' at column 1 of '[': a ']' is missing "
                    + "(a plain '[' is written '\\[')",
                "Branches[1]: unclosed '{' at column 1 of '{': a '}' is missing "
                    + "(a plain '{' is written '\\{')",
                "WhenPathsUnknown: expected start or skip, found 'x'",
                "Target: required, but missing",
            ]
        )
    }

    @Test func `a name may have dots beside others`() {
        #expect(Self.problems(#"{"Repository": ".../.github", \#(Rule.target)}"#) == [])
    }

    private static func many(_ count: Int, _ value: String = "1") -> String {
        (0..<count).map { #""unknown\#($0)": \#(value)"# }.joined(separator: ", ")
    }

    @Test(arguments: [
        (10, "unknown9: unknown property, expected one of "), (11, "and 1 more"),
        // A search of all before for each of them would take minutes.
        (40_000, "and 39990 more"),
    ])
    func `of many unknown properties the first are told, and how many more`(
        count: Int,
        last: String
    ) throws {
        let text = #"{"Repository": "a/b", \#(Rule.target), \#(Self.many(count))}"#
        let problems = Self.problems(text)
        #expect(problems.count == min(count, 11))
        #expect(problems.first?.hasPrefix("unknown0: unknown property, ") == true)
        #expect(problems.last?.hasPrefix(last) == true)
        let target = #"{"CodeBuild": {"Project": "ab", \#(Self.many(count))}}"#
        let inTarget = Self.problems(#"{"Repository": "a/b", "Target": \#(target)}"#)
        #expect(inTarget.count == min(count, 11))
        let place = count > 10 ? "" : "Target.CodeBuild."
        #expect(inTarget.last?.hasPrefix(place + last) == true)
    }

    private static let bounded: [(properties: String, more: String)] = [
        (#""Target": {"CodePipeline": {"Name": "p"}}, "Events": [\#(list(20_000, ""))]"#, "19990"),
        (#""Target": {"CodePipeline": {"Name": "p"}}, "Paths": [\#(list(999, "["))]"#, "989"),
        (#""Target": {\#(many(3_000))}"#, ""),
    ]

    private static func list(_ count: Int, _ text: String) -> String {
        [String](repeating: "\"\(text)\"", count: count).joined(separator: ",")
    }

    @Test(arguments: bounded)
    func `what a rule with thousands of problems keeps is little, and counted`(
        properties: String,
        more: String
    ) {
        let text = #"{"Repository": "acme/app", \#(properties)}"#
        let rule = Rule(
            key: "p/rules/github/acme/app/a.json",
            prefix: "p",
            object: Array(text.utf8.prefix(65_536))
        )
        let kept = rule.problems.reduce(0) { $0 + $1.description.utf8.count }
        #expect(rule.memory > 3_072 + kept)
        #expect(rule.memory < 8_000)
        #expect(kept < 3_000)
        #expect(more.isEmpty || rule.problems.last?.description == "and \(more) more")
        #expect(rule.problems.count == (more.isEmpty ? 1 : 11))
    }

    @Test func `an unknown property that comes twice is told once`() {
        let text = #"{"Repository": "a/b", "Foo": 1, "Bar": 1, "Foo": 2, \#(Rule.target)}"#
        let names = Self.problems(text).map { $0.prefix(4) }
        #expect(names == ["Bar:", "Foo:"])
    }

    @Test(arguments: [
        ("CodeBuild", "Project", "Environment", 200), ("CodePipeline", "Name", "Variables", 50),
    ])
    func `a map of too many variables is not read`(
        target: String,
        name: String,
        map: String,
        most: Int
    ) throws {
        for count in [most, most + 1, 40_000] {
            let properties = #"{"\#(name)": "ab", "\#(map)": {\#(Self.many(count, #""""#))}}"#
            let problems = Self.problems(
                #"{"Repository": "a/b", "Target": {"\#(target)": \#(properties)}}"#
            )
            let problem =
                "Target.\(target).\(map): expected at most \(most) variables, found \(count)"
            #expect(problems == (count == most ? [] : [problem]))
        }
    }

    @Test func `of members with one name the last counts, in the order of all`() {
        let names = ["b", "a", "b", "é", "e\u{301}", "a", "c"]
        let members = names.enumerated().map { JSON.Member(key: $1, value: .int($0)) }
        #expect(members.lastOfEachName.map(\.value) == [2, 3, 4, 5, 6].map(JSON.int))
        let many = (0..<40_000).map { JSON.Member(key: "\($0 % 20_000)", value: .int($0)) }
        #expect(many.lastOfEachName == Array(many[20_000...]))
    }

    @Test func `an empty list means the default, but for events`() {
        #expect(Self.problems(#"{"Repository": "a/b", "Paths": [], \#(Rule.target)}"#) == [])
    }

    @Test func `what is no object is no rule`() {
        #expect(Self.problems("[]") == ["expected a JSON object, found a list"])
    }
}
