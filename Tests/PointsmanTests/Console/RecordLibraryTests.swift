import ArgumentParser
import Codec
import Platform
import Testing

@testable import pointsman

struct RecordLibraryTests {
    private static func deliveries(_ answer: JSON) -> [String] {
        (answer["deliveries"]?.array ?? []).compactMap { $0["delivery"]?.string }
    }

    private static var eager: RecordLibrary.Limits {
        var limits = RecordLibrary.Limits()
        limits.interval = 0
        return limits
    }

    @Test func `days are read one after the other, only when they are asked for`() throws {
        let folder = try SampleRecords.folder([
            "decisions/2026-03-10/old.json": SampleRecords.record(
                "old",
                at: "2026-03-10T09:00:00.000Z"
            ),
            "decisions/2026-03-01/older.json": SampleRecords.record(
                "older",
                at: "2026-03-01T09:00:00.000Z"
            ),
            "decisions/2025-03-01/gone.json": SampleRecords.record(
                "gone",
                at: "2025-03-01T09:00:00.000Z"
            ),
        ])
        var library = try SampleRecords.library(folder)
        var answer = try library.answer(since: 0, older: false)
        #expect(Self.deliveries(answer) == ["d1"])
        #expect(answer["older"] == .bool(true))
        for expected in ["old", "older"] {
            answer = try library.answer(since: answer["revision"]?.int ?? 0, older: true)
            #expect(Self.deliveries(answer) == [expected])
        }
        answer = try library.answer(since: answer["revision"]?.int ?? 0, older: true)
        #expect(Self.deliveries(answer) == [])
        #expect(answer["older"] == .bool(false))
    }

    @Test func `where nothing came of late it goes on until there is a delivery`() throws {
        let folder = try TemporaryFolder([
            "decisions/2026-01-10/old.json": SampleRecords.record(
                "old",
                at: "2026-01-10T09:00:00.000Z"
            ),
            "decisions/2025-01-01/older.json": SampleRecords.record("older"),
        ])
        var library = try SampleRecords.library(folder, days: 90)
        #expect(Self.deliveries(try library.answer(since: 0, older: false)) == ["old"])
        // A bucket does not say which days it has.
        var listings: [String] = []
        let source = ObjectSource(
            place: "a bucket",
            keys: library.source.keys,
            list: { beginning, _ in
                listings.append(beginning)
                return []
            },
            read: { _ in [] }
        )
        var empty = RecordLibrary(source, days: 40, now: { SampleRecords.now })
        var answers = 0
        while try empty.answer(since: 0, older: false)["more"] == .bool(true) { answers += 1 }
        #expect(answers == 2)
        #expect(Set(listings).count == 40)
        #expect(listings.last == "mono-repo/config/decisions/2026-02-03/")
    }

    @Test func `what is new, and what was written anew, is read at the next look`() throws {
        let folder = try SampleRecords.folder()
        var library = try SampleRecords.library(folder, limits: Self.eager)
        let first = try library.answer(since: 0, older: false)
        try folder.write(SampleRecords.record("d2"), to: "decisions/2026-03-14/d2.json")
        try folder.write(
            SampleRecords.record("d1", branch: "renamed"),
            to: "decisions/2026-03-14/d1.json"
        )
        let second = try library.answer(since: first["revision"]?.int ?? 0, older: false)
        #expect(Set(Self.deliveries(second)) == ["d1", "d2"])
    }

    @Test func `a large day is read part by part`() throws {
        let records = (0..<25).map {
            ("decisions/2026-03-14/n\($0).json", SampleRecords.record("n\($0)"))
        }
        let folder = try SampleRecords.folder(Dictionary(uniqueKeysWithValues: records))
        var limits = RecordLibrary.Limits()
        limits.batch = 10
        var library = try SampleRecords.library(folder, limits: limits)
        var revision = 0
        var counts: [Int] = []
        var more = true
        while more {
            let answer = try library.answer(since: revision, older: false)
            counts.append(Self.deliveries(answer).count)
            revision = try #require(answer["revision"]?.int)
            more = answer["more"] == .bool(true)
        }
        #expect(counts == [10, 10, 6])
    }

    @Test func `no more summaries are kept than there is room for`() throws {
        let records = (10..<40).map { number in
            (
                "decisions/2026-03-14/n\(number).json",
                SampleRecords.record("n\(number)", at: "2026-03-14T08:00:\(number).000Z")
            )
        }
        let folder = try SampleRecords.folder(
            Dictionary(uniqueKeysWithValues: records).merging([
                "decisions/2026-03-13/before.json": SampleRecords.record("before")
            ]) { $1 }
        )
        var limits = RecordLibrary.Limits()
        limits.deliveries = 20
        limits.batch = 50
        var library = try SampleRecords.library(folder, limits: limits)
        let all = try library.all().map(\.delivery)
        #expect(all.count == 20)
        // The latest stay.
        #expect(all.contains("d1") && all.contains("n39") && !all.contains("n10"))
        #expect(try library.answer(since: 0, older: true)["full"] == .bool(true))
    }

    @Test func `a record that cannot be read is named, with the reason`() throws {
        let folder = try SampleRecords.folder([
            "decisions/2026-03-14/bad.json": "{",
            "decisions/2026-03-14/large.json": SampleRecords.record("large"),
            "decisions/2026-03-14/selfcheck.json": #"{"test":"a","findings":[]}"#,
        ])
        var limits = RecordLibrary.Limits()
        limits.record = 1
        var library = try SampleRecords.library(folder)
        let problems = try library.all().filter { $0.problem != nil }
        #expect(problems.map(\.delivery) == ["bad"])
        #expect(problems.first?.problem == "it is no decision record")
        var narrow = try SampleRecords.library(folder, limits: limits)
        let size = SampleRecords.record("large").utf8.count
        let large = try narrow.all().first { $0.delivery == "large" }
        #expect(large?.problem == "it has \(size) bytes, and none of evaluate's has so many")
    }

    @Test func `a bucket that denies a record says so of that one, and a listing of all`() throws {
        let access = AWSAccess.fake { request in
            guard request.target.contains("list-type=2") else {
                return HTTPResponse(
                    status: 403,
                    body: Array(
                        "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".utf8
                    )
                )
            }
            let key = "p/decisions/2026-03-14/d1.json"
            let contents =
                request.target.contains("2026-03-14")
                ? "<Contents><Key>\(key)</Key><ETag>\"1\"</ETag><Size>1</Size></Contents>" : ""
            let xml =
                "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents)</ListBucketResult>"
            return HTTPResponse(status: 200, body: Array(xml.utf8))
        }
        let options = try StackOptions.parse(["--bucket", "b", "--prefix", "p"])
        let source = try ObjectSource.bucket(options) { Bucket("b", prefix: "p", access: access) }
        #expect(source.place == "the bucket b")
        var library = RecordLibrary(source, days: 3, now: { SampleRecords.now })
        let denied = try library.all()
        #expect(denied.map(\.delivery) == ["d1"])
        #expect(denied.first?.problem?.hasPrefix("reading the bucket: ") == true)
        #expect(denied.first?.problem?.contains("AccessDenied") == true)
    }

    @Test func `a folder that is no bucket's copy is refused`() throws {
        let folder = try TemporaryFolder(["a.txt": ""])
        #expect(
            throws: Failure("reading records: there is no folder '\(folder.path)/no'")
        ) { try ObjectSource.folder(folder.path + "/no", prefix: "p") }
        #expect(
            throws: Failure(
                "reading records: '\(folder.path)' holds neither decisions/ nor rules/, so it is not "
                    + "laid out as a bucket is below its prefix"
            )
        ) { try ObjectSource.folder(folder.path, prefix: "p") }
    }
}
