import Codec
import Foundation
import Platform

/// What stands where API Gateway does: every request goes to `webhook`, and its answer back.
struct FrontDoor: Sendable {
    let webhook: FunctionQueue
    let console: Console

    /// The largest body that API Gateway takes (its quotas), in bytes.
    static let largestBody = 10 * 1_024 * 1_024

    /// Answers one request.
    func respond(to request: LocalRequest) async -> HTTPResponse {
        guard request.body.count <= Self.largestBody else {
            return show(request, HTTPResponse(status: 413))
        }
        let requestID = UUID().uuidString.lowercased()
        let event = GatewayEvent(
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body
        ).encoded(requestID: requestID, at: WallClock.system.now())
        let result = await webhook.invoke(event, requestID: requestID)
        return show(request, GatewayEvent.response(to: result))
    }

    /// Shows what a request was answered.
    @discardableResult
    func show(_ request: LocalRequest, _ response: HTTPResponse) -> HTTPResponse {
        let answer = WebhookAnswer(response)
        let style: Style = response.status < 300 ? .green : .red
        let status = console.terminal.styled(answer.summary, style)
        let path = request.path.contains("/dockerhub/") ? "/dockerhub/***" : request.path
        let line = "\(request.method.printable) \(path.printable) \(status)"
        console.write([line], or: .object([JSON.Member(key: "delivery", value: answer.json)]))
        return response
    }
}

/// What the webhook says of a delivery.
struct WebhookAnswer {
    /// `202 accepted: a push to main of octo-org/monorepo (delivery 0b24fd4c)`.
    let summary: String
    /// `{"status": 202, "answer": {…}}`; a text where the answer is no JSON.
    let json: JSON

    init(_ response: HTTPResponse) {
        let body = String(decoding: response.body, as: UTF8.self)
        json = .object([
            JSON.Member(key: "status", value: .int(response.status)),
            JSON.Member(
                key: "answer",
                value: (try? JSON(parsing: response.body)) ?? .string(body)
            ),
        ])
        guard let json = try? JSON(parsing: response.body), let outcome = json["outcome"]?.string
        else {
            let text = String(decoding: response.body.prefix(2_000), as: UTF8.self)
            summary = text.isEmpty ? "\(response.status)" : "\(response.status) \(text.printable)"
            return
        }
        let reason = json["reason"]?.string ?? ""
        let delivery = json["delivery"]?.string.map { " (delivery \($0))" } ?? ""
        summary = "\(response.status) \(outcome): \(reason)\(delivery)".printable
    }
}
