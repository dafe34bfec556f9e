import Codec
import Platform
import Testing

@testable import Core

@Suite struct EvaluateRequestTests {
    private static let change = Change(
        source: .github,
        repository: "o/r",
        kind: .push,
        branch: "main",
        after: "abc",
        receivedAt: moment,
        delivery: "d-1",
        bodyDigest: BodyDigest(SHA256(of: Array("abc".utf8))),
        paths: ChangedPaths(paths: [Path(utf8: Array("a\"b".utf8))], incomplete: "why", commits: 1)
    )

    private static let state = "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19"

    @Test func `a change is handed over reduced, as one object`() {
        #expect(
            String(decoding: EvaluateRequest.change(Self.change).encoded(), as: UTF8.self)
                == #"{"change":{"source":"github","repository":"o/r","kind":"push","#
                + #""branch":"main","after":"abc","created":false,"deleted":false,"#
                + #""forced":false,"receivedAt":1800000000000,"delivery":"d-1","#
                + #""identity":{"state":"\#(Self.state)","length":3,"pending":"616263"},"#
                + #""paths":["a\"b"],"incomplete":"why","commits":1}}"#
        )
    }

    @Test func `a change that is too large is handed over by its key`() throws {
        let handOver = EvaluateRequest.stored(key: "prefix/changes/a")
        #expect(
            String(decoding: handOver.encoded(), as: UTF8.self) == #"{"key":"prefix/changes/a"}"#
        )
        guard case .stored(let key) = try EvaluateRequest(handOver.encoded()) else {
            Issue.record("no key")
            return
        }
        #expect(key == "prefix/changes/a")
    }

    @Test(arguments: [#""total_commits":1"#, #""object_kind":"push""#])
    func `a payload of another provider's is none that is read here`(member: String) {
        #expect {
            _ = try EvaluateRequest(Array(#"{"ref":"refs/heads/main",\#(member)}"#.utf8))
        } throws: { error in
            "\(error)"
                == "reading the hand-over: it has no change: of payloads only GitHub's are read here"
        }
    }

    private static let test = TriggerTest(
        repository: "r",
        ref: "refs/heads/main",
        commit: "abc",
        actor: "arn:mary",
        receivedAt: moment,
        delivery: "d-1"
    )

    @Test func `a trigger's test is handed over as it is`() throws {
        let bytes = EvaluateRequest.test(Self.test).encoded()
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"test":{"repository":"r","ref":"refs/heads/main","commit":"abc","#
                + #""actor":"arn:mary","receivedAt":1800000000000,"delivery":"d-1"}}"#
        )
        #expect(try EvaluateRequest(bytes).parse(receivedAt: moment) == .test(Self.test))
    }

    @Test(arguments: [
        ("{}", "it has no test.repository"),
        (#"{"repository":"r"}"#, "it has no test.receivedAt"),
        (#"{"repository":"r","receivedAt":1}"#, "it has no test.delivery"),
        (
            #"{"repository":"r","receivedAt":1,"delivery":"../x"}"#,
            "test.delivery is not 1 to 64 letters, digits and hyphens"
        ),
    ])
    func `a test that is not whole says what it lacks`(test: String, reason: String) {
        #expect {
            _ = try EvaluateRequest(Array(#"{"test":\#(test)}"#.utf8))
        } throws: { error in
            "\(error)" == "reading the hand-over: \(reason)"
        }
    }

    @Test(arguments: [
        ("refs/heads/a/b", Change.Kind.push, String?.some("a/b"), String?.none),
        ("refs/tags/v1", .tag, nil, "v1"),
        ("refs/x", .push, nil, nil),
    ])
    func `what a test's ref would be pushed as`(
        ref: String,
        kind: Change.Kind,
        branch: String?,
        tag: String?
    ) {
        var test = Self.test
        test.ref = ref
        #expect(test.likelyChange.kind == kind)
        #expect(test.likelyChange.branch == branch)
        #expect(test.likelyChange.tag == tag)
        #expect(test.likelyChange.source == .codecommit)
    }

    @Test func `a raw push payload is described as if GitHub had sent it`() throws {
        let payload = Array(
            (#"{"ref":"refs/heads/main","before":"a","after":"b","#
                + #""repository":{"full_name":"o/r"},"commits":[]}"#).utf8
        )
        let handOver = try EvaluateRequest(payload)
        guard case .push(let invocation) = handOver else {
            Issue.record("no push")
            return
        }
        #expect(handOver.encoded() == payload)
        let description = try invocation.verified().parse(receivedAt: moment)
        let change = try #require(description.changes.first)
        #expect(change.branch == "main")
        #expect(change.delivery == Hex.lower(SHA256.hash(payload)))
        #expect(change.bodyDigest == BodyDigest(SHA256(of: payload)))
    }

    @Test func `members that are not known are skipped`() throws {
        let text = String(decoding: EvaluateRequest.change(Self.change).encoded(), as: UTF8.self)
        let more = "{\"new\":1," + text.dropFirst().dropLast(2) + ",\"new\":{\"a\":[]}}}"
        guard case .change(let read) = try EvaluateRequest(Array(more.utf8)) else {
            Issue.record("no change")
            return
        }
        #expect(read == Self.change)
    }

    private static func encoded(_ old: String, _ new: String) -> String {
        String(decoding: EvaluateRequest.change(change).encoded(), as: UTF8.self)
            .replacing(old, with: new)
    }

    @Test(arguments: [
        ("{}", "it has no change, no test, no key and no ref"),
        ("", "invalid JSON at byte 0: expected a value, found the end"),
        ("[]", "expected an object at byte 0, found an array"),
        (#"{"change":null}"#, "expected an object at byte 10, found null"),
        (#"{"change":{}}"#, "it has no change.source"),
        (encoded(#""repository":"o/r","#, ""), "it has no change.repository"),
        (encoded(#""kind":"push","#, ""), "it has no change.kind"),
        (encoded(#""receivedAt":1800000000000,"#, ""), "it has no change.receivedAt"),
        (encoded(#""delivery":"d-1","#, ""), "it has no change.delivery"),
        (
            encoded(#""d-1""#, #""../../ledger/x""#),
            "change.delivery is not 1 to 64 letters, digits and hyphens"
        ),
        (encoded(#""identity""#, #""x""#), "it has no change.identity"),
        (encoded(#""paths""#, #""x""#), "it has no change.paths"),
        (
            encoded(#""github""#, #""bitbucket""#),
            "expected github, gitea, gitlab, codecommit, dockerhub or ecr at byte 20, found another value"
        ),
        (
            encoded(#""push""#, #""pull""#),
            "expected push, tag, pull_request, merge_group or image at byte 55, found another value"
        ),
        (
            encoded(#""pending":"616263""#, #""pending":"6162""#),
            "expected a digest's state, length and pending bytes at byte 194, found another value"
        ),
        (
            encoded(#""commits":1"#, #""image":{}"#),
            "expected an image's repository and tag at byte 345, found another value"
        ),
        (
            encoded(#""commits":1"#, #""pullRequest":{"number":1}"#),
            "expected a pull request's number, action, base and head at byte 351, "
                + "found another value"
        ),
    ])
    func `what is missing or not known is named`(json: String, reason: String) {
        let error = #expect(throws: ParsingError.self) { try EvaluateRequest(Array(json.utf8)) }
        #expect(error?.description == "reading the hand-over: \(reason)")
    }

    @Test func `any change is read as it was written`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let change = Change.random(using: &random)
            #expect(try change.handedOver() == change)
        }
    }
}

extension Change {
    /// The change that `evaluate` reads once this one is handed over.
    func handedOver() throws -> Change? {
        let request = try EvaluateRequest(EvaluateRequest.change(self).encoded())
        return if case .change(let read) = request { read } else { nil }
    }

    fileprivate static func random(using random: inout SeededRandom) -> Change {
        let pieces = ["a", "/", "\"", "\\", "\n", "\u{1}", "é", "e\u{301}", "😀", "\u{2028}", " "]
        func text(_ random: inout SeededRandom) -> String {
            random.text(of: pieces, upTo: 12)
        }
        func maybe<Value>(
            _ random: inout SeededRandom,
            _ value: (inout SeededRandom) -> Value
        ) -> Value? {
            random.below(2) == 0 ? nil : value(&random)
        }
        let paths = (0..<random.below(20)).map { _ in Path(utf8: Array(text(&random).utf8)) }
        return Change(
            source: random.pick([.github, .codecommit, .dockerhub]),
            repository: text(&random),
            repositoryID: maybe(&random) { $0.below(1_000_000_000) },
            kind: random.pick(Change.Kind.allCases),
            branch: maybe(&random, text),
            queueBranch: maybe(&random, text),
            tag: maybe(&random, text),
            before: maybe(&random, text),
            after: maybe(&random, text),
            tagObject: maybe(&random, text),
            created: random.below(2) == 0,
            deleted: random.below(2) == 0,
            forced: random.below(2) == 0,
            actor: maybe(&random, text),
            message: maybe(&random, text),
            author: maybe(&random) {
                Author(name: maybe(&$0, text), email: maybe(&$0, text))
            },
            cloneURL: maybe(&random, text),
            receivedAt: Timestamp(milliseconds: Int(truncatingIfNeeded: random.next())),
            delivery: random.pick(["d-1", "72d3162e-cc78-11e3-81ab-4c9367dc0958"]),
            bodyDigest: BodyDigest(SHA256(of: random.bytes(upTo: 200))),
            pullRequest: maybe(&random) {
                PullRequest(
                    number: $0.below(100_000),
                    action: text(&$0),
                    base: text(&$0),
                    head: text(&$0),
                    fork: $0.below(2) == 0,
                    draft: $0.below(2) == 0,
                    labels: $0.below(2) == 0 ? [] : [text(&$0), text(&$0)],
                    addedLabels: $0.below(2) == 0 ? [] : [text(&$0)],
                    merged: $0.below(2) == 0
                )
            },
            image: maybe(&random) { Image(repository: text(&$0), tag: text(&$0)) },
            paths: ChangedPaths(
                paths: PathList(paths),
                incomplete: maybe(&random, text),
                commits: maybe(&random) { $0.below(3000) }
            )
        )
    }
}
