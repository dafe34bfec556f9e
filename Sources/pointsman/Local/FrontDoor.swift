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

/// A request on its way to the `webhook` function, and its answer on the way back, as an HTTP API
/// of API Gateway passes them on (payload format version 2.0).
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
struct GatewayEvent {
    /// The method in upper case.
    var method: String
    /// The path as it came, percent-encoded.
    var path: String
    /// The query as it came, without the question mark.
    var query = ""
    /// The headers as they came.
    var headers: HTTPHeaders
    var body: [UInt8]

    /// The event that the function is invoked with.
    func encoded(requestID: String, at now: Timestamp) -> [UInt8] {
        let text = textBody
        var json = JSONWriter()
        json.object { json in
            json.member("version", "2.0")
            json.member("routeKey", "$default")
            json.member("rawPath", path)
            json.member("rawQueryString", query)
            json.key("headers")
            json.object { json in
                for field in Self.joined(headers) { json.member(field.name, field.value) }
            }
            json.key("requestContext")
            json.object { json in
                json.member("apiId", "local")
                json.key("http")
                json.object { json in
                    json.member("method", method)
                    json.member("path", path)
                    json.member("protocol", "HTTP/1.1")
                    json.member("sourceIp", "127.0.0.1")
                    json.member("userAgent", headers["user-agent"])
                }
                json.member("requestId", requestID)
                json.member("routeKey", "$default")
                json.member("stage", "$default")
                json.member("timeEpoch", now.milliseconds)
            }
            json.member("body", text ?? Data(body).base64EncodedString())
            json.member("isBase64Encoded", text == nil)
        }
        return json.bytes
    }

    /// The body where it is text to API Gateway: JSON is, a form is not.
    private var textBody: String? {
        guard headers["content-type"]?.lowercased().contains("json") == true else { return nil }
        return String(validating: body, as: UTF8.self)
    }

    /// Names in lower case, several fields of one name joined.
    private static func joined(_ headers: HTTPHeaders) -> [HTTPHeaders.Field] {
        var joined: [HTTPHeaders.Field] = []
        for field in headers.fields {
            let name = field.name.lowercased()
            if let index = joined.firstIndex(where: { $0.name == name }) {
                joined[index].value += "," + field.value
            } else {
                joined.append(HTTPHeaders.Field(name: name, value: field.value))
            }
        }
        return joined
    }
}

extension GatewayEvent {
    /// What the caller is answered for what the function returned or did.
    static func response(to result: FunctionResult) -> HTTPResponse {
        switch result {
        case .returned(let bytes): response(returned: bytes) ?? error(500, "Internal Server Error")
        case .failed, .exited: error(500, "Internal Server Error")
        case .timedOut: error(503, "Service Unavailable")
        }
    }

    private static func response(returned bytes: [UInt8]) -> HTTPResponse? {
        guard let json = try? JSON(parsing: bytes), let status = json["statusCode"]?.int,
            (200...599).contains(status)
        else { return nil }
        var response = HTTPResponse(status: status)
        if let members = json["headers"]?.members {
            for member in members {
                guard let value = member.value.string else { continue }
                response.headers.append(member.key, value)
            }
        }
        let body = Array((json["body"]?.string ?? "").utf8)
        if json["isBase64Encoded"]?.bool == true {
            guard let decoded = Base64.decode(body) else { return nil }
            response.body = decoded
        } else {
            response.body = body
        }
        return response
    }

    private static func error(_ status: Int, _ message: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["content-type": "application/json"],
            body: Array(#"{"message":"\#(message)"}"#.utf8)
        )
    }
}
