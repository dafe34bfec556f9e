import Codec
import Testing

@testable import Core

@Suite struct GitHubFilesTests {
    private static let before = String(repeating: "a", count: 40)
    private static let after = String(repeating: "b", count: 40)
    private static let forth = GitHubFiles.Listing.comparison(base: before, head: after)
    private static let back = GitHubFiles.Listing.comparison(base: after, head: before)

    private static func push(
        _ paths: [String] = [],
        forced: Bool = false,
        incomplete: String? = "some are missing"
    ) -> Change {
        var change = Change.push(paths, incomplete: incomplete)
        change.forced = forced
        return change
    }

    private static func files(_ count: Int, status: String = "modified") -> String {
        let files = (0..<count).map {
            #"{"sha":"1","filename":"f\#($0)","status":"\#(status)","patch":"@@","changes":1}"#
        }
        return "[\(files.joined(separator: ","))]"
    }

    private static func listed(_ paths: ChangedPaths) -> [String] {
        paths.paths.map { String(decoding: $0.utf8, as: UTF8.self) }
    }

    // What is to be asked for.

    @Test func `of a pull request the files of its number are asked for`() {
        let listings = GitHubFiles(of: .pullRequest("opened")).listings
        #expect(listings == [.pullRequest(number: 7)])
    }

    @Test func `of a push the comparison is, and both ways where it was forced`() {
        #expect(GitHubFiles(of: Self.push()).listings == [Self.forth])
        #expect(GitHubFiles(of: Self.push(forced: true)).listings == [Self.forth, Self.back])
    }

    @Test func `a merge group is compared with the commit that it is to be merged into`() {
        #expect(GitHubFiles(of: .mergeGroup()).listings == [Self.forth])
        let unknown = Change.mergeGroup().with { $0.before = nil }
        #expect(GitHubFiles(of: unknown).listings.isEmpty)
    }

    @Test func `where all is known, or nothing to compare with, nothing is asked for`() {
        var created = Self.push()
        created.before = nil
        var ofCodeCommit = Self.push()
        ofCodeCommit.source = .codecommit
        var tag = Change.tag("v1")
        tag.paths.incomplete = "some are missing"
        let changes = [Self.push(incomplete: nil), created, ofCodeCommit, tag, Change.imagePush]
        for change in changes { #expect(GitHubFiles(of: change).listings.isEmpty) }
    }

    // What is read.

    @Test(arguments: [
        (files(0), [String]()),
        (files(2), ["f0", "f1"]),
        (
            #"[{"filename":"new","previous_filename":"old","status":"renamed"}]"#,
            ["new", "old"]
        ),
        (
            #"[{"status":"renamed","previous_filename":"old","filename":"new"}]"#,
            ["new", "old"]
        ),
        (#"[{"filename":"copy","previous_filename":"original","status":"copied"}]"#, ["copy"]),
        (#"[{"filename":"a\u00e9\"/b","status":"removed"},{"filename":"A"}]"#, ["A", "aé\"/b"]),
    ])
    func `a pull request's page gives its files, and both names of one that was renamed`(
        page: String,
        paths: [String]
    ) throws {
        var files = GitHubFiles(of: .pullRequest("opened"))
        try files.read(Array(page.utf8), ofListingAt: 0)
        let found = files.paths()
        #expect(Self.listed(found) == paths)
        #expect(found.incomplete == nil)
    }

    @Test func `pages and comparisons add to what the event lists`() throws {
        var files = GitHubFiles(of: Self.push(["f1", "z"], forced: true))
        try files.read(
            Array(#"{"status":"diverged","files":\#(Self.files(2)),"commits":[]}"#.utf8),
            ofListingAt: 0
        )
        try files.read(Array(#"{"files":[{"filename":"gone"}]}"#.utf8), ofListingAt: 1)
        let found = files.paths()
        #expect(Self.listed(found) == ["f0", "f1", "gone", "z"])
        #expect(found.incomplete == nil)
        #expect(found.commits == 1)
    }

    @Test(arguments: [
        (299, nil), (300, "GitHub lists no more than 300 files of a comparison"),
    ])
    func `a comparison at its limit may lack files`(count: Int, incomplete: String?) throws {
        for index in [0, 1] {
            var files = GitHubFiles(of: Self.push(forced: true))
            let page = #"{"files":\#(Self.files(count))}"#
            try files.read(Array(#"{"files":[]}"#.utf8), ofListingAt: 1 - index)
            try files.read(Array(page.utf8), ofListingAt: index)
            #expect(files.paths().incomplete == incomplete)
        }
    }

    @Test(arguments: [
        (29, nil), (30, "GitHub lists no more than 3000 files of a pull request"),
    ])
    func `so may a pull request`(pages: Int, incomplete: String?) throws {
        var files = GitHubFiles(of: .pullRequest("opened"))
        for _ in 0..<pages { try files.read(Array(Self.files(100).utf8), ofListingAt: 0) }
        #expect(files.paths().incomplete == incomplete)
    }

    @Test(arguments: [
        (true, "", "invalid JSON at byte 0: expected a value, found the end"),
        (true, "{}", "expected an array at byte 0, found an object"),
        (true, "[1]", "expected an object at byte 1, found a number"),
        (true, "[] []", "invalid JSON at byte 3: expected the end, found '['"),
        (true, #"[{"filename":null}]"#, "expected a string at byte 13, found null"),
        (true, #"[{"status":"added"}]"#, "it has no filename"),
        (false, "[]", "expected an object at byte 0, found an array"),
        (false, "{}", "it has no files"),
        (false, #"{"files":null}"#, "expected an array at byte 9, found null"),
    ])
    func `what is no list of files is an error`(
        isPullRequest: Bool,
        page: String,
        reason: String
    ) {
        var files = GitHubFiles(of: isPullRequest ? .pullRequest("opened") : Self.push())
        let error = #expect(throws: ParsingError.self) {
            try files.read(Array(page.utf8), ofListingAt: 0)
        }
        #expect(error?.description == "reading the list of files: \(reason)")
    }
}
