import Platform
import Testing

@testable import Core

@Suite struct DockerHubTokenTests {
    @Test(arguments: [
        ("t1", ["t1"], true),
        ("t1", ["t0", "t1"], true),
        ("t1", ["t1", "t2"], true),
        ("t1", ["t"], false),
        ("t", ["t1"], false),
        ("T1", ["t1"], false),
        ("t1", [], false),
        ("", [""], false),
        ("", ["t1"], false),
    ])
    func `the token must be one of those agreed`(token: String, agreed: [String], expected: Bool) {
        let delivery = Delivery(
            provider: .dockerHub,
            token: Secret(token),
            headers: [:],
            format: .json,
            body: []
        )
        let verified = delivery.verified(by: agreed.map { Secret($0) }, at: moment)
        #expect((verified != nil) == expected)
    }

    @Test func `a wrong token is refused in the same words as a wrong signature`() {
        let event = functionURLEvent(path: "/dockerhub/guess", body: [])
        #expect(WebhookResult(of: event).line == "401 unauthorized: signature absent or wrong")
    }

    @Test func `the token of a delivery is not printed`() throws {
        let event = functionURLEvent(path: "/dockerhub/guess", body: [])
        guard case .http(let request) = try Event(event) else {
            Issue.record("no HTTP event")
            return
        }
        let delivery = try request.route(among: [.dockerHub])
        var shown = "\(delivery) \(String(reflecting: delivery))"
        dump(delivery, to: &shown)
        #expect(!shown.contains("guess"))
    }
}
