import Codec
import Platform
import Synchronization
import TestSupport
import Testing

@testable import pointsman

struct RetryNoticeTests {
    private func request(_ path: String) -> HTTPRequest {
        HTTPRequest(method: "GET", origin: "https://s3.example", target: path)
    }

    @Test func `each further attempt is told of, with what was wrong and its number`() {
        var told: [String] = []
        var answers: [HTTPResponse] = [
            HTTPResponse(status: 200), HTTPResponse(status: 503), HTTPResponse(status: 429),
            HTTPResponse(status: 404), HTTPResponse(status: 500), HTTPResponse(status: 200),
        ]
        let notice = RetryNotice(
            Transport { requests, _ in requests.map { _ in .success(answers.removeFirst()) } },
            clock: WallClock(now: { Timestamp(milliseconds: 0) }, sleep: { _ in }),
            tell: { told.append($0) }
        )
        let deadline = Deadline(Timestamp(milliseconds: 1))
        _ = notice.transport.perform([request("/a")], deadline)
        _ = notice.transport.perform([request("/secret")], deadline)
        notice.clock.sleep(1)
        _ = notice.transport.perform([request("/secret")], deadline)
        notice.clock.sleep(1)
        _ = notice.transport.perform([request("/secret")], deadline)
        #expect(
            told == [
                "GET https://s3.example: status 503: retrying (2 of 4)",
                "GET https://s3.example: status 429: retrying (3 of 4)",
            ]
        )
        _ = notice.transport.perform([request("/b")], deadline)
        notice.clock.sleep(1)
        _ = notice.transport.perform([request("/b")], deadline)
        #expect(told.last == "GET https://s3.example: status 500: retrying (2 of 4)")
    }

    @Test func `an endpoint that is not there is told of`() throws {
        var told: [String] = []
        let port = try LoopbackServer.unusedPort()
        let notice = RetryNotice(HTTPClient().transport, tell: { told.append($0) })
        let request = HTTPRequest(method: "GET", origin: "http://127.0.0.1:\(port)", target: "/")
        let deadline = Deadline(WallClock.system.now().adding(milliseconds: 5_000))
        _ = notice.transport.perform([request], deadline)
        notice.clock.sleep(1)
        #expect(told.count == 1)
        #expect(told[0].hasPrefix("GET http://127.0.0.1:\(port): "))
        #expect(told[0].hasSuffix(": retrying (2 of 4)"))
    }
}
