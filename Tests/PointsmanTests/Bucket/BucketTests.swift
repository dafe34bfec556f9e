import Codec
import Platform
import Testing

@testable import pointsman

struct BucketTests {
    private static var clock: WallClock {
        WallClock(now: { Timestamp(milliseconds: 1_773_480_000_000) }, sleep: { _ in })
    }

    private func bucket(
        _ variables: [String: String],
        answering answer: @escaping (HTTPRequest) -> HTTPResponse = { _ in HTTPResponse(status: 404)
        }
    ) throws(Failure) -> Bucket {
        try Bucket(
            "b",
            prefix: "p/",
            environment: Environment { variables[$0] },
            transport: Transport { requests, _ in requests.map { .success(answer($0)) } },
            clock: Self.clock
        )
    }

    private static let variables = [
        "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s",
    ]

    private static let hint =
        "; `eval \"$(aws configure export-credentials --format env)\"` sets them"

    @Test(arguments: [
        ([:], "AWS_REGION is missing"),
        (
            ["AWS_REGION": "eu-west-1"],
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing" + hint
        ),
        (
            ["AWS_DEFAULT_REGION": "eu-west-1", "AWS_PROFILE": "dev"],
            "AWS_PROFILE is not supported, only keys in the environment" + hint
        ),
    ])
    func `what the environment lacks is named`(variables: [String: String], reason: String) {
        #expect(throws: Failure("reading bucket 'b': \(reason)")) { _ = try bucket(variables) }
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
        let bucket = try bucket(Self.variables) { Self.answer(objects, $0) }
        let search = RecordSearch(bucket, day: nil, days: days, now: Self.clock.now())
        #expect(
            try search.records(of: delivery).map(\.delivery)
                == Array(repeating: "d-1", count: found)
        )
    }

    @Test func `where it was looked is named`() throws {
        let bucket = try bucket(Self.variables)
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
        let bucket = try bucket(Self.variables) { _ in
            HTTPResponse(
                status: 403,
                body: [UInt8]("<Error><Code>AccessDenied</Code><Message>no</Message></Error>".utf8)
            )
        }
        let failure = #expect(throws: Failure.self) { try bucket.objects(below: "rules/") }
        #expect(failure?.description.contains("AccessDenied") == true)
    }
}
