import Codec
import Testing

@testable import Core

@Suite struct GitHubCommitsTests {
    private func read(
        _ json: String,
        isForced: Bool = false,
        isMoved: Bool = true
    ) throws -> ChangedPaths {
        var reader = JSONReader(Array(json.utf8))
        return try GitHubCommits(&reader).paths(isForced: isForced, isMoved: isMoved)
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
