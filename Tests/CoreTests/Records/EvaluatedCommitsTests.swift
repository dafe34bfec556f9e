import Codec
import Testing

@testable import Core

@Suite struct EvaluatedCommitsTests {
    private static func push(_ commit: String, at second: Int, branch: String = "main") -> Change {
        Change(
            source: .codecommit,
            repository: "Repo",
            kind: .push,
            branch: branch,
            after: commit,
            receivedAt: moment,
            eventTime: Timestamp(milliseconds: second * 1_000),
            delivery: "d-\(commit)-\(second)",
            bodyDigest: BodyDigest(eventID: "e", ref: "r"),
            paths: CodeCommitRepository.paths
        )
    }

    private func text(_ commits: EvaluatedCommits) -> String {
        commits.entries.map { $0.commit + ($0.isDone ? "" : "?") }.joined(separator: " ")
    }

    private func text(_ steps: [EvaluatedCommits.Step]) -> String {
        steps.map { step in
            if case .commit(let before) = step.base {
                "\(before)..\(step.after)"
            } else {
                "^..\(step.after)"
            }
        }
        .joined(separator: " ")
    }

    @Test(arguments: [
        // entered, in order (! is done); the push; its steps
        ("", "c5", "^..c5"),
        ("c1!", "c5", "c1..c5"),
        ("c1! c2!", "c5", "c2..c5"),
        ("c2! c1!", "c5", "c2..c5"),
        ("c1! c2", "c5", "c1..c2 c2..c5"),
        ("c1! c2 c3! c4", "c5", "c3..c4 c4..c5"),
        ("c1 c2", "c5", "^..c1 c1..c2 c2..c5"),
        ("c1! c7!", "c5", "c1..c5"),
        ("c7! c8", "c5", "^..c5"),
    ])
    func `a commit is compared with the newest older one that is done, step by step`(
        entered: String,
        push: String,
        steps: String
    ) throws {
        var commits = EvaluatedCommits()
        for name in entered.split(separator: " ") {
            let commit = name.prefix(2)
            let change = Self.push(String(commit), at: try #require(Int(commit.dropFirst())))
            _ = name.hasSuffix("!") ? commits.conclude(change) : commits.enter(change)
        }
        let change = Self.push(push, at: 5)
        #expect(text(commits.steps(to: change)) == steps, "before it is entered")
        let isNews = [
            commits.enter(change), commits.enter(change),
            commits.conclude(change), commits.conclude(change),
        ]
        #expect(isNews == [true, false, true, false])
        #expect(text(commits.steps(to: change)) == steps, "as in another attempt")
    }

    @Test func `an older one that is entered late makes the newer ones not done again`() {
        var commits = EvaluatedCommits()
        for second in [1, 3, 4] { _ = commits.conclude(Self.push("c\(second)", at: second)) }
        _ = commits.enter(Self.push("c2", at: 2))
        #expect(text(commits) == "c1 c2? c3? c4?")
        _ = commits.conclude(Self.push("c2", at: 2))
        #expect(text(commits.steps(to: Self.push("c5", at: 5))) == "c2..c3 c3..c4 c4..c5")
    }

    @Test func `a step between the same commits is none`() {
        var commits = EvaluatedCommits()
        _ = commits.conclude(Self.push("a", at: 1))
        #expect(commits.steps(to: Self.push("a", at: 2)) == [])
        _ = commits.enter(Self.push("b", at: 3))
        #expect(text(commits.steps(to: Self.push("a", at: 4))) == "a..b b..a")
    }

    @Test func `pushes of the same time are in the order of their coming`() {
        var commits = EvaluatedCommits()
        for commit in ["b", "a", "c"] { _ = commits.conclude(Self.push(commit, at: 1)) }
        #expect(text(commits) == "b a c")
    }

    @Test func `without a time of its own a push has that of its receipt`() {
        var commits = EvaluatedCommits()
        var late = Self.push("late", at: 0)
        late.eventTime = nil
        _ = commits.conclude(late)
        _ = commits.conclude(Self.push("a", at: 1))
        #expect(text(commits) == "a late")
    }

    @Test func `sixteen are kept, and always the last that is done`() {
        var commits = EvaluatedCommits()
        _ = commits.conclude(Self.push("done", at: 1))
        for second in 2..<40 { _ = commits.enter(Self.push("c\(second)", at: second)) }
        #expect(commits.entries.count == 16)
        #expect(text(commits).hasPrefix("done c25? c26?"))
        #expect(text(commits.steps(to: Self.push("x", at: 50))).hasPrefix("done..c25 c25..c26 "))
    }

    @Test func `what is stored is what is read again`() throws {
        var commits = EvaluatedCommits()
        _ = commits.conclude(Self.push("a", at: 1))
        _ = commits.enter(Self.push("b", at: 2))
        #expect(
            String(decoding: commits.encoded(), as: UTF8.self)
                == #"{"commits":[{"commit":"a","at":"1970-01-01T00:00:01.000Z","#
                + #""delivery":"d-a-1","done":true},"#
                + #"{"commit":"b","at":"1970-01-01T00:00:02.000Z","#
                + #""delivery":"d-b-2","done":false}]}"#
        )
        #expect(EvaluatedCommits(parsing: commits.encoded()) == commits)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"commits":[{}]}"#, #"{"commits":[1]}"#,
        #"{"commits":[{"commit":"a","at":"then","delivery":"d","done":true}]}"#,
    ])
    func `what is no list of commits is none`(text: String) {
        #expect(EvaluatedCommits(parsing: Array(text.utf8)) == nil)
    }
}
