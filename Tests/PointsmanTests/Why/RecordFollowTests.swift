import Codec
import Platform
import Synchronization
import Testing

@testable import pointsman

struct RecordFollowTests {
    /// A bucket whose objects change: by key, the version and the delivery.
    private final class Objects {
        var all: [String: (version: String, delivery: String, receivedAt: String)] = [:]
        var isBroken = false
        var listings: [String] = []

        func answer(_ request: HTTPRequest) -> HTTPResponse {
            if isBroken { return HTTPResponse(status: 403) }
            let query = request.target.split(separator: "prefix=").last ?? ""
            let prefix = String(query.prefix { $0 != "&" }).replacing("%2F", with: "/")
            guard request.target.contains("list-type=2") else {
                let key = all.keys.first { request.target.hasSuffix("/" + $0) }
                guard let object = key.flatMap({ all[$0] }) else {
                    return HTTPResponse(status: 404)
                }
                let record =
                    #"{"change":{"delivery":"\#(object.delivery)","receivedAt":"\#(object.receivedAt)"},"#
                    + #""rules":[],"attempts":[]}"#
                return HTTPResponse(
                    status: 200,
                    headers: ["ETag": "\"\(object.version)\""],
                    body: Array(record.utf8)
                )
            }
            listings.append(prefix)
            let contents = all.filter { $0.key.hasPrefix(prefix) }.map { key, object in
                "<Contents><Key>\(key)</Key><ETag>\"\(object.version)\"</ETag><Size>1</Size></Contents>"
            }
            let xml =
                "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())"
                + "</ListBucketResult>"
            return HTTPResponse(status: 200, body: Array(xml.utf8))
        }
    }

    private let objects = Objects()
    private let now = Timestamp(milliseconds: 1_773_480_000_000)

    private func follow() throws(Failure) -> RecordFollow {
        let (objects, now) = (objects, now)
        return try RecordFollow(
            { Bucket("b", prefix: "p", access: .fake(at: now) { objects.answer($0) }) },
            clock: WallClock(now: { now }, sleep: { _ in })
        )
    }

    @Test func `what is new, and what was written anew, is shown once`() throws {
        objects.all["p/decisions/2026-03-13/a.json"] = ("1", "a", "2026-03-13T23:59:59.000Z")
        var follow = try follow()
        try follow.skip()
        #expect(try follow.next().map(\.delivery) == [])
        objects.all["p/decisions/2026-03-14/c.json"] = ("1", "c", "2026-03-14T09:00:02.000Z")
        objects.all["p/decisions/2026-03-14/d.json"] = ("1", "d", "2026-03-14T09:00:01.000Z")
        #expect(try follow.next().map(\.delivery) == ["d", "c"])
        objects.all["p/decisions/2026-03-13/a.json"]?.version = "2"
        #expect(try follow.next().map(\.delivery) == ["a"])
        #expect(try follow.next().map(\.delivery) == [])
        #expect(
            Set(objects.listings) == ["p/decisions/2026-03-14/", "p/decisions/2026-03-13/"]
        )
    }

    @Test func `what is there already is shown where it is asked for`() throws {
        objects.all["p/decisions/2026-03-14/a.json"] = ("1", "a", "2026-03-14T09:00:00.000Z")
        var follow = try follow()
        #expect(try follow.next().map(\.delivery) == ["a"])
    }

    @Test func `after a look that failed nothing is lost`() throws {
        var follow = try follow()
        try follow.skip()
        objects.all["p/decisions/2026-03-14/a.json"] = ("1", "a", "2026-03-14T09:00:00.000Z")
        objects.isBroken = true
        #expect(throws: Failure.self) { try follow.next() }
        objects.isBroken = false
        #expect(try follow.next().map(\.delivery) == ["a"])
    }

    @Test func `the bucket is opened anew where its keys have ended`() throws {
        let (objects, now) = (objects, now)
        let count = Mutex(0)
        var follow = try RecordFollow(
            {
                count.withLock { $0 += 1 }
                return Bucket(
                    "b",
                    prefix: "p",
                    access: .fake(at: now, expires: now) {
                        objects.answer($0)
                    }
                )
            },
            clock: WallClock(now: { now }, sleep: { _ in })
        )
        try follow.skip()
        _ = try follow.next()
        #expect(count.withLock { $0 } == 3)
    }
}
