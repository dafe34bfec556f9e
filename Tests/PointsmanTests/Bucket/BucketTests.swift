import Codec
import Platform
import Testing

@testable import pointsman

struct BucketTests {
    private static var clock: WallClock {
        WallClock(now: { Timestamp(milliseconds: 1_773_480_000_000) }, sleep: { _ in })
    }

    private func bucket(
        answering answer: @escaping (HTTPRequest) -> HTTPResponse = { _ in HTTPResponse(status: 404)
        }
    ) -> Bucket {
        Bucket("b", prefix: "p/", access: .fake(answer))
    }

    @Test func `keys that end soon are not used for long`() {
        let now = Self.clock.now()
        for (left, hasEnded) in [(0, true), (120_000, true), (121_000, false)] {
            let access = AWSAccess.fake(expires: now.adding(milliseconds: left)) { _ in
                HTTPResponse(status: 404)
            }
            #expect(Bucket("b", prefix: "p", access: access).hasEnded == hasEnded)
        }
        #expect(!bucket().hasEnded)
    }

    /// Answers like a bucket with some objects.
    private static func answer(_ objects: [String: String], _ request: HTTPRequest) -> HTTPResponse
    {
        let target = request.target
        guard target.contains("list-type=2") else {
            let body = objects.first { target.hasSuffix("/" + $0.key) }?.value
            guard let body else { return HTTPResponse(status: 404) }
            return HTTPResponse(status: 200, headers: ["ETag": "\"1\""], body: [UInt8](body.utf8))
        }
        let contents = objects.keys.sorted()
            .filter { target.contains("prefix=" + prefix(of: $0, in: target)) }
            .map { "<Contents><Key>\($0)</Key><ETag>\"1\"</ETag><Size>1</Size></Contents>" }
        let xml =
            "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())"
            + "</ListBucketResult>"
        return HTTPResponse(status: 200, body: [UInt8](xml.utf8))
    }

    /// The beginning of a key that a listing asks for, percent-encoded; else the whole key.
    private static func prefix(of key: String, in target: String) -> String {
        let asked = target.split(separator: "prefix=").last?.split(separator: "&").first ?? ""
        let encoded = key.replacing("/", with: "%2F")
        return encoded.hasPrefix(asked) ? String(asked) : encoded + "?"
    }

    private static let record = #"{"change": {"delivery": "d-1"}, "rules": [], "attempts": []}"#

    @Test(arguments: [
        ("d-1", 3, 1), ("d-", 3, 1), ("d-1", 1, 0), ("x", 3, 0),
    ])
    func `a record is looked for day by day`(delivery: String, days: Int, found: Int) throws {
        let objects = ["p/decisions/2026-03-13/d-1.json": Self.record]
        let bucket = bucket { Self.answer(objects, $0) }
        let search = RecordSearch(bucket, day: nil, days: days, now: Self.clock.now())
        #expect(
            try search.records(of: delivery).map(\.delivery)
                == Array(repeating: "d-1", count: found)
        )
    }

    @Test func `where it was looked is named`() throws {
        let bucket = bucket()
        let now = Self.clock.now()
        #expect(
            RecordSearch(bucket, day: nil, days: 7, now: now).place
                == "p/decisions/, 2026-03-08 to 2026-03-14"
        )
        #expect(
            RecordSearch(bucket, day: "2026-01-01", days: 7, now: now).place
                == "p/decisions/2026-01-01/"
        )
    }

    @Test func `what AWS refuses is an error`() throws {
        let bucket = bucket { _ in
            HTTPResponse(
                status: 403,
                body: [UInt8]("<Error><Code>AccessDenied</Code><Message>no</Message></Error>".utf8)
            )
        }
        let failure = #expect(throws: Failure.self) { try bucket.objects(below: "rules/") }
        #expect(failure?.description.contains("AccessDenied") == true)
    }
}
