package import AWS
package import Codec
package import Platform

/// A transport that answers from a script and a clock that moves only when it is told to.
package final class FakeCloud {
    /// What comes of one request.
    package typealias Answer = Result<HTTPResponse, TransportError>

    /// Every batch that was sent, in order.
    package private(set) var batches: [[HTTPRequest]] = []
    /// How many milliseconds each batch was given.
    package private(set) var limits: [Int] = []
    /// How long was slept, in order.
    package private(set) var sleeps: [Int] = []
    /// How many milliseconds have passed since the start.
    package private(set) var elapsed = 0

    /// How long each batch takes, in milliseconds.
    package var duration = 0
    private let answer: (_ request: HTTPRequest, _ batch: Int) -> Answer

    /// 2026-11-21T04:35:47Z.
    package static let start = Timestamp(milliseconds: 1_795_235_747_000)
    package static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    package static let token = "SESSION/TOKEN+="

    package init(_ answer: @escaping (_ request: HTTPRequest, _ batch: Int) -> Answer) {
        self.answer = answer
    }

    /// Answers every request of the first batch with the first answer, and so on.
    package convenience init(_ answers: [Answer]) {
        self.init { _, batch in answers[min(batch, answers.count) - 1] }
    }

    /// All requests, in order.
    package var requests: [HTTPRequest] { batches.flatMap { $0 } }

    package var now: Timestamp { Self.start.adding(milliseconds: elapsed) }

    package var clock: WallClock {
        WallClock(
            now: { self.now },
            sleep: { milliseconds in
                self.sleeps.append(milliseconds)
                self.elapsed += milliseconds
            }
        )
    }

    package var transport: Transport {
        Transport { requests, deadline in
            self.batches.append(requests)
            let limit = requests.compactMap { $0.timeLimit }.min() ?? .max
            self.limits.append(min(limit, deadline.remaining(at: self.now)))
            self.elapsed += self.duration
            return requests.map { self.answer($0, self.batches.count) }
        }
    }

    /// A client with a session token, and those random bits for every pause.
    package func client(_ environment: [String: String] = [:], random bits: UInt64 = 0) throws
        -> AWSClient
    {
        AWSClient(
            region: "eu-west-1",
            credentials: Credentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: Secret(Self.secret),
                sessionToken: Secret(Self.token)
            ),
            endpoints: try Endpoints(environment: Environment { environment[$0] }),
            transport: transport,
            clock: clock,
            random: Randomness { bits }
        )
    }

    /// A deadline that many milliseconds after the start.
    package func deadline(_ milliseconds: Int = 60_000) -> Deadline {
        Deadline(Self.start.adding(milliseconds: milliseconds))
    }
}

extension FakeCloud.Answer {
    /// An answer with a text as its body.
    package static func answer(_ status: Int, _ text: String = "", _ headers: HTTPHeaders = [:])
        -> Self
    {
        .success(HTTPResponse(status: status, headers: headers, body: Array(text.utf8)))
    }

    /// No answer.
    package static func failure(_ kind: TransportError.Kind) -> Self {
        .failure(
            TransportError(kind, method: "GET", origin: "https://example.com", reason: "the reason")
        )
    }

    package static let slowDown = answer(
        503,
        "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
    )
}
