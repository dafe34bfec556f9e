import Foundation

/// What came of an invocation.
enum FunctionResult: Equatable, Sendable {
    /// The handler returned this.
    case returned([UInt8])
    /// The handler threw an error.
    case failed(type: String, message: String)
    /// There was no answer by the deadline.
    case timedOut
    /// The process ended before it answered.
    case exited
}

/// An event that waits for a function, or that a function is busy with.
struct QueuedInvocation: Equatable, Sendable {
    /// A UUID.
    var requestID: String
    var payload: [UInt8]
    /// By when the function must have answered.
    var deadline: Date
}

/// The invocations of one function: handed to its process one at a time, each answered once.
actor FunctionQueue {
    /// Seconds that an invocation may take.
    let timeout: Double
    private var waiting: [QueuedInvocation] = []
    /// What the process is busy with.
    private(set) var current: QueuedInvocation?
    private var callers: [String: CheckedContinuation<FunctionResult, Never>] = [:]
    private var poll: CheckedContinuation<QueuedInvocation?, Never>?
    /// How often the process has asked for an invocation.
    private(set) var polls = 0
    private var isClosed = false

    init(timeout: Double) {
        self.timeout = timeout
    }

    /// Invokes the function and waits for what comes of it.
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

    /// Takes an answer; false where nobody waits for one of that id.
    func answer(_ requestID: String, _ result: FunctionResult) -> Bool {
        guard let caller = callers.removeValue(forKey: requestID) else { return false }
        if current?.requestID == requestID { current = nil }
        waiting.removeAll { $0.requestID == requestID }
        caller.resume(returning: result)
        return true
    }

    /// The process has ended: its caller is told, and it asks for nothing more.
    func processEnded() {
        poll?.resume(returning: nil)
        poll = nil
        if let current { _ = answer(current.requestID, .exited) }
    }

    /// No process comes any more: nobody waits for one.
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

    /// Lambda's time limit: the caller is told, and the process is ended.
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

    /// What is done about a process that did not answer in time.
    private var onTimeout: (@Sendable () -> Void)?

    /// Sets what is done about a process that did not answer in time.
    func whenTimedOut(_ action: @escaping @Sendable () -> Void) {
        onTimeout = action
    }
}
