import AWS
import Codec
import Platform
import TestSupport
import Testing

/// One answer and what the client makes of it.
struct AnswerRow: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var answer: FakeCloud.Answer
    var error: String
    var attempts: Int

    init(_ name: String, _ answer: FakeCloud.Answer, _ attempts: Int, _ error: String) {
        self.testDescription = name
        self.answer = answer
        self.error = error
        self.attempts = attempts
    }

    private static func json(_ status: Int, _ code: String) -> FakeCloud.Answer {
        .answer(status, #"{"__type":"\#(code)"}"#)
    }

    private static func failed(
        _ kind: TransportError.Kind,
        _ attempts: Int,
        _ code: String
    ) -> AnswerRow {
        AnswerRow(code, .failure(kind), attempts, "\(code): GET https://example.com: the reason")
    }

    static let all = [
        failed(.unresolved, 4, "Unresolved"),
        failed(.unreachable, 4, "Unreachable"),
        failed(.timedOut, 4, "TimedOut"),
        failed(.broken, 4, "ConnectionBroken"),
        failed(.untrusted, 1, "Untrusted"),
        failed(.invalid, 1, "InvalidRequest"),
        AnswerRow("500", .answer(500), 4, "500"),
        AnswerRow("502", .answer(502, "<html>bad gateway"), 4, "502"),
        AnswerRow("503", .slowDown, 4, "503 SlowDown: Please reduce your request rate."),
        AnswerRow("504", .answer(504), 4, "504"),
        AnswerRow("429", .answer(429), 4, "429"),
        AnswerRow("509", .answer(509), 4, "509"),
        AnswerRow("501", .answer(501), 4, "501"),
        AnswerRow("400", json(400, "ValidationException"), 1, "400 ValidationException"),
        AnswerRow("403", json(403, "AccessDeniedException"), 1, "403 AccessDeniedException"),
        AnswerRow("skew", json(403, "RequestTimeTooSkewed"), 1, "403 RequestTimeTooSkewed"),
        AnswerRow("a quota", json(400, "LimitExceededException"), 1, "400 LimitExceededException"),
        AnswerRow("redirect", .answer(301), 1, "301"),
        AnswerRow("a success that is not expected", .answer(204), 1, "204"),
        AnswerRow("its own code", json(409, "TryAgainException"), 4, "409 TryAgainException"),
        AnswerRow("another's code", json(409, "ConflictException"), 1, "409 ConflictException"),
    ]

    static let throttling = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
        "RequestTimeout", "RequestTimeoutException", "SlowDown", "ThrottledException",
        "Throttling", "ThrottlingException", "TooManyRequestsException",
        "TransactionInProgressException",
    ]
}

@Suite struct AWSClientTests {
    private static func call(_ name: String = "a") -> AWSCall {
        AWSCall(
            .secretsManager,
            "GetSecretValue",
            of: name,
            method: "POST",
            path: "/" + name,
            retryableCodes: ["TryAgainException"]
        )
    }

    private func failure(_ result: Result<HTTPResponse, CallError>) -> CallError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test(arguments: AnswerRow.all)
    func `what may pass is sent four times, a refusal once`(row: AnswerRow) throws {
        let cloud = FakeCloud([row.answer])
        let results = try cloud.client().send([Self.call()], deadline: cloud.deadline())
        let error = try #require(failure(results[0]))
        #expect(error.description == "secretsmanager:GetSecretValue of a: \(row.error)")
        #expect(cloud.batches.count == row.attempts)
        #expect(error.isRetryable == (row.attempts == 4))
    }

    @Test(arguments: AnswerRow.all)
    func `what is to be sent once is, and takes all the time there is`(row: AnswerRow) throws {
        let cloud = FakeCloud([row.answer])
        let client = try cloud.client()
        #expect {
            _ = try client.sendOnce(Self.call(), deadline: cloud.deadline(30_000))
        } throws: { error in
            "\(error)" == "secretsmanager:GetSecretValue of a: \(row.error)"
        }
        #expect(cloud.limits == [30_000])
        #expect(cloud.sleeps.isEmpty)
    }

    @Test(arguments: AnswerRow.throttling)
    func `a throttled call is sent four times`(code: String) throws {
        let cloud = FakeCloud([.answer(400, #"{"__type":"\#(code)"}"#)])
        let results = try cloud.client().send([Self.call()], deadline: cloud.deadline())
        #expect(cloud.batches.count == 4)
        #expect(failure(results[0])?.isRetryable == true)
    }

    @Test func `only what failed retryably is sent again, and each result stands in its place`()
        throws
    {
        let cloud = FakeCloud { request, batch in
            switch (request.target, batch) {
            case ("/a", _): .answer(200, "a")
            case ("/b", 3): .answer(200, "b")
            case ("/c", _): .answer(403)
            case ("/d", 2): .answer(200, "d")
            default: .slowDown
            }
        }
        let results = try cloud.client().send(
            ["a", "b", "c", "d", "e"].map(Self.call),
            deadline: cloud.deadline()
        )
        #expect(
            cloud.batches.map { $0.map(\.target) } == [
                ["/a", "/b", "/c", "/d", "/e"], ["/b", "/d", "/e"], ["/b", "/e"], ["/e"],
            ]
        )
        #expect(try results[0].get().body == Array("a".utf8))
        #expect(try results[1].get().body == Array("b".utf8))
        #expect(failure(results[2])?.status == 403)
        #expect(try results[3].get().body == Array("d".utf8))
        #expect(failure(results[4])?.code == "SlowDown")
    }

    @Test(arguments: [
        (UInt64(0), [0, 0, 0]),
        (UInt64(2 * 20), [20, 20, 20]),
        // One less than a multiple of 51, 101 and 201: every remainder is the largest.
        (UInt64(2 * (51 * 101 * 201 - 1)), [50, 100, 200]),
    ])
    func `a pause lies between none and its bound, which doubles`(
        bits: UInt64,
        sleeps: [Int]
    ) throws {
        let cloud = FakeCloud([.slowDown])
        _ = try cloud.client(random: bits).send([Self.call()], deadline: cloud.deadline())
        #expect(cloud.sleeps == sleeps)
    }

    @Test func `an attempt has its own limit inside the deadline`() throws {
        let cloud = FakeCloud([.failure(.timedOut)])
        cloud.duration = 10_000
        _ = try cloud.client().send([Self.call()], deadline: cloud.deadline(25_000))
        #expect(cloud.limits == [10_000, 10_000, 5_000])
    }

    @Test func `nothing is sent at or after the deadline`() throws {
        let cloud = FakeCloud([.answer(200)])
        let results = try cloud.client().send([Self.call()], deadline: cloud.deadline(0))
        #expect(cloud.batches.isEmpty)
        let error = try #require(failure(results[0]))
        #expect(
            error.description == "secretsmanager:GetSecretValue of a: "
                + "NotSent: the deadline passed before it was sent"
        )
        #expect(error.isRetryable)
    }

    @Test func `a pause that does not end before the deadline is not begun`() throws {
        let cloud = FakeCloud([.slowDown])
        let results = try cloud.client(random: 2 * 40)
            .send([Self.call()], deadline: cloud.deadline(80))
        #expect(cloud.sleeps == [40])
        #expect(cloud.batches.count == 2)
        #expect(failure(results[0])?.code == "SlowDown")
    }

    @Test func `every attempt is signed with its own time`() throws {
        let cloud = FakeCloud([.failure(.timedOut), .answer(200)])
        cloud.duration = 3_000
        _ = try cloud.client().send(Self.call(), deadline: cloud.deadline())
        #expect(
            cloud.requests.map { $0.headers["X-Amz-Date"] } == [
                "20261121T043547Z", "20261121T043550Z",
            ]
        )
        #expect(Set(cloud.requests.map { $0.headers["Authorization"] }).count == 2)
    }

    @Test func `a call has its own region and credentials where it names them`() throws {
        let cloud = FakeCloud([.answer(200)])
        let credentials = Credentials(accessKeyID: "ASIAROLE", secretAccessKey: Secret("role"))
        let call = Self.call().using(credentials: credentials, region: "cn-north-1")
        _ = try cloud.client().send(call, deadline: cloud.deadline())
        let request = cloud.requests[0]
        #expect(request.origin == "https://secretsmanager.cn-north-1.amazonaws.com.cn")
        #expect(request.headers["Host"] == "secretsmanager.cn-north-1.amazonaws.com.cn")
        #expect(request.headers["X-Amz-Security-Token"] == nil)
        let scope = "ASIAROLE/20261121/cn-north-1/secretsmanager/aws4_request"
        #expect(request.headers["Authorization"]?.contains(" Credential=\(scope), ") == true)
    }

    @Test(arguments: ["eu-west-1.example.com/", "EU-WEST-1", "", "-", "a b"])
    func `a region that is none is refused before anything is sent`(region: String) throws {
        let cloud = FakeCloud([.answer(200)])
        let calls = [Self.call().using(credentials: nil, region: region), Self.call("b")]
        let results = try cloud.client().send(calls, deadline: cloud.deadline())
        #expect(
            failure(results[0])?.description == "secretsmanager:GetSecretValue of a: "
                + "InvalidRegion: '\(region)' is not the name of a region"
        )
        #expect(cloud.requests.map(\.target) == ["/b"])
        #expect(try results[1].get().status == 200)
    }

    @Test func `no call sends nothing`() throws {
        let cloud = FakeCloud([.answer(200)])
        #expect(try cloud.client().send([], deadline: cloud.deadline()).isEmpty)
        #expect(cloud.batches.isEmpty)
    }
}
