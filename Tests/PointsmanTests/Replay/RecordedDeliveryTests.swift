import Platform
import Testing

@testable import pointsman

struct RecordedDeliveryTests {
    private func recorded(_ named: String, among ids: [String]) throws(Failure) -> RecordedDelivery
    {
        try RecordedDelivery(
            named,
            in: Self.bucket(ids.map { "p/decisions/2026-03-14/\($0).json" })
        )
    }

    private static func bucket(_ keys: [String]) -> Bucket {
        let access = AWSAccess.fake { request in
            guard request.target.contains("list-type=2") else {
                let key = request.target.prefix { $0 != "?" }
                guard keys.contains(where: { key.hasSuffix($0) }) else {
                    return HTTPResponse(
                        status: 404,
                        body: Array("<Error><Code>NoSuchKey</Code></Error>".utf8)
                    )
                }
                let body = #"{"change":{},"rules":[],"attempts":[]}"#
                return HTTPResponse(
                    status: 200,
                    headers: ["ETag": "\"1\""],
                    body: Array(body.utf8)
                )
            }
            let prefix = request.target.split(separator: "prefix=").last?.prefix { $0 != "&" } ?? ""
            let wanted = prefix.replacing("%2F", with: "/")
            let contents = keys.filter { $0.hasPrefix(wanted) }.map { key in
                "<Contents><Key>\(key)</Key><ETag>\"1\"</ETag><Size>1</Size></Contents>"
            }
            let xml =
                "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())"
                + "</ListBucketResult>"
            return HTTPResponse(status: 200, body: Array(xml.utf8))
        }
        return Bucket("b", prefix: "p", access: access)
    }

    private static let twice = [
        "p/decisions/2026-03-13/0a1b.json", "p/decisions/2026-03-14/0a1b.json",
    ]

    @Test(arguments: twice)
    func `of two records of one delivery the one with that key, or of that day, is it`(
        key: String
    ) throws {
        let bucket = Self.bucket(Self.twice)
        #expect(try RecordedDelivery(recordedAt: key, in: bucket).saved.place == key)
        let day = String(key.dropFirst("p/decisions/".count).prefix(10))
        #expect(try RecordedDelivery("0a1b", on: day, in: bucket).saved.place == key)
    }

    @Test func `a record that is gone, or no day of it, is an error`() {
        let bucket = Self.bucket(Self.twice)
        #expect(throws: Failure("the record p/decisions/2026-03-12/0a1b.json is gone")) {
            try RecordedDelivery(recordedAt: "p/decisions/2026-03-12/0a1b.json", in: bucket)
        }
        #expect(throws: Failure("no record of delivery 0a1b on 2026-03-12")) {
            try RecordedDelivery("0a1b", on: "2026-03-12", in: bucket)
        }
    }

    private static let all = ["0a1b", "0a1b-replay-1", "0a1b-replay-2", "0a2c", "0a1"]

    @Test(arguments: [
        ("0a1b", "0a1b", 2), ("0a2", "0a2c", 0), ("0a2c", "0a2c", 0), ("0a1", "0a1", 0),
        ("0a1b-replay-2", "0a1b-replay-2", 0),
    ])
    func `a delivery is found by its id or by its beginning`(
        named: String,
        delivery: String,
        replays: Int
    ) throws {
        let recorded = try recorded(named, among: Self.all)
        #expect(recorded.delivery == delivery)
        #expect(recorded.replays == replays)
        #expect(recorded.saved.place == "p/decisions/2026-03-14/\(delivery).json")
    }

    @Test func `a beginning that two deliveries have is an error that names them`() {
        #expect(throws: Failure("3 deliveries begin with '0a': 0a1, 0a1b, 0a2c")) {
            try recorded("0a", among: Self.all)
        }
    }

    @Test func `a delivery that is not there is an error`() {
        let failure = Failure(
            "no record of delivery 0b in the last 22 days, which is as long as changes are kept"
        )
        #expect(throws: failure) { try recorded("0b", among: Self.all) }
    }
}
