import Platform
import Testing

@testable import pointsman

struct RecordedDeliveryTests {
    private func recorded(_ named: String, among ids: [String]) throws(Failure) -> RecordedDelivery
    {
        let keys = ids.map { "p/decisions/2026-03-14/\($0).json" }
        let access = AWSAccess.fake { request in
            guard request.target.contains("list-type=2") else {
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
        return try RecordedDelivery(named, in: Bucket("b", prefix: "p", access: access))
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
