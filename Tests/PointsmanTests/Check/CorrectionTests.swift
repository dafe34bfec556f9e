@testable import Core
import Foundation
import Testing

@testable import pointsman

/// What `check --fix` makes of a rule, and what it says of that.
struct CorrectionTests {
    private static func corrected(_ text: String, name: String = "rule.json") -> CorrectedFile {
        let file = CheckedFile(name: name, bytes: [UInt8](text.utf8), isNamed: true)
        return CorrectedFile(file, .none)
    }

    private static func text(_ file: CorrectedFile) -> String {
        String(decoding: file.file.bytes, as: UTF8.self)
    }

    /// A rule with these properties and a target.
    private static func rule(_ properties: String) -> String {
        #"{"Repository":"acme/app",\#(properties),"Target":{"CodePipeline":{"Name":"a"}}}"#
    }

    static let corrections: [(String, String, [String])] = [
        (
            #""Branches":["refs/heads/main"]"#, #""Branches":["main"]"#,
            ["Branches[0]: 'refs/heads/main' is now 'main'"]
        ),
        (
            #""Paths":["/services/**"]"#, #""Paths":["services/**"]"#,
            ["Paths[0]: '/services/**' is now 'services/**'"]
        ),
        (
            #""Paths":["/services/"]"#, #""Paths":["services/**"]"#,
            ["Paths[0]: '/services/' is now 'services/**'"]
        ),
        (
            #""Branches":"main""#, #""Branches":["main"]"#,
            ["Branches: 'main' is now a list of it"]
        ),
        (
            #""Branches":"main, develop""#, #""Branches":["main", "develop"]"#,
            ["Branches: 'main, develop' is now a list of 2"]
        ),
        (
            #""Events":["pull_request"],"Supersede":"yes""#,
            #""Events":["pull_request"],"Supersede":true"#, ["Supersede: 'yes' is now true"]
        ),
        (
            #""Branches":["origin/main","release-.*"]"#, #""Branches":["main","release-**"]"#,
            [
                "Branches[0]: 'origin/main' is now 'main'",
                "Branches[1]: 'release-.*' is now 'release-**'",
            ]
        ),
        (
            #""Events":["tag"],"Tags":["v\\d+"]"#, #""Events":["tag"],"Tags":["v[0-9]*"]"#,
            [#"Tags[0]: 'v\d+' is now 'v[0-9]*'"#]
        ),
        (
            #""Branchs" : ["^main$"]"#, #""Branches" : ["main"]"#,
            ["Branchs: 'Branchs' is now 'Branches'", "Branches[0]: '^main$' is now 'main'"]
        ),
        (
            #""Source":"githb","Events":["pul_request"]"#,
            #""Source":"github","Events":["pull_request"]"#,
            [
                "Source: 'githb' is now 'github'", "Events[0]: 'pul_request' is now 'pull_request'",
            ]
        ),
        (
            #""ExcludeActors":["dependabot[bot]"]"#, #""ExcludeActors":["dependabot\\[bot\\]"]"#,
            [#"ExcludeActors[0]: 'dependabot[bot]' is now 'dependabot\[bot\]'"#]
        ),
        (
            #""Paths":["src/**","!src/docs/**"]"#,
            #""Paths":["src/**"],"ExcludePaths":["src/docs/**"]"#,
            ["Paths[1]: '!src/docs/**' is now 'src/docs/**' in ExcludePaths"]
        ),
        (
            #""Paths":["!a/**", "!b/**", "**", "!c/**"],"ExcludePaths":["d/**"]"#,
            #""Paths":["**"],"ExcludePaths":["d/**", "a/**", "b/**", "c/**"]"#,
            [
                "Paths[0]: '!a/**' is now 'a/**' in ExcludePaths",
                "Paths[1]: '!b/**' is now 'b/**' in ExcludePaths",
                "Paths[3]: '!c/**' is now 'c/**' in ExcludePaths",
            ]
        ),
        (
            #""Paths":["!docs/**"]"#, #""ExcludePaths":["docs/**"]"#,
            ["Paths[0]: '!docs/**' is now 'docs/**' in ExcludePaths"]
        ),
        (
            #""ExcludePaths":[], "Paths":["!docs/**"]"#, #""ExcludePaths":["docs/**"]"#,
            ["Paths[0]: '!docs/**' is now 'docs/**' in ExcludePaths"]
        ),
        (
            #""Branches":["release/*","!release/old"]"#,
            #""Branches":["release/*"],"ExcludeBranches":["release/old"]"#,
            ["Branches[1]: '!release/old' is now 'release/old' in ExcludeBranches"]
        ),
        (
            #""ExcludePath":["a/**"],"Paths":["**","!b/**"]"#,
            #""ExcludePaths":["a/**", "b/**"],"Paths":["**"]"#,
            [
                "ExcludePath: 'ExcludePath' is now 'ExcludePaths'",
                "Paths[1]: '!b/**' is now 'b/**' in ExcludePaths",
            ]
        ),
    ]

    @Test(arguments: corrections)
    func `what check suggests is written`(before: String, after: String, fixes: [String]) {
        let corrected = Self.corrected(Self.rule(before))
        #expect(Self.text(corrected) == Self.rule(after))
        #expect(corrected.fixes.map(\.sentence) == fixes)
        let again = CorrectedFile(corrected.file, .none)
        #expect(again.fixes == [])
        #expect(again.file.bytes == corrected.file.bytes)
    }

    static let targets: [(String, String)] = [
        (
            #""Target":{"codepipeline":{"Nam":"a"}}"#, #""Target":{"CodePipeline":{"Name":"a"}}"#
        ),
        (#""Targt":{"EventBridge":{}}"#, #""Target":{"EventBridge":{}}"#),
        (
            ##""Target":{"CodeBuild":{"Project":"ab","SourceVersion":"${after}"}}"##,
            ##""Target":{"CodeBuild":{"Project":"ab","SourceVersion":"#{after}"}}"##
        ),
        (
            ##""Target":{"CodeBuild":{"Project":"ab","SourceVersion":"\u0076-#{aftr}-1"}}"##,
            ##""Target":{"CodeBuild":{"Project":"ab","SourceVersion":"\u0076-#{after}-1"}}"##
        ),
    ]

    @Test(arguments: targets)
    func `a target is corrected too`(before: String, after: String) {
        func rule(_ target: String) -> String { #"{"Repository":"acme/app",\#(target)}"# }
        #expect(Self.text(Self.corrected(rule(before))) == rule(after))
    }

    @Test(arguments: [
        // What may well be meant.
        #""Paths":["src/*"]"#,
        #""Paths":["*.py","services/api","/"]"#, #""Branches":["my branch"]"#,
        // Excluded twice is not included.
        #""ExcludePaths":["!docs/**"]"#,
        #""Paths":["!(docs)/**"]"#,
        // Which of the two counts, nobody can tell.
        #""Branchs":["a"],"Branches":["b"]"#,
        #""Branches":["a"],"Branches":["refs/heads/b"],"Branchs":["c"]"#,
        // Nothing would be left of it.
        #""Branches":["refs/heads/"]"#,
        #""Zebra":1"#,
    ])
    func `what is not sure stays`(properties: String) {
        let rule = Self.rule(properties)
        let text = Self.text(Self.corrected(rule))
        #expect(text == rule.replacing(#""refs/heads/b""#, with: #""b""#))
    }

    @Test func `everything else keeps its form`() {
        let target = #""Target": {"CodePipeline": {"Name": "\u0061"}}"#
        let before = """
            \u{FEFF}{
            \t"Repository" : "acme/app" ,
            \t"Paths": [
            \t\t"src/**",
            \t\t"!src/\\u0061/**"
            \t],
            \t\(target)
            }


            """.replacing("\n", with: "\r\n")
        let after = """
            {
            \t"Repository" : "acme/app" ,
            \t"Paths": [
            \t\t"src/**"
            \t] ,
            \t"ExcludePaths": [
            \t\t"src/a/**"
            \t],
            \t\(target)
            }


            """.replacing("\n", with: "\r\n")
        let corrected = Self.corrected(before)
        #expect(Self.text(corrected) == after)
        #expect(
            corrected.fixes.map(\.line) == [
                "rule.json:1:1: fixed: the byte order mark is gone",
                "rule.json:5:3: fixed: Paths[1]: '!src/a/**' is now 'src/a/**' in ExcludePaths",
            ]
        )
    }

    @Test(arguments: [
        ("rule.json", #"{"Repository":"acme/app","Branchs":["main"],"#),
        ("rule.yaml", "Repository: acme/app\nBranchs: [main]\nTarget: {}\n"),
        (
            "template.json",
            #"{"Resources":{"A":{"Type":"Custom::PipelineTrigger","Properties":{"ServiceToken":"a","#
                + #""Repository":"acme/app","Branchs":["main"],"Target":{"EventBridge":{}}}}}}"#
        ),
        ("list.json", #"[{"Repository":"acme/app","Branchs":["main"],"Target":{}}]"#),
    ])
    func `templates and what cannot be read are left alone`(name: String, text: String) {
        let corrected = Self.corrected(text, name: name)
        #expect(Self.text(corrected) == text)
        #expect(corrected.fixes == [])
    }

    @Test func `a rule with many mistakes is corrected in time`() {
        let patterns = (0..<200).map { "\"/a\($0)/\"" }.joined(separator: ",")
        let corrected = Self.corrected(Self.rule("\"Paths\":[\(patterns)]"))
        #expect(corrected.fixes.count == 200)
        #expect(Self.text(corrected).contains(#""a199/**"]"#))
    }

    @Test func `every format lists what was changed`() {
        var report = Report()
        (report.files, report.rules) = (1, 1)
        report.fixes = Self.corrected(Self.rule(#""Branches":["refs/heads/m"]"#)).fixes
        let change = "Branches[0]: 'refs/heads/m' is now 'm'"
        let summary = "No problems found (1 rule in 1 file)\n"
        #expect(
            report.written(.text, for: .none) == "rule.json:1:38: fixed: \(change)\n\n\(summary)"
        )
        #expect(report.written(.text, .findings, for: .none) == "")
        #expect(
            report.written(.github, for: .none)
                == "::notice file=rule.json,line=1,title=fixed::\(change)\n\(summary)"
        )
        #expect(
            report.json.contains(
                #""fixed":[{"file":"rule.json","line":1,"column":38,"property":"Branches[0]","message":"#
                    + #""'refs/heads/m' is now 'm'"}]"#
            )
        )
    }
}
