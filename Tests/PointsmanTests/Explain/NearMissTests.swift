import Codec
@testable import Core
import Testing

@testable import pointsman

struct NearMissTests {
    @Test(
        arguments: [
            (
                #""Branches": ["master"]"#,
                "Branches wants 'master', the push is to 'main'; nothing else keeps it from starting"
            ),
            (
                #""Branches": ["Main"]"#,
                "Branches wants 'Main', the push is to 'main'; 'Main' differs only in case; "
                    + "nothing else keeps it from starting"
            ),
            (
                #""Branches": ["mian", "x"], "Paths": ["nothing"]"#,
                "Branches wants 'mian' or 'x', the push is to 'main'; did you mean 'mian'?"
            ),
            (
                #""Actors": ["a", "b", "c", "d", "e", "f"], "Events": ["push"]"#,
                "Actors wants 'a' or 'b' or 'c' or 'd' or 'e' or one of 1 more, it was 'Codertocat'; "
                    + "nothing else keeps it from starting"
            ),
            (
                #""Paths": ["services/**"], "ExcludePaths": ["**"]"#,
                "it would start but for ExcludePaths"
            ),
            (#""Events": ["tag"]"#, nil), ("", nil),
        ] as [(String, String?)]
    )
    func `what a rule lacks is named`(members: String, words: String?) throws {
        let event = try EventFile(
            InputFile("\(EventFileTests.folder)/github-push-services-api.json"),
            receivedAt: Timestamp(milliseconds: 0)
        )
        let change = try #require(event.changes.first)
        let more = members.isEmpty ? "" : ", " + members
        let rule = Rule(
            key: "p/rules/github/octo-org/monorepo/r.json",
            prefix: "p",
            object: [UInt8](
                (#"{"Repository": "octo-org/monorepo", "Target": {"CodePipeline": {"Name": "p"}}"#
                    + more + "}").utf8
            )
        )
        #expect(rule.problems.isEmpty)
        let decision = try #require(RuleSet([rule]).decide(change).first)
        let miss = NearMiss(change, decision, rule, NearestPath(change.paths.paths))
        #expect(miss.words == words)
    }
}
