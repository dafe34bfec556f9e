@testable import Core
import Testing

@testable import pointsman

/// One rule, and all that is said of it.
///
/// The rule stands on one line behind `{"Repository":"acme/app",`, which has 25 characters; a
/// target follows where it has none.
struct RuleCheckTests {
    private static func all(_ properties: String) -> [String] {
        let target = #""Target":{"CodePipeline":{"Name":"a"}}"#
        let rest = properties.contains(#""Target""#) ? properties : "\(properties),\(target)"
        return Checked.lines(#"{"Repository":"acme/app",\#(rest)}"#, name: "rule.json")
    }

    private static func lines(_ properties: String) -> [String] {
        all(properties).filter { !$0.contains(" provider-limit ") }
    }

    @Test(arguments: [
        #""Branches":["main","release/*"]"#,
        #""Branches":["main","release/*"],"ExcludeBranches":["release/old"]"#,
        #""Paths":["src/**","lib/*.c"],"ExcludePaths":["**.md","src/gen/**"]"#,
        #""ExcludePaths":["docs/**"]"#,
        #""PathExpressions":["src/.*","(a|b)/c"],"ExcludePaths":["**/*.md"]"#,
        #""Events":["push","tag"],"Branches":["main"],"Tags":["v*"]"#,
        #""Events":["pull_request"],"Paths":["**/Makefile"]"#,
        #""Events":["push","pull_request"],"Drafts":"skip","Labels":["ci","ci/*"],"ExcludeLabels":["wip"]"#,
        #""Events":["pull_request"],"ExcludeLabels":["**"]"#,
        #""Events":["push","merge_group"],"Branches":["main"],"SkipMessages":["[skip ci]"]"#,
        ##""Events":["merge_group"],"Target":{"CodePipeline":{"Name":"a","Variables":{"B":"#{branch} #{before} #{after} #{message} #{ref}"}}}"##,
        #""ExcludeActors":["dependabot\\[bot\\]"],"SkipMessages":["[skip ci]"]"#,
        ##""Target":{"CodeBuild":{"Project":"ab","SourceVersion":"#{after}"}}"##,
        ##""Events":["push","pull_request"],"Target":{"CodePipeline":{"Name":"a","Variables":{"P":"#{pullRequest}"}}}"##,
    ])
    func `nothing is said of a good rule`(properties: String) {
        #expect(Self.lines(properties) == [])
    }

    private static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github"

    private static func cluster(_ server: String, _ secret: String) -> String {
        #""Target":{"KubernetesDeployment":{"Server":"\#(server)","TokenSecretArn":"\#(secret)","#
            + #""Namespace":"a","Deployment":"a","Container":"a","Image":"a:1"}}"#
    }

    @Test func `a secret of the stack's own is an error where the environment tells it`() {
        let rule = #"{"Repository":"acme/app",\#(Self.cluster("https://a.test", Self.arn))}"#
        func lines(_ own: String?) -> [String] {
            var checker = Checker(ownSecrets: OwnSecrets { $0 == "GITHUB_TOKEN_ARN" ? own : nil })
            checker.check(CheckedFile(name: "rule.json", bytes: [UInt8](rule.utf8), isNamed: true))
            return checker.report.findings.map(\.oneLine)
        }
        #expect(
            lines("\(Self.arn)-AbCdEf") == [
                "1:103-164 error invalid-value Target.KubernetesDeployment.TokenSecretArn: the secret "
                    + "\(Self.arn) is Pointsman's own, which GITHUB_TOKEN_ARN names: no target may use it"
            ]
        )
        #expect(lines(nil) == [])
    }

    @Test(arguments: [
        "https://u@a.test", "https://a.test?b", "https://a.test/#b", "https://a.test/ b",
        "http://a.test",
    ])
    func `a server that no token may go to is an error`(server: String) {
        #expect(
            Self.lines(Self.cluster(server, Self.arn)).map { $0.drop { $0 != " " } } == [
                " error invalid-value Target.KubernetesDeployment.Server: expected the URL of an API "
                    + "server, such as https://api.example.com:6443, found '\(server)'"
            ]
        )
    }

    static let errors = [
        (
            #""Branchs":["main"]"#,
            "1:26-35 error unknown-property Branchs: unknown property, did you mean `Branches`?"
        ),
        (
            #""Source":"githb""#,
            "1:35-42 error invalid-value Source: expected github, gitea, gitlab, codecommit, dockerhub or ecr, found 'githb', did you mean `github`?"
        ),
        (
            #""Branches":"main""#,
            "1:37-43 error invalid-value Branches: expected a list of strings, found the string 'main', write [\"main\"]"
        ),
        (
            #""Supersede":"yes""#,
            "1:38-43 error invalid-value Supersede: expected true or false, found 'yes', write true"
        ),
        (
            #""Branches":["a",1]"#,
            "1:42-43 error invalid-value Branches[1]: expected a string, found the number 1"
        ),
        (
            #""Paths":["src/[a"]"#,
            "1:40-41 error invalid-pattern Paths[0]: unclosed '[' at column 5 of 'src/[a': a ']' is missing (a plain '[' is written '\\\\[')"
        ),
        (
            #""Paths":["日本\u0061\ud83d\ude00/{a"]"#,
            "1:57-58 error invalid-pattern Paths[0]: unclosed '{' at column 6 of '日本a😀/{a': a '}' is missing (a plain '{' is written '\\\\{')"
        ),
        (
            #""PathExpressions":["src/("]"#,
            "1:51-52 error invalid-pattern PathExpressions[0]: 'src/(' is not a regular expression: missing closing parenthesis at offset 5"
        ),
        (
            #""PathExpressions":["src/**"]"#,
            "1:51-52 error invalid-pattern PathExpressions[0]: 'src/**' is not a regular expression: quantifier does not follow a repeatable item at offset 5, globs belong in Paths"
        ),
        (
            #""Target":{"CodePipeline":{"SourceAction":"S"}}"#,
            "1:36-50 error missing-property Target.CodePipeline.Name: required, but missing"
        ),
        (
            #""Target":{"CodePipeline":{"Name":"a b"}}"#,
            "1:59-64 error invalid-value Target.CodePipeline.Name: expected a pipeline's name (1 to 100 letters, digits or . @ - _), found 'a b'"
        ),
        (
            #""Target":{"CodeBuild":{"Project":"ab","SourceVersion":"v-#{sha"}}"#,
            "1:83-84 error unknown-placeholder Target.CodeBuild.SourceVersion: unclosed '#{' at column 3 of 'v-#{sha': a '}' is missing"
        ),
        (
            #""Target":{"Jenkins":{}}"#,
            "1:35-49 error invalid-value Target: 'Jenkins' is not supported, expected CodePipeline, CodeBuild, OpenShiftBuild, KubernetesDeployment, EventBridge or PullRequestPipeline"
        ),
        (
            #""Status":"ci","Target":{"EventBridge":{}}"#,
            "1:35-39 error invalid-value Status: expected a target whose end AWS tells, which is CodePipeline, CodeBuild or PullRequestPipeline, found EventBridge"
        ),
        (
            #""Branches":["main"],"Branches":["x"]"#,
            "1:46-56 error duplicate-name 'Branches' stands here more than once, the last counts"
        ),
    ]

    @Test(arguments: errors)
    func `a bad rule is an error`(properties: String, line: String) {
        #expect(Self.lines(properties) == [line])
    }

    static let warnings = [
        (
            #""Branches":["main"],"ExcludeBranches":["*"]"#,
            "1:64-69 warning never-matches ExcludeBranches: ExcludeBranches takes away all that Branches names"
        ),
        (
            #""Branches":["release/*"],"ExcludeBranches":["release/**"]"#,
            "1:69-83 warning never-matches ExcludeBranches: ExcludeBranches takes away all that Branches names"
        ),
        (
            #""Events":["image"]"#,
            "1:35-44 warning never-matches Events: Events names nothing that GitHub tells of"
        ),
        (
            #""Events":["push","image"]"#,
            "1:43-50 warning no-effect Events[1]: GitHub tells of no image"
        ),
        (
            #""Events":["tag"],"Branches":["main"]"#,
            "1:54-62 warning no-effect Branches: Branches and ExcludeBranches have no effect on a tag"
        ),
        (
            #""Tags":["v*"]"#,
            "1:33-39 warning no-effect Tags: Tags and ExcludeTags have no effect: Events does not name tag"
        ),
        (
            #""Source":"dockerhub","Paths":["a/**"]"#,
            "1:55-63 warning no-effect Paths: Paths, PathExpressions and ExcludePaths have no effect on an image"
        ),
        (
            #""Events":["pull_request"],"SkipMessages":["x"]"#,
            "1:67-72 warning no-effect SkipMessages: SkipMessages has no effect: a pull request carries no message"
        ),
        (
            #""Forks":"allow""#,
            "1:34-41 warning no-effect Forks: Forks has no effect: Events does not name pull_request"
        ),
        (
            #""Source":"dockerhub","Forks":"skip""#,
            "1:55-61 warning no-effect Forks: Forks has no effect: Docker Hub has no forks"
        ),
        (
            #""Drafts":"skip""#,
            "1:35-41 warning no-effect Drafts: Drafts has no effect: Events does not name pull_request"
        ),
        (
            #""Events":["tag","merge_group"],"Labels":["ci"]"#,
            "1:66-72 warning no-effect Labels: Labels has no effect: Events does not name pull_request"
        ),
        (
            #""ExcludeLabels":["wip"]"#,
            "1:42-49 warning no-effect ExcludeLabels: ExcludeLabels has no effect: Events does not name pull_request"
        ),
        (
            #""Source":"dockerhub","Drafts":"skip""#,
            "1:56-62 warning no-effect Drafts: Drafts has no effect: Docker Hub has no drafts"
        ),
        (
            #""Source":"dockerhub","Labels":["ci"]"#,
            "1:56-62 warning no-effect Labels: Labels has no effect: Docker Hub has no labels"
        ),
        (
            #""Events":["pull_request"],"Labels":["ci"],"ExcludeLabels":["*"]"#,
            "1:84-89 warning never-matches ExcludeLabels: ExcludeLabels takes away all that Labels names"
        ),
        (
            #""Events":["pull_request"],"Labels":["ci/*","ci/api"]"#,
            "1:69-77 warning redundant-pattern Labels[1]: all that it matches, Labels[0] 'ci/*' matches too"
        ),
        (
            #""Events":["pull_request"],"ExcludeLabels":["!ci"]"#,
            "1:69-74 warning suspicious-pattern ExcludeLabels[0]: '!' is a plain character here; what is not to match goes to ExcludeLabels"
        ),
        (
            #""Events":["merge_group"],"SkipMessages":["x"]"#,
            "1:66-71 warning no-effect SkipMessages: SkipMessages has no effect: a merge group is not skipped by its message"
        ),
        (
            ##""Events":["merge_group"],"Target":{"CodePipeline":{"Name":"a","Variables":{"P":"#{pullRequest}"}}}"##,
            "1:106-120 warning empty-placeholder Target.CodePipeline.Variables.P: '#{pullRequest}' is always empty: no merge_group of github has a value for it"
        ),
        (
            #""Source":"dockerhub","Status":"ci""#,
            "1:56-60 warning no-effect Status: Status has no effect: Docker Hub has no commit statuses"
        ),
        (
            #""Paths":["src/**"],"ExcludePaths":["docs/**"]"#,
            "1:61-70 warning idle-exclude ExcludePaths[0]: excludes nothing: nothing that Paths names matches it"
        ),
        (
            #""Paths":["src/**"],"ExcludePaths":["*.md"]"#,
            "1:61-67 warning idle-exclude ExcludePaths[0]: excludes nothing: nothing that Paths names matches it, did you mean `**.md`?"
        ),
        (
            #""PathExpressions":["src/.*"],"ExcludePaths":["docs/**"]"#,
            "1:71-80 warning idle-exclude ExcludePaths[0]: excludes nothing: nothing that Paths names matches it"
        ),
        (
            #""Paths":["src/**","src/api/*.c"]"#,
            "1:44-57 warning redundant-pattern Paths[1]: all that it matches, Paths[0] 'src/**' matches too"
        ),
        (
            #""Paths":["A","A"]"#,
            "1:39-42 warning redundant-pattern Paths[1]: the same as Paths[0]"
        ),
        (
            #""Paths":["/src/**"]"#,
            "1:35-44 warning suspicious-pattern Paths[0]: matches no path: none begins with '/', being relative to the repository's root, did you mean `src/**`?"
        ),
        (
            #""Paths":["./src/**"]"#,
            "1:35-45 warning suspicious-pattern Paths[0]: matches no path: none begins with './', being relative to the repository's root, did you mean `src/**`?"
        ),
        (
            #""Paths":["src/"]"#,
            "1:35-41 warning suspicious-pattern Paths[0]: matches no path: none ends with '/', did you mean `src/**`?"
        ),
        (
            #""Paths":["a//b"]"#,
            "1:35-41 warning suspicious-pattern Paths[0]: matches no path: none holds '//'"
        ),
        (
            #""Paths":["src\\api\\**"]"#,
            "1:35-49 warning suspicious-pattern Paths[0]: '\\' makes the next character plain: what separates segments is '/', did you mean `src/api/**`?"
        ),
        (
            #""Paths":["**"," a"]"#,
            "1:40-44 warning suspicious-pattern Paths[1]: begins or ends with a blank, which counts, did you mean `a`?"
        ),
        (
            #""Paths":["!docs/**"]"#,
            "1:35-45 warning suspicious-pattern Paths[0]: '!' is a plain character here; what is not to match goes to ExcludePaths"
        ),
        (
            #""Branches":["refs/heads/main"]"#,
            "1:38-55 warning suspicious-pattern Branches[0]: a name is compared without 'refs/heads/', did you mean `main`?"
        ),
        (
            #""PathExpressions":["^/src"]"#,
            "1:45-52 warning suspicious-pattern PathExpressions[0]: matches no path: no path begins with '/', changed paths are relative to the repository's root"
        ),
        (
            #""Paths":["src/*"]"#,
            "1:35-42 note shallow-pattern Paths[0]: matches the files that lie in 'src/' itself, none in a folder below, did you mean `src/**`?"
        ),
        (
            #""Target":{"CodePipeline":{"Name":"a","Variables":{"T":"a #{tag}"}}}"#,
            "1:83-89 warning empty-placeholder Target.CodePipeline.Variables.T: '#{tag}' is always empty: no push of github has a value for it"
        ),
    ]

    @Test(arguments: warnings)
    func `what will not do what it seems to is a warning`(properties: String, line: String) {
        #expect(Self.lines(properties) == [line])
    }

    static let foreign = [
        (
            #""ExcludeActors":["dependabot[bot]"]"#,
            #"1:43-60 warning suspicious-pattern ExcludeActors[0]: '[bot]' is one character of these, not the word: a plain '[' is written '\\[', did you mean `dependabot\\[bot\\]`?"#
        ),
        (
            #""Paths":["app/[slug]/page.tsx"]"#,
            #"1:35-56 warning suspicious-pattern Paths[0]: '[slug]' is one character of these, not the word: a plain '[' is written '\\[', did you mean `app/\\[slug\\]/page.tsx`?"#
        ),
        (
            #""Paths":["services/!(docs)/**"]"#,
            "1:35-56 warning suspicious-pattern Paths[0]: '!(' begins an extended glob of a shell, and '(' is plain here: what is not to match goes to ExcludePaths"
        ),
        (
            #""Paths":["services/@(api|web)/**"]"#,
            "1:35-59 warning suspicious-pattern Paths[0]: '@(' begins an extended glob of a shell, and '(' is plain here, did you mean `services/{api,web}/**`?"
        ),
        (
            #""Branches":["^main$"]"#,
            "1:38-46 warning suspicious-pattern Branches[0]: looks like a regular expression, and this is a glob: '^' is plain here, did you mean `main`?"
        ),
        (
            #""Branches":["release/.*"]"#,
            "1:38-50 warning suspicious-pattern Branches[0]: looks like a regular expression, and this is a glob: '.' is plain here, did you mean `release/**`?"
        ),
        (
            #""Paths":["services/api/.*"]"#,
            "1:35-52 warning suspicious-pattern Paths[0]: looks like a regular expression, and this is a glob: '.' is plain here; those belong in PathExpressions, did you mean `services/api/**`?"
        ),
        (
            #""Paths":["services/(api|web)/.*\\.go$"]"#,
            "1:35-64 warning suspicious-pattern Paths[0]: looks like a regular expression, and this is a glob: '$' is plain here; those belong in PathExpressions, did you mean `services/{api,web}/**.go`?"
        ),
        (
            #""Paths":["src/(a|b).c"]"#,
            "1:35-48 warning suspicious-pattern Paths[0]: looks like a regular expression, and this is a glob: '(' and '|' are plain here; those belong in PathExpressions, did you mean `src/{a,b}.c`?"
        ),
    ]

    /// A pattern, its list, what is wrong with it, and the one that is advised.
    static let advised: [(String, String, String, String?)] = [
        ("Branches", "origin/main", "a branch's name is compared without 'origin/'", "main"),
        ("Branches", "heads/x", "a branch's name is compared without 'heads/'", "x"),
        (
            "Branches", "refs/remotes/origin/a",
            "a branch's name is compared without 'refs/remotes/origin/'", "a"
        ),
        ("Branches", "feature/", "no branch's name ends with '/'", "feature/**"),
        ("Branches", "/main", "no branch's name begins with '/'", "main"),
        ("Branches", "./x", "no branch's name begins with './'", "x"),
        ("Branches", "my branch", "no branch's name has a blank in it", nil),
        ("ExcludeBranches", "a..b", "no branch's name has '..' in it", nil),
        (
            "Branches", "main|develop",
            "'|' is plain here: alternatives stand in braces, or are elements of the list",
            "{main,develop}"
        ),
        (
            "Branches", "main, develop",
            "',' is plain here: alternatives stand in braces, or are elements of the list",
            "{main,develop}"
        ),
        (
            "Paths", "src/**|lib/**",
            "'|' is plain here: alternatives stand in braces, or are elements of the list",
            "{src/**,lib/**}"
        ),
        ("Branches", "release-.*", expression + "'.' is plain here", "release-**"),
        ("Branches", ".*-rc", expression + "'.' is plain here", "**-rc"),
        ("Branches", "release-[0-9]+", expression + "'+' is plain here", "release-[0-9]*"),
        ("Tags", "v.*", expression + "'.' is plain here", "v**"),
        ("Tags", "/v.*/", expression + "'/' is plain here", "v**"),
        ("Tags", "/v1/", expression + "'/' is plain here", "v1"),
        ("Tags", "tags/v1", "a tag's name is compared without 'tags/'", "v1"),
        ("Tags", #"v\d+"#, expression + #"'\d' is a plain 'd' here"#, "v[0-9]*"),
        ("Tags", #"v\d+\.\d+"#, expression + #"'\d' is a plain 'd' here"#, "v[0-9]*.[0-9]*"),
        (
            "Paths", #"db/V\d+.sql"#,
            expression + #"'\d' is a plain 'd' here; those belong in PathExpressions"#,
            "db/V[0-9]*.sql"
        ),
        (
            "Paths", #"src\docs\**"#,
            #"'\' makes the next character plain: what separates segments is '/'"#, "src/docs/**"
        ),
        (
            "Actors", #"octo\mona"#,
            #"'\' makes the next character plain: what separates segments is '/'"#, nil
        ),
        (
            "Paths", "/services/api/",
            "matches no path: none begins with '/', being relative to the repository's root",
            "services/api/**"
        ),
        (
            "Paths", "/",
            "matches no path: none begins with '/', being relative to the repository's root", nil
        ),
        (
            "Paths", ".",
            "matches no path: of all paths the pattern is '**', or the list is left out", nil
        ),
        ("Branches", "refs/heads/", "a name is compared without 'refs/heads/'", nil),
    ]
    private static let expression = "looks like a regular expression, and this is a glob: "

    @Test(arguments: advised)
    func `a pattern that matches nothing is a warning, and what is advised is right`(
        list: String,
        pattern: String,
        message: String,
        advice: String?
    ) {
        let events = list.hasSuffix("Tags") ? #""Events":["tag"],"# : ""
        let line = Self.lines("\(events)\"\(list)\":[\(pattern.inJSON)]")
            .map { $0.drop { $0 != " " }.dropFirst() }
        let hint = advice.map { ", did you mean `\($0)`?" } ?? ""
        #expect(line == ["warning suspicious-pattern \(list)[0]: \(message)\(hint)"])
        if let advice {
            #expect(Self.lines("\(events)\"\(list)\":[\(advice.inJSON)]") == [])
        }
    }

    @Test(arguments: [
        (
            #""Paths":["services/api"]"#,
            "1:35-49 note shallow-pattern Paths[0]: matches a file of that name alone, nothing in a folder, did you mean `services/api/**`?"
        ),
        (
            #""Paths":["*.py"]"#,
            "1:35-41 note shallow-pattern Paths[0]: matches the files that lie in the root itself, none in a folder below, did you mean `**.py`?"
        ),
        (#""Paths":["Makefile","services/api/Dockerfile","gradlew","a/b.c","a/.env"]"#, ""),
    ])
    func `a path that leaves out what is below is a note`(properties: String, line: String) {
        #expect(Self.lines(properties).joined(separator: "\n") == line)
    }

    @Test(arguments: [
        (
            "acme/app", "services/api", "warning",
            "it is a folder, and this matches a file of that name alone"
        ),
        ("acme/app", "services/api/mod", "", ""),
        (
            "acme/app", "services/web", "note",
            "matches a file of that name alone, nothing in a folder"
        ),
        (
            "acme/else", "services/api", "note",
            "matches a file of that name alone, nothing in a folder"
        ),
        (
            "acme/app", "../x", "warning",
            "matches no path: none begins with '../', being relative to the repository's root"
        ),
    ])
    func `a clone of the repository tells what is a folder`(
        repository: String,
        path: String,
        severity: String,
        message: String
    ) throws {
        let folder = try TemporaryFolder(
            running: """
                git init -q . && git remote add origin git@github.com:Acme/App.git
                mkdir -p services/api rules && echo 1 >services/api/mod
                """
        )
        let rule =
            #"{"Repository":"\#(repository)","Paths":["\#(path)"],"Target":{"EventBridge":{}}}"#
        let file = CheckedFile(name: "rules/a.json", bytes: [UInt8](rule.utf8), isNamed: true)
        let checkout = Checkout(of: folder.path + "/rules")
        var checker = Checker(ownSecrets: .none, checkout: checkout)
        checker.check(file)
        #expect(checker.report.findings.map(\.severity.rawValue).joined() == severity)
        #expect(checker.report.findings.map(\.message).joined() == message)
        let fixed = CorrectedFile(file, .none, checkout).fixes.map(\.message)
        #expect(
            fixed
                == (path == "services/api" && severity == "warning"
                    ? ["'services/api' is now 'services/api/**'"] : [])
        )
    }

    @Test(arguments: [
        ("${after}", "#{after}"), ("{{ branch }}", "#{branch}"), ("$(tag)", "#{tag}"),
        ("x-${aftr}", "#{after}"),
    ])
    func `a placeholder of another language is a warning`(text: String, advice: String) {
        let lines = Self.lines(
            #""Events":["push","tag"],"Target":{"CodePipeline":{"Name":"a","Variables":{"V":"\#(text)"}}}"#
        )
        let written = text.replacing("x-", with: "")
        #expect(
            lines.map { $0.drop { $0 != " " } } == [
                " warning unknown-placeholder Target.CodePipeline.Variables.V: '\(written)' is plain text here: placeholders are written '#{…}', did you mean `\(advice)`?"
            ]
        )
    }

    @Test(arguments: ["${HOME}", "{{ x.y }}", "$(date +%s)", "$after"])
    func `what is no placeholder's name is plain text`(text: String) {
        let variables = #""Variables":{"V":"\#(text)"}"#
        #expect(Self.lines(#""Target":{"CodePipeline":{"Name":"a",\#(variables)}}"#) == [])
    }

    @Test(arguments: foreign)
    func `a pattern of another language is a warning`(properties: String, line: String) {
        #expect(Self.lines(properties) == [line])
    }

    @Test(arguments: [
        #""Paths":["app/(shop)/**","src/[ab]*.c","**/.*",".*/**","src/foo.*","a/*(1).txt/b"]"#,
        #""Paths":["lib/**"],"ExcludePaths":["lib/[0-9]*","lib/.*"]"#,
        #""Branches":["v[0-9]*","a.b"]"#,
        #""ExcludeActors":["dependabot\\[bot\\]","[mn]ona"]"#,
    ])
    func `a glob that only resembles another language's is none`(properties: String) {
        #expect(Self.lines(properties).filter { $0.contains("suspicious") } == [])
    }

    @Test func `a rule with errors has its warnings too`() {
        let properties =
            #""Branches":["refs/heads/main","["],"Paths":["!docs/**"],"Status":"ci","Tagz":["v*"],"#
            + #""Target":{"CodeBild":{"Project":"ab"}}"#
        #expect(
            Self.lines(properties) == [
                "1:38-55 warning suspicious-pattern Branches[0]: a name is compared without 'refs/heads/', did you mean `main`?",
                "1:57-58 error invalid-pattern Branches[1]: unclosed '[' at column 1 of '[': a ']' is missing (a plain '[' is written '\\\\[')",
                "1:70-80 warning suspicious-pattern Paths[0]: '!' is a plain character here; what is not to match goes to ExcludePaths",
                "1:96-102 error unknown-property Tagz: unknown property, did you mean `Tags`?",
                "1:119-148 error invalid-value Target: 'CodeBild' is not supported, expected CodePipeline, CodeBuild, OpenShiftBuild, KubernetesDeployment, EventBridge or PullRequestPipeline, did you mean `CodeBuild`?",
            ]
        )
    }

    @Test func `a rule of which nothing is right is checked to its end`() {
        let properties =
            #""Events":["x"],"Supersede":"y","Status":1,"Drafts":2,"Labels":{},"Paths":["/a"],"#
            + #""Target":{"EventBridge":{"Nam":1}}"#
        let lines = Self.lines(properties)
        #expect(lines.contains { $0.contains("warning suspicious-pattern Paths[0]") })
        #expect(lines.count { $0.contains(" error ") } == 6)
    }

    @Test func `a list of blank texts says that it is none`() {
        #expect(
            Self.lines(#""ExcludePaths":[""]"#) == [
                "1:41-45 warning no-effect ExcludePaths: a list of blank texts is the same as none"
            ]
        )
    }

    @Test(arguments: [
        (
            #""Events":["push","tag"]"#,
            "1:35-49 note provider-limit Events: GitHub sends no event for more than three tags pushed at once"
        ),
        (
            #""Source":"gitlab""#,
            "1:35-43 note provider-limit Source: GitLab sends no event for more than three branches or tags pushed at once"
        ),
        (
            #""Source":"gitea","Paths":["a/**"]"#,
            "1:35-42 note provider-limit Source: Gitea lists the newest 5 commits of a push: of more, its API is asked, and if that cannot tell, WhenPathsUnknown decides"
        ),
        (
            #""Source":"gitlab","Events":["push"],"Paths":["a/**"]"#,
            "1:53-61 note provider-limit Events: GitLab sends no event for more than three branches or tags pushed at once\n1:53-61 note provider-limit Events: GitLab lists the newest 20 commits of a push: of more, its API is asked, and if that cannot tell, WhenPathsUnknown decides"
        ),
        (#""Source":"gitlab","Events":["pull_request"],"Paths":["a/**"]"#, ""),
        (#""Source":"gitea","Events":["push"]"#, ""),
    ])
    func `what a provider does not tell is a note`(properties: String, lines: String) {
        #expect(Self.all(properties).joined(separator: "\n") == lines)
    }

    @Test(arguments: [
        (
            #""Status":"ci""#,
            "1:35-39 warning unpinned-run Status: it is set on the event's commit, but without SourceAction the pipeline may build a newer one"
        ),
        (
            #""Status":"ci","Target":{"CodeBuild":{"Project":"ab"}}"#,
            "1:35-39 warning unpinned-run Status: it is set on the event's commit, but without SourceVersion the project may build a newer one"
        ),
        (#""Status":"ci","Target":{"CodePipeline":{"Name":"a","SourceAction":"Source"}}"#, ""),
        (
            ##""Status":"ci","Target":{"CodeBuild":{"Project":"ab","SourceVersion":"#{after}"}}"##,
            ""
        ),
    ])
    func `a status of a run that may build another commit is a warning`(
        properties: String,
        lines: String
    ) {
        #expect(Self.lines(properties).joined(separator: "\n") == lines)
    }

    @Test func `a rule of TrainingPeaks' mono-repo trigger is checked as one`() {
        let rule = """
            {"GitHubRepo": "acme/app", "GitHubBranch": "refs/heads/main",
             "ChangeMatchExpressions": "src/.*, /lib", "CodePipelineName": "p"}
            """
        #expect(
            Checked.lines(rule, name: "rule.json") == [
                "1:16-26 warning never-matches GitHubRepo: no push matches: the repository is named without its owner here, did you mean `app`?",
                "1:44-61 warning never-matches GitHubBranch: no push matches: a name is compared without 'refs/heads/', did you mean `main`?",
                "2:28-42 warning suspicious-pattern ChangeMatchExpressions: '/lib' matches no path: no path begins with '/', changed paths are relative to the repository's root",
            ]
        )
    }

    @Test func `the name of a rule of TrainingPeaks' mono-repo trigger must fit its content`() {
        let rule = """
            {"GitHubRepo":"app","GitHubBranch":"main","ChangeMatchExpressions":"","CodePipelineName":"p1"}
            """
        #expect(Checked.lines(rule, name: "app-main-p1-68099E47.json") == [])
        #expect(
            Checked.lines(rule, name: "app-main-p2-68099E47.json") == [
                "1:1-2 error wrong-place a rule of this repository, branch and pipeline is looked for as 'app-main-p1-68099E47.json', rename the file"
            ]
        )
    }

    @Test func `a rule must lie in the folder of its repository`() {
        let rule = #"{"Repository":"acme/app","Target":{"CodePipeline":{"Name":"a"}}}"#
        #expect(Checked.lines(rule, name: "p/rules/github/acme/app/a.json") == [])
        #expect(
            Checked.lines(rule, name: "p/rules/github/acme/web/a.json") == [
                "1:15-25 error wrong-place Repository: a rule for 'acme/app' of github belongs in 'p/rules/github/acme/app/', but it lies at 'p/rules/github/acme/web/a.json'"
            ]
        )
    }
}
