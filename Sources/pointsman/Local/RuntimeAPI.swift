import Codec
import Foundation
import Platform

/// Lambda's Runtime API for the process of one function, as `AWS_LAMBDA_RUNTIME_API` names it.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
///
/// The address that the process is given ends in a token: no other program is answered.
struct RuntimeAPIServer: Sendable {
    /// What the path begins with: letters and digits.
    let token: Secret
    /// The function's name in the headers of its invocations.
    let functionARN: String
    let queue: FunctionQueue
    let initFailed: @Sendable (_ message: String) -> Void

    private static let root = "/2018-06-01/runtime"

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
        HTTPResponse(status: status, json: JSON(["status": .string(status < 300 ? "OK" : "error")]))
    }

    /// What AWS says of an id that is not, or no longer, under way.
    private static var invalidID: HTTPResponse {
        HTTPResponse(
            status: 400,
            json: JSON([
                "errorType": .string("InvalidRequestID"),
                "errorMessage": .string("Invalid request ID"),
            ])
        )
    }
}

enum FunctionResult: Equatable, Sendable {
    case returned([UInt8])
    /// The handler threw an error.
    case failed(type: String, message: String)
    /// There was no response by the deadline.
    case timedOut
    /// The process ended before it responded.
    case exited
}

/// An event that waits for a function, or that a function is busy with.
struct QueuedInvocation: Equatable, Sendable {
    var requestID: String
    var payload: [UInt8]
    /// By when the function must have responded.
    var deadline: Date
}

/// The invocations of one function: handed to its process one at a time, each with one response.
actor FunctionQueue {
    /// Seconds that an invocation may take.
    let timeout: Double
    private var waiting: [QueuedInvocation] = []
    private(set) var current: QueuedInvocation?
    private var callers: [String: CheckedContinuation<FunctionResult, Never>] = [:]
    private var poll: CheckedContinuation<QueuedInvocation?, Never>?
    /// How often the process has asked for an invocation.
    private(set) var polls = 0
    private var isClosed = false

    init(timeout: Double) {
        self.timeout = timeout
    }

    func invoke(_ payload: [UInt8], requestID: String = UUID().uuidString.lowercased()) async
        -> FunctionResult
    {
        guard !isClosed else { return .exited }
        let invocation = QueuedInvocation(
            requestID: requestID,
            payload: payload,
            deadline: .distantFuture
        )
        return await withCheckedContinuation { caller in
            callers[requestID] = caller
            waiting.append(invocation)
            handOut()
        }
    }

    /// The next invocation for the process that asks; `nil` where it must ask again.
    func next() async -> QueuedInvocation? {
        polls += 1
        poll?.resume(returning: nil)
        return await withCheckedContinuation { asking in
            poll = asking
            handOut()
        }
    }

    /// Takes a response; false where nobody waits for one of that id.
    func answer(_ requestID: String, _ result: FunctionResult) -> Bool {
        guard let caller = callers.removeValue(forKey: requestID) else { return false }
        if current?.requestID == requestID { current = nil }
        waiting.removeAll { $0.requestID == requestID }
        caller.resume(returning: result)
        return true
    }

    /// The process has ended: its caller has a result, and its poll is over.
    func processEnded() {
        poll?.resume(returning: nil)
        poll = nil
        if let current { _ = answer(current.requestID, .exited) }
    }

    /// No process will come any more, so no caller waits for one.
    func close() {
        isClosed = true
        processEnded()
        for invocation in waiting { _ = answer(invocation.requestID, .exited) }
    }

    private func handOut() {
        guard current == nil, let asking = poll, !waiting.isEmpty else { return }
        var invocation = waiting.removeFirst()
        invocation.deadline = Date(timeIntervalSinceNow: timeout)
        current = invocation
        poll = nil
        asking.resume(returning: invocation)
        limit(invocation.requestID)
    }

    /// Lambda's time limit: the caller has a result, and the process is ended.
    private func limit(_ requestID: String) {
        let timeout = timeout
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(timeout))
            await self?.expire(requestID)
        }
    }

    private func expire(_ requestID: String) {
        guard current?.requestID == requestID else { return }
        _ = answer(requestID, .timedOut)
        onTimeout?()
    }

    private var onTimeout: (@Sendable () -> Void)?

    /// Sets what is done about a process that did not respond in time.
    func whenTimedOut(_ action: @escaping @Sendable () -> Void) {
        onTimeout = action
    }
}
