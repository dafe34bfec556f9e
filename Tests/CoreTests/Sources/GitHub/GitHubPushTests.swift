import Codec
import Platform
import Testing

@testable import Core

@Suite struct GitHubPushTests {
    private static let zeros = String(repeating: "0", count: 40)
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 40)

    /// A push event whose members are replaced or, with `nil`, left out.
    private static func push(_ changes: [(String, String?)] = []) -> String {
        var members: [(String, String)] = [
            ("ref", #""refs/heads/main""#),
            ("before", "\"\(one)\""),
            ("after", "\"\(two)\""),
            ("created", "false"), ("deleted", "false"), ("forced", "false"),
            (
                "commits",
                #"[{"id":"2222222222aa","added":["b"],"removed":[],"modified":["a","b"]}]"#
            ),
            (
                "head_commit",
                #"{"id":"\#(two)","message":"Mend","author":{"name":"Ada","email":"ada@example.com"}}"#
            ),
            (
                "repository",
                #"{"id":186853002,"full_name":"o/r","clone_url":"https://github.com/o/r.git"}"#
            ),
            ("pusher", #"{"name":"pusher"}"#),
            ("sender", #"{"login":"sender"}"#),
        ]
        for (name, value) in changes {
            members.removeAll { $0.0 == name }
            if let value { members.append((name, value)) }
        }
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    private func change(_ changes: [(String, String?)] = []) throws -> Change {
        let result = WebhookResult(of: githubEvent("push", body: Self.push(changes)))
        return try #require(result.changes.first, "\(result.line)")
    }

    @Test func `a push says everything that rules and targets may look at`() throws {
        let body = Self.push()
        #expect(
            try change()
                == Change(
                    source: .github,
                    repository: "o/r",
                    repositoryID: 186_853_002,
                    kind: .push,
                    branch: "main",
                    before: Self.one,
                    after: Self.two,
                    actor: "sender",
                    message: "Mend",
                    author: Change.Author(name: "Ada", email: "ada@example.com"),
                    cloneURL: "https://github.com/o/r.git",
                    receivedAt: moment,
                    delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                    bodyDigest: BodyDigest(SHA256(of: Array(body.utf8))),
                    paths: ChangedPaths(
                        paths: [Path(utf8: [0x61]), Path(utf8: [0x62])],
                        commits: 1
                    )
                )
        )
    }

    @Test(arguments: [
        ("refs/heads/main", "main"),
        ("refs/heads/release/main", "release/main"),
        ("refs/heads/refs/heads/x", "refs/heads/x"),
        ("refs/heads/e\u{301}", "e\u{301}"),
    ])
    func `the branch is the whole name`(ref: String, branch: String) throws {
        let change = try change([("ref", "\"\(ref)\"")])
        #expect(change.kind == .push)
        #expect(change.branch.map { Array($0.utf8) } == Array(branch.utf8))
        #expect(change.tag == nil)
    }

    @Test func `a tag is its own kind, and has no branch`() throws {
        let change = try change([("ref", #""refs/tags/v1/0""#)])
        #expect(change.kind == .tag)
        #expect(change.tag == "v1/0")
        #expect(change.branch == nil)
    }

    private static let three = String(repeating: "3", count: 40)

    @Test(
        arguments: [
            // A lightweight tag is at the commit itself.
            ("refs/tags/v1", two, #"{"id":"\#(two)"}"#, two, nil),
            // An annotated one is at an object of its own.
            ("refs/tags/v1", three, #"{"id":"\#(two)"}"#, two, three),
            // One of a tree or a blob has no commit.
            ("refs/tags/v1", three, "null", nil, three),
            ("refs/tags/v1", three, "{}", nil, three),
            ("refs/tags/v1", three, #"{"id":"\#(zeros)"}"#, nil, three),
            ("refs/heads/main", two, #"{"id":"\#(two)"}"#, two, nil),
            ("refs/heads/main", three, #"{"id":"\#(two)"}"#, two, nil),
            ("refs/heads/main", two, "null", two, nil),
            ("refs/heads/main", two, #"{"id":null}"#, two, nil),
        ] as [(String, String, String, String?, String?)]
    )
    func `the commit is the head commit's, and what an annotated tag is at is kept beside it`(
        ref: String,
        after: String,
        head: String,
        commit: String?,
        tagObject: String?
    ) throws {
        let change = try change([
            ("ref", "\"\(ref)\""), ("after", "\"\(after)\""), ("head_commit", head),
        ])
        #expect(change.after == commit)
        #expect(change.tagObject == tagObject)
    }

    @Test(
        arguments: [
            (#"{"full_name":"o/r","id":7}"#, 7), (#"{"full_name":"o/r"}"#, nil),
            (#"{"full_name":"o/r","id":null}"#, nil), (#"{"full_name":"o/r","id":"7"}"#, nil),
            (#"{"full_name":"o/r","id":7.5}"#, nil),
        ] as [(String, Int?)]
    )
    func `a repository has a number, where the event says one`(text: String, id: Int?) throws {
        #expect(try change([("repository", text)]).repositoryID == id)
    }

    @Test(
        arguments: [
            ([("sender", nil)], "pusher"),
            ([("sender", "null")], "pusher"),
            ([("sender", #"{"login":null}"#)], "pusher"),
            ([("sender", nil), ("pusher", nil)], nil),
            ([("pusher", #"{"name":null}"#)], "sender"),
        ] as [([(String, String?)], String?)]
    )
    func `the actor is the sender, else the pusher`(
        changes: [(String, String?)],
        actor: String?
    ) throws {
        #expect(try change(changes).actor == actor)
    }

    @Test(
        arguments: [
            ([("before", "\"\(zeros)\"")], nil, true),
            ([("before", "\"\(String(repeating: "0", count: 64))\"")], nil, true),
            ([("before", nil)], nil, true),
            ([("created", "true")], one, true),
            ([("created", nil)], one, false),
            ([("created", "null")], one, false),
        ] as [([(String, String?)], String?, Bool)]
    )
    func `a ref without a commit before is new`(
        changes: [(String, String?)],
        before: String?,
        created: Bool
    ) throws {
        let change = try change(changes)
        #expect(change.before == before)
        #expect(change.created == created)
    }

    @Test(
        arguments: [
            ([("ref", #""refs/pull/1/head""#)], "refs/pull/1/head is neither a branch nor a tag"),
            (
                [("ref", #""refs/notes/commits""#)],
                "refs/notes/commits is neither a branch nor a tag"
            ),
            ([("ref", #""refs/heads/""#)], "refs/heads/ is neither a branch nor a tag"),
            ([("ref", #""main""#)], "main is neither a branch nor a tag"),
            ([("deleted", "true")], "refs/heads/main was deleted"),
            ([("deleted", "true"), ("after", "\"\(zeros)\"")], "refs/heads/main was deleted"),
            ([("after", "\"\(zeros)\"")], "refs/heads/main was deleted"),
        ] as [([(String, String?)], String)]
    )
    func `what starts nothing is ignored and says why`(
        changes: [(String, String?)],
        reason: String
    ) {
        #expect(line("push", Self.push(changes)) == "200 ignored: \(reason)")
    }

    @Test(
        arguments: [
            ([("ref", nil)], "it has no ref"),
            ([("ref", "null")], "it has no ref"),
            ([("ref", "1")], "expected a string at byte 514, found a number"),
            ([("after", nil)], "it has no after"),
            ([("after", "null")], "it has no after"),
            ([("repository", nil)], "it has no repository.full_name"),
            ([("repository", "null")], "it has no repository.full_name"),
            ([("repository", "{}")], "it has no repository.full_name"),
            ([("repository", "[]")], "expected an object at byte 456, found an array"),
            ([("commits", "{}")], "expected an array at byte 460, found an object"),
            ([("commits", "[1]")], "expected an object at byte 461, found a number"),
            ([("commits", #"[{"added":[1]}]"#)], "expected a string at byte 471, found a number"),
        ] as [([(String, String?)], String)]
    )
    func `what cannot be read is malformed and says where`(
        changes: [(String, String?)],
        reason: String
    ) {
        let expected = "400 malformed: reading the push event: \(reason)"
        #expect(line("push", Self.push(changes)) == expected)
    }

    @Test(arguments: [
        ("", "invalid JSON at byte 0: expected a value, found the end"),
        ("{", "invalid JSON at byte 1: expected a member's name, found the end"),
        ("[]", "expected an object at byte 0, found an array"),
        ("payload=%7B%7D", "invalid JSON at byte 0: expected a value, found 'p'"),
    ])
    func `a body that is no object is malformed`(body: String, reason: String) {
        #expect(line("push", body) == "400 malformed: reading the push event: \(reason)")
    }

    @Test func `of members with the same name the last counts`() throws {
        let body = Self.push().dropLast() + #","ref":"refs/heads/x","commits":[]}"#
        let change = try #require(
            WebhookResult(of: githubEvent("push", body: String(body))).changes.first
        )
        #expect(change.branch == "x")
        #expect(change.paths.commits == 0)
        #expect(change.paths.paths.isEmpty)
    }

    @Test func `a message is cut to 2,000 code points`() throws {
        for (given, kept) in [
            (String(repeating: "a", count: 2000), 2000),
            (String(repeating: "a", count: 2001), 2000),
            (String(repeating: "🙈", count: 1999), 1999),
            (String(repeating: "🙈", count: 2001), 2000),
            (String(repeating: "e\u{301}", count: 1500), 2000),
        ] {
            let change = try change([("head_commit", "{\"message\":\"\(given)\"}")])
            let message = try #require(change.message)
            #expect(message.unicodeScalars.count == kept)
            #expect(given.utf8.starts(with: message.utf8))
        }
    }

    @Test(
        arguments: [
            ("1790000000", 1_790_000_000_000),
            (#""2026-09-21T14:13:20Z""#, 1_790_000_000_000),
            ("null", nil), (#""yesterday""#, nil), ("-1", nil), ("{}", nil),
        ] as [(String, Int?)]
    )
    func `it happened when the repository was pushed to`(
        pushedAt: String,
        milliseconds: Int?
    ) throws {
        let change = try change([
            ("repository", #"{"full_name":"o/r","pushed_at":\#(pushedAt)}"#)
        ])
        #expect(change.eventTime?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            (#"null"#, nil, nil),
            (#"{}"#, nil, nil),
            (#"{"message":null,"author":null}"#, nil, nil),
            (#"{"author":{"name":"A"}}"#, nil, Change.Author(name: "A")),
            (#"{"message":"m","author":{"email":null}}"#, "m", nil),
        ] as [(String, String?, Change.Author?)]
    )
    func `a head commit may lack anything`(
        head: String,
        message: String?,
        author: Change.Author?
    ) throws {
        let change = try change([("head_commit", head)])
        #expect(change.message == message)
        #expect(change.author == author)
    }
}

@Suite struct PushCommitsTests {
    private func read(
        _ json: String,
        isForced: Bool = false,
        isMoved: Bool = true
    ) throws -> ChangedPaths {
        var reader = JSONReader(Array(json.utf8))
        return try PushCommits(&reader, mostFiles: 3_000).paths(
            isForced: isForced,
            isMoved: isMoved
        )
    }

    private static func commit(_ id: String = "0123456789abcdef", files: Int) -> String {
        let files = (0..<files).map { "\"f\($0)\"" }.joined(separator: ",")
        return "{\"id\":\"\(id)\",\"added\":[\(files)],\"removed\":[],\"modified\":[]}"
    }

    private static let empty = "the event lists no commits although the ref has moved"
    private static let forced = "the push was forced, and what it took away is not listed"

    @Test(arguments: [
        ("all lists", "[\(commit(files: 1))]", nil),
        ("2999 files", "[\(commit(files: 2999))]", nil),
        (
            "3000 files", "[\(commit(files: 3000))]",
            "commit 0123456789 lists 3000 files, and no commit lists more"
        ),
        (
            "3000 files in three lists",
            #"[{"id":"a","added":["a"],"modified":["b"],"removed":["#
                + (0..<2998).map { "\"\($0)\"" }.joined(separator: ",") + "]}]",
            "commit a lists 3000 files, and no commit lists more"
        ),
        (
            "no added",
            #"[{"id":"0123456789abcdef","removed":[],"modified":[]}]"#,
            "commit 0123456789 does not list the files it added"
        ),
        (
            "no removed",
            #"[{"id":"a","added":[],"modified":["m"]}]"#,
            "commit a does not list the files it removed"
        ),
        (
            "modified null",
            #"[{"id":"a","added":[],"removed":[],"modified":null}]"#,
            "commit a does not list the files it modified"
        ),
        ("nothing", "[{}]", "commit without id does not list the files it added"),
        (
            "the second commit",
            "[\(commit(files: 1)),{\"id\":\"b\"},{\"id\":\"c\"}]",
            "commit b does not list the files it added"
        ),
        ("empty", "[]", empty),
        ("null", "null", empty),
        (
            "2047 commits",
            "[\(repeatElement(commit(files: 0), count: 2047).joined(separator: ","))]", nil
        ),
        (
            "2048 commits",
            "[\(repeatElement(commit(files: 0), count: 2048).joined(separator: ","))]",
            "the event lists 2048 commits, and no event lists more"
        ),
    ])
    func `the set of paths is complete or says why not`(
        name: String,
        json: String,
        reason: String?
    ) throws {
        #expect(try read(json).incomplete == reason)
    }

    @Test func `no commits are all there is where the ref has not moved`() throws {
        #expect(try read("[]", isMoved: false).incomplete == nil)
    }

    @Test(arguments: ["[]", "[\(commit(files: 1))]", "[{}]"])
    func `a forced push never says all`(json: String) throws {
        #expect(try read(json, isForced: true).incomplete == Self.forced)
    }

    @Test func `the paths of all commits are one sorted set, distinct or not`() throws {
        let paths = try read(
            #"[{"id":"a","distinct":false,"added":["z","b"],"removed":["a"],"modified":[]},"#
                + #"{"id":"b","added":["c"],"removed":["b"],"modified":["a","\u00e9"]}]"#
        )
        let names = paths.paths.map { String(decoding: $0.utf8, as: UTF8.self) }
        #expect(names == ["a", "b", "c", "z", "é"])
        #expect(paths.commits == 2)
        #expect(paths.incomplete == nil)
    }

    @Test func `a commit without lists still adds the paths of those it has`() throws {
        let paths = try read(#"[{"id":"a","added":["x"]}]"#)
        #expect(paths.paths.map { $0.utf8 } == [Array("x".utf8)])
    }
}
