import AWS
import Codec
import Foundation
import Platform

@testable import Core

/// `evaluate` as the model runs it: the real function, made to run again from the answers that it was given so
/// far, until it asks for something new.
///
/// What it asks for that no other invocation changes (the rules, the change as it is kept) is answered at
/// once and is no step of the model. Time is in milliseconds since the model's beginning.
final class LedgerReplay {
    /// One request that the model serves.
    struct Request: Hashable {
        enum Act: Hashable {
            case get
            /// A content, on condition that there is none, or that another content is there.
            case put(content: Int, absent: Bool, unchanged: Int?)
            /// A start under a token, or under its identity if the target takes no token.
            case start(token: Int)
        }

        var act: Act
        /// The number of the object's key; -1 of a start.
        var key: Int
    }

    enum Answer: Hashable {
        case found(Int), missing, stored(Int), preconditionFailed
        /// The number of the start that the target has.
        case started(Int)
        /// No response; a refusal that may pass; none in time.
        case broken, busy, timedOut
    }

    enum Outcome {
        /// It waits for responses to these, sent together at that time; each is given up at its own time.
        case waits([Request], issued: Int, expires: [Int])
        /// It has answered: `nil` and why if it failed, so that Lambda invokes it again.
        case ended(RuleOutcome?, why: String)
    }

    /// How far one attempt has come: it has been answered so, and nothing else decides what it does next.
    final class Progress {
        let attempt: Attempt
        let number: Int
        fileprivate let batches: [(answers: [Answer], time: Int)]
        fileprivate var children: [Step: Progress] = [:]
        fileprivate(set) var outcome: Outcome = .ended(nil, why: "not run")
        /// Whether a request of what it waits for starts the target although the head that it was told last is
        /// newer, or it was told of none.
        fileprivate(set) var startsBlindly = false

        fileprivate struct Step: Hashable {
            var answers: [Answer]
            var time: Int
        }

        fileprivate init(
            _ attempt: Attempt,
            number: Int,
            _ batches: [(answers: [Answer], time: Int)]
        ) {
            self.attempt = attempt
            self.number = number
            self.batches = batches
        }
    }

    /// One of the attempts at a hand-over.
    struct Attempt: Hashable {
        var handOver: Int
        var number: Int
        var begins: Int
    }

    /// What is to be known of a stored content.
    struct Content {
        var bytes: [UInt8]
        var ledger: LedgerEntry?
        var head: StartHead?
    }

    private(set) var contents: [Content] = []
    private var contentNumbers: [[UInt8]: Int] = [:]
    private(set) var keys: [String] = []
    private(set) var tokens: [String] = []
    private(set) var all: [Progress] = []
    /// How often the function was run.
    private(set) var runs = 0

    private let aws = FakeAWS()
    private let handOvers: [Change]
    private let payloads: [[UInt8]]
    private let holder: (Attempt) -> String
    private let written: ([UInt8]) -> [UInt8]
    private var roots: [Attempt: Progress] = [:]
    private var function: EvaluateFunction?

    // What the run that is under way is told.
    private var now = 0
    private var script: [(answers: [Answer], time: Int)] = []
    private var asked: Outcome?

    static let timeout = 60_000
    /// When no time is left for anything: the run ends by itself.
    private static let never = 100_000_000

    /// - Parameters:
    ///   - target: the rule's target, as JSON.
    ///   - handOvers: what `evaluate` is invoked with.
    ///   - holder: names an attempt; Core's own name is unique.
    ///   - written: what is stored of a ledger entry that is written.
    init(
        target: String,
        handOvers: [Change],
        holder: @escaping (Attempt) -> String = { "attempt-\($0.handOver)-\($0.number)" },
        written: @escaping ([UInt8]) -> [UInt8] = { $0 }
    ) {
        self.handOvers = handOvers
        self.holder = holder
        self.written = written
        payloads = handOvers.map { EvaluateRequest.change($0).encoded() }
        let repository = handOvers[0].repository
        aws.put(
            "\(Stage.prefix)/rules/github/\(repository)/api.json",
            #"{"Repository":"\#(repository)","Target":\#(target)}"#
        )
        var problems: [ConfigurationError] = []
        let environment = Environment { Stage.variables[$0] }
        let clock = WallClock(
            now: { [unowned self] in Stage.start.adding(milliseconds: now) },
            sleep: { [unowned self] in now += $0 }
        )
        let services = Services(
            Configuration(environment, noting: &problems),
            transport: Transport { [unowned self] in perform($0, $1) },
            clock: clock,
            // No pause is longer than it must be.
            random: Randomness { 0 },
            log: Logger(format: .text, minimum: .error, clock: clock) { _ in },
            functionName: nil,
            // One attempt of a call may take all the time that is left: what the model calls broken is
            // tried again as well.
            attemptLimit: Self.never
        )
        function = EvaluateFunction(environment, services: services, noting: &problems)
        // The function is warm: it has read the rules.
        _ = begin(Attempt(handOver: 0, number: -1, begins: 0))
    }

    func change(of attempt: Attempt) -> Change { handOvers[attempt.handOver] }

    /// An attempt that begins.
    func begin(_ attempt: Attempt) -> Progress {
        if let root = roots[attempt] { return root }
        let root = make(attempt, [])
        roots[attempt] = root
        return root
    }

    /// The attempt once what it waits for is answered.
    func answer(_ progress: Progress, _ answers: [Answer], at time: Int) -> Progress {
        let step = Progress.Step(answers: answers, time: time)
        if let next = progress.children[step] { return next }
        let next = make(progress.attempt, progress.batches + [(answers, time)])
        progress.children[step] = next
        return next
    }

    private func make(_ attempt: Attempt, _ batches: [(answers: [Answer], time: Int)]) -> Progress {
        let progress = Progress(attempt, number: all.count, batches)
        all.append(progress)
        run(progress)
        return progress
    }

    private func run(_ progress: Progress) {
        runs += 1
        now = progress.attempt.begins
        script = progress.batches.reversed()
        asked = nil
        lastHead = nil
        let invocation = Invocation(
            requestID: holder(progress.attempt),
            deadline: Deadline(
                Stage.start.adding(milliseconds: progress.attempt.begins + Self.timeout)
            ),
            payload: payloads[progress.attempt.handOver]
        )
        var end: Outcome
        do throws(InvocationError) {
            let record = try function?.handle(invocation) ?? []
            let rule = DecisionRecord(parsing: record)?.rules.first
            end = .ended(rule, why: "ended well")
        } catch {
            end = .ended(nil, why: "failed: \(error.type): \(error.message)")
        }
        if let asked { end = asked }
        progress.outcome = end
        if case .waits(let requests, _, _) = end {
            let isStart = requests.contains { if case .start = $0.act { true } else { false } }
            progress.startsBlindly = isStart && !mayStart(progress.attempt)
        }
    }

    /// What the last reading of the head told: `nil` if there was none.
    private var lastHead: Answer?

    private func mayStart(_ attempt: Attempt) -> Bool {
        guard let time = change(of: attempt).eventTime else { return true }
        switch lastHead {
        case .missing: return true
        case .found(let content): return contents[content].head.map { $0.eventTime <= time } ?? true
        default: return false
        }
    }

    private func perform(
        _ requests: [HTTPRequest],
        _ deadline: Deadline
    ) -> [Result<HTTPResponse, TransportError>] {
        guard asked == nil else {
            return requests.map { .failure(Self.error(.notSent, $0)) }
        }
        let read = requests.map { request($0) }
        let visible = read.compactMap { $0 }
        let start = Stage.start.milliseconds
        if !visible.isEmpty, script.isEmpty {
            let expires = min(deadline.expires.milliseconds - start, Self.never)
            asked = .waits(
                visible,
                issued: now,
                expires: visible.map { _ in expires }
            )
            now = Self.never
            return requests.map { .failure(Self.error(.notSent, $0)) }
        }
        var answers: ArraySlice<Answer> = []
        if !visible.isEmpty {
            let batch = script.removeLast()
            now = batch.time
            answers = batch.answers[...]
        }
        return zip(requests, read).map { request, visible in
            guard let visible else { return aws.transport.perform([request], deadline)[0] }
            let answer = answers.removeFirst()
            if visible.act == .get, keys[visible.key].hasPrefix("\(Stage.prefix)/heads/") {
                lastHead = answer
            }
            return response(answer, to: request, visible)
        }
    }

    private static func error(_ kind: TransportError.Kind, _ request: HTTPRequest)
        -> TransportError
    {
        TransportError(kind, method: request.method, origin: request.origin, reason: "\(kind)")
    }
}

extension LedgerReplay {
    /// A request as a step of the model; `nil` if it is none.
    private func request(_ request: HTTPRequest) -> Request? {
        if let operation = request.headers["X-Amz-Target"] {
            let body = (try? JSON(parsing: request.body)) ?? .null
            let token =
                if operation.hasSuffix("PutEvents") {
                    (body["Entries"]?.array?.first?["Detail"]?.string)
                        .flatMap { try? JSON(parsing: Array($0.utf8)) }?["start"]?.string
                } else {
                    (body["clientRequestToken"] ?? body["idempotencyToken"])?.string
                }
            return Request(act: .start(token: Self.number(of: token ?? "", in: &tokens)), key: -1)
        }
        let prefix = "/\(FakeAWS.bucket)/"
        guard request.target.hasPrefix(prefix) else { return nil }
        let key = String(request.target.dropFirst(prefix.count))
        let folders = ["ledger", "heads", "decisions"].map { "\(Stage.prefix)/\($0)/" }
        guard folders.contains(where: { key.hasPrefix($0) }) else { return nil }
        let number = Self.number(of: key, in: &keys)
        guard request.method == "PUT" else { return Request(act: .get, key: number) }
        let put = Request.Act.put(
            content: self.number(ofContent: written(request.body), key: key),
            absent: request.headers["If-None-Match"] == "*",
            unchanged: request.headers["If-Match"].flatMap { Int($0.dropFirst().dropLast()) }
        )
        return Request(act: put, key: number)
    }

    private static func number(of name: String, in names: inout [String]) -> Int {
        if let number = names.firstIndex(of: name) { return number }
        names.append(name)
        return names.count - 1
    }

    private func number(ofContent bytes: [UInt8], key: String) -> Int {
        if let number = contentNumbers[bytes] { return number }
        contents.append(
            Content(
                bytes: bytes,
                ledger: key.contains("/ledger/") ? LedgerEntry(parsing: bytes) : nil,
                head: key.contains("/heads/") ? StartHead(parsing: bytes) : nil
            )
        )
        contentNumbers[bytes] = contents.count - 1
        return contents.count - 1
    }

    private func response(
        _ answer: Answer,
        to request: HTTPRequest,
        _ visible: Request
    ) -> Result<HTTPResponse, TransportError> {
        switch answer {
        case .found(let content):
            return .success(
                HTTPResponse(
                    status: 200,
                    headers: ["ETag": "\"\(content)\""],
                    body: contents[content].bytes
                )
            )
        case .stored(let content):
            return .success(HTTPResponse(status: 200, headers: ["ETag": "\"\(content)\""]))
        case .missing: return .success(Self.xml(404, "NoSuchKey"))
        case .preconditionFailed: return .success(Self.xml(412, "PreconditionFailed"))
        case .started(let number):
            let id = "start-\(number)"
            let body = [
                #"{"pipelineExecutionId":"\#(id)","build":{"id":"project:\#(id)"},"#,
                #""FailedEntryCount":0,"Entries":[{"EventId":"\#(id)"}]}"#,
            ].joined()
            return .success(HTTPResponse(status: 200, body: Array(body.utf8)))
        case .broken: return .failure(Self.error(.broken, request))
        case .timedOut: return .failure(Self.error(.timedOut, request))
        case .busy:
            return .success(
                visible.key < 0
                    ? HTTPResponse(
                        status: 503,
                        body: Array(#"{"__type":"ServiceUnavailable"}"#.utf8)
                    ) : Self.xml(503, "SlowDown")
            )
        }
    }

    private static func xml(_ status: Int, _ code: String) -> HTTPResponse {
        HTTPResponse(status: status, body: Array("<Error><Code>\(code)</Code></Error>".utf8))
    }
}
