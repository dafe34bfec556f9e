import Codec
import Core
import Foundation
import Platform

/// In the place of API Gateway: every request goes to `webhook`, and its response back.
struct FrontDoor: Sendable {
    let webhook: FunctionQueue
    let console: Console

    /// The largest body that API Gateway takes (its quotas), in bytes.
    static let largestBody = 10 * 1_024 * 1_024

    func respond(to request: LocalRequest) async -> HTTPResponse {
        guard request.method == "POST", Self.hasRoute(request.path) else {
            return show(request, Self.notFound)
        }
        let requestID = UUID().uuidString.lowercased()
        let event = GatewayEvent(request: request)
            .encoded(requestID: requestID, at: WallClock.system.now())
        let result = await webhook.invoke(event, requestID: requestID)
        return show(request, GatewayEvent.response(to: result))
    }

    private static let providers = Provider.all(allowingSHA1: false)

    /// Whether the stack's API (`template.yaml`) would give a path to the function, which takes any that end so.
    static func hasRoute(_ path: String) -> Bool {
        providers.contains { provider in
            provider.routes.contains { route in
                guard provider.hasTokenInPath else { return path == "/\(route)" }
                let beginning = "/\(route)/"
                let token = path.dropFirst(beginning.count)
                return path.hasPrefix(beginning) && !token.isEmpty && !token.contains("/")
            }
        }
    }

    /// All paths that are answered, GitHub's first.
    static func paths(dockerHubToken: String) -> [String] {
        providers.flatMap { provider in
            provider.routes.map { "/\($0)" + (provider.hasTokenInPath ? "/\(dockerHubToken)" : "") }
        }
    }

    private static var notFound: HTTPResponse {
        // The path is not said: it may end in Docker Hub's token.
        let routes = paths(dockerHubToken: "TOKEN")
        let reason = "the API takes POST alone, to \(routes.alternatives)"
        return HTTPResponse(
            status: 404,
            json: JSON([
                "message": .string("Not Found"), "outcome": .string("rejected"),
                "reason": .string(reason),
            ])
        )
    }

    @discardableResult
    func show(_ request: LocalRequest, _ response: HTTPResponse) -> HTTPResponse {
        let answer = WebhookAnswer(response)
        let style: Style = response.status < 300 ? .green : .red
        let status = console.terminal.styled(answer.summary, style)
        let path = request.path.contains("dockerhub/") ? "/dockerhub/***" : request.path
        let line = "\(request.method.printable) \(path.printable) \(status)"
        console.write([line], or: JSON(["delivery": answer.json]))
        return response
    }
}

/// A request on its way to the `webhook` function, and the response on the way back, as an HTTP API
/// of API Gateway passes them on (payload format version 2.0).
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
struct GatewayEvent {
    var request: LocalRequest

    func encoded(requestID: String, at now: Timestamp) -> [UInt8] {
        let text = textBody
        let headers = Self.joined(request.headers).map { field in
            JSON.Member(key: field.name, value: .string(field.value))
        }
        let http = JSON([
            "method": .string(request.method),
            "path": .string(request.path),
            "protocol": .string("HTTP/1.1"),
            "sourceIp": .string("127.0.0.1"),
            "userAgent": request.headers["user-agent"].map(JSON.string),
        ])
        let context = JSON([
            "apiId": .string("local"),
            "http": http,
            "requestId": .string(requestID),
            "routeKey": .string("$default"),
            "stage": .string("$default"),
            "timeEpoch": .int(now.milliseconds),
        ])
        return JSON([
            "version": .string("2.0"),
            "routeKey": .string("$default"),
            "rawPath": .string(request.path),
            "rawQueryString": .string(request.query),
            "headers": .object(headers),
            "requestContext": context,
            "body": .string(text ?? Data(request.body).base64EncodedString()),
            "isBase64Encoded": .bool(text == nil),
        ]).encoded()
    }

    /// The body where it is text to API Gateway: JSON is, a form is not.
    private var textBody: String? {
        let type = request.headers["content-type"]?.lowercased()
        guard type?.contains("json") == true else { return nil }
        return String(validating: request.body, as: UTF8.self)
    }

    /// Names in lower case, several fields of one name joined.
    private static func joined(_ headers: HTTPHeaders) -> [NamedValue] {
        var joined: [NamedValue] = []
        for field in headers.fields {
            let name = field.name.lowercased()
            if let index = joined.firstIndex(where: { $0.name == name }) {
                joined[index].value += "," + field.value
            } else {
                joined.append(NamedValue(name, field.value))
            }
        }
        return joined
    }
}

extension GatewayEvent {
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
        HTTPResponse(status: status, json: JSON(["message": .string(message)]))
    }
}
