import Codec
import Testing

@testable import Core

@Suite struct GitHubPullTests {
    static func answer(
        state: String = "open",
        head: String = String(repeating: "1", count: 40),
        repository: String = #"{"full_name":"octo/mono"}"#,
        base: String = "main",
        draft: Bool = false,
        label: String = "ready"
    ) -> String {
        #"{"number":7,"state":"\#(state)","draft":\#(draft),"labels":[{"name":"\#(label)"}],"head":{"ref":"topic","sha":"\#(head)","#
            + #""repo":\#(repository)},"base":{"ref":"\#(base)","sha":"b"}}"#
    }

    @Test(arguments: [
        (#"{"full_name":"octo/mono"}"#, false), (#"{"full_name":"Octo/Mono"}"#, false),
        (#"{"full_name":"mallory/mono"}"#, true), ("null", true), ("{}", true),
    ])
    func `a head in another repository, or in one that is gone, is a fork's`(
        repository: String,
        isFork: Bool
    ) throws {
        let pull = try #require(GitHubPull(Array(Self.answer(repository: repository).utf8)))
        #expect(pull.isFork(of: "octo/mono") == isFork)
    }

    @Test func `an answer says what a comment needs to know`() throws {
        let pull = try #require(GitHubPull(Array(Self.answer(draft: true).utf8)))
        #expect(pull.isOpen && pull.isDraft)
        #expect(pull.head == String(repeating: "1", count: 40))
        #expect(pull.headBranch == "topic")
        #expect(pull.base == "main")
        #expect(pull.labels == ["ready"])
        #expect(pull.baseCommit == "b")
        #expect(GitHubPull(Array(Self.answer(state: "closed").utf8))?.isOpen == false)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"state":"open"}"#, #"{"state":"open","head":{"sha":"a","ref":"b"}}"#,
        #"{"state":1,"head":{"sha":"a","ref":"b"},"base":{"ref":"c"}}"#,
    ])
    func `what is no pull request is none`(answer: String) {
        #expect(GitHubPull(Array(answer.utf8)) == nil)
    }

    @Test(arguments: [
        ("admin", true), ("write", true), ("read", false), ("none", false), ("triage", false),
        ("maintain", false), ("Write", false), ("", false),
    ])
    func `those may ask for a run who may push`(role: String, mayWrite: Bool) {
        let body = Array(#"{"permission":"\#(role)","role_name":"admin"}"#.utf8)
        #expect(GitHubPermission.role(by: body) == role)
        #expect(GitHubPermission.mayWrite(role) == mayWrite)
    }
}
