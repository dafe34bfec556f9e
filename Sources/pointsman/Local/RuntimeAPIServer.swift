import Codec
import Foundation
import Platform

/// Lambda's Runtime API for the process of one function, as `AWS_LAMBDA_RUNTIME_API` names it.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
///
/// It is that process's alone: the address that it is given ends in a token.
struct RuntimeAPIServer: Sendable {
    /// What the path begins with: letters and digits.
    let token: Secret
    /// What a function is called in the headers of its invocations.
    let functionARN: String
    let queue: FunctionQueue
    /// Told why the function could not be made ready.
    let initFailed: @Sendable (_ message: String) -> Void

    private static let root = "/2018-06-01/runtime"

    /// Answers one request of the process.
    func respond(to request: LocalRequest) async -> HTTPResponse {
        guard let path = path(of: request) else { return Self.status(403) }
        if request.method == "GET", path == Self.root + "/invocation/next" { return await next() }
        guard request.method == "POST" else { return Self.status(404) }
        if path == Self.root + "/init/error" {
            initFailed(Self.error(request.body).message)
            return Self.status(202)
        }
        let segments = path.dropFirst(Self.root.count + 1).split(separator: "/")
        guard path.hasPrefix(Self.root + "/invocation/"), segments.count == 3 else {
            return Self.status(404)
        }
        let requestID = segments[1].removingPercentEncoding ?? ""
        let result: FunctionResult
        switch segments[2] {
        case "response": result = .returned(request.body)
        case "error":
            let error = Self.error(request.body)
            result = .failed(type: error.type, message: error.message)
        default: return Self.status(404)
        }
        return await queue.answer(requestID, result) ? Self.status(202) : Self.invalidID
    }

    /// The path without the token; `nil` where that is absent or wrong.
    private func path(of request: LocalRequest) -> String? {
        let (slash, path) = (UInt8(ascii: "/"), Array(request.path.utf8.dropFirst()))
        let first = path.prefix { $0 != slash }
        guard Secret(Array(first)) == token else { return nil }
        return String(decoding: path[first.endIndex...], as: UTF8.self)
    }

    private func next() async -> HTTPResponse {
        guard let invocation = await queue.next() else { return Self.status(500) }
        let deadline = Int(invocation.deadline.timeIntervalSince1970 * 1_000)
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.requestID,
                "Lambda-Runtime-Deadline-Ms": "\(deadline)",
                "Lambda-Runtime-Invoked-Function-Arn": functionARN,
            ],
            body: invocation.payload
        )
    }

    private static func error(_ body: [UInt8]) -> (type: String, message: String) {
        let json = try? JSON(parsing: body)
        return (
            json?["errorType"]?.string ?? "Function.Unknown",
            json?["errorMessage"]?.string ?? "no message"
        )
    }

    private static func status(_ status: Int) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/json"],
            body: Array(#"{"status":"\#(status < 300 ? "OK" : "error")"}"#.utf8)
        )
    }

    /// What AWS says of an id that is not, or no longer, under way.
    private static var invalidID: HTTPResponse {
        HTTPResponse(
            status: 400,
            headers: ["Content-Type": "application/json"],
            body: Array(
                #"{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}"#.utf8
            )
        )
    }
}
