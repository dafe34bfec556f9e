import Codec
import Platform
import Testing

@testable import Core

/// Every schedule of a few invocations of `evaluate` that ask for the same start, or for an older and a newer one.
///
/// A schedule is a list of choices: which invocation begins or has a request served; whether the request is
/// served, refused (503), or ends without a response, in which case it may be applied at any later moment, or
/// never; whether the process dies, with whatever it has sent on its way; that the time passes. States that were
/// reached before are not explored again. How many faults a schedule may have is bounded, nothing else is.
///
/// S3 keeps its word: a conditional write is one step, and a reading tells the last write. An ETag is that of the
/// content. The function's lease, timeout and Lambda's retries after one and two minutes are as deployed.
struct LedgerModel {
    typealias Request = LedgerReplay.Request
    typealias Answer = LedgerReplay.Answer

    /// What must hold, and where the contract says it.
    enum Property: String, CaseIterable {
        /// The client token is the same in every attempt, so that the service drops the double.
        case tokenStartsOnce =
            "a target with a client token starts a change once while the service remembers the token"
        /// Without a token: once, and once more by a later invocation; a redelivery counts from the start.
        case requestedTwiceAtMost =
            "a target without a token is requested twice at most for one delivery"
        case doubtIsWritten =
            "if a target may have been started twice, the record or the ledger says so"
        /// An invocation that ended well leaves no claim behind that it was told it has.
        case concluded = "a start that nobody crashed in is concluded"
        /// What an invocation that ended well says is so: the target has it, or the reason is told.
        case neverLost = "a start has happened, or the record says why not"
        /// released < lost < failed < skipped, unchanged < started; only a claim may begin anew.
        case onlyRaised = "a conclusion is only ever raised"
        /// Nobody claims what a live holder has before its lease ends.
        case claimHolds = "a claim in force is nobody else's"
        /// But for invocations that cross at the same moment.
        case inOrder = "an older change is not started once a newer one is known to be"
        case claimEnds = "no claim is held for ever: a later attempt finishes the job"
    }

    /// What is made wrong on purpose, to see that the model finds it.
    enum Mutation: String, CaseIterable {
        case none
        case ignoresIfNoneMatch, ignoresIfMatch
        /// The service starts anew for a token that it knows.
        case forgetsTokens
        /// The lease that is written has ended already.
        case leaseOfZero
        /// Every attempt has the same name.
        case sharedHolder
        /// A reading may tell what was there before the last write.
        case staleReadings
        /// The transport repeats a start whose response is lost, without a word.
        case sentTwice
    }

    enum Target: String, CaseIterable {
        case codePipeline = #"{"CodePipeline":{"Name":"api"}}"#
        case codeBuild = #"{"CodeBuild":{"Project":"api"}}"#
        case eventBridge = #"{"EventBridge":{"EventBus":"bus"}}"#

        /// Milliseconds for which the service knows a token; `nil` for ever.
        var tokenLifetime: Int? {
            switch self {
            case .codePipeline: nil
            case .codeBuild: 300_000
            case .eventBridge: 0
            }
        }
    }

    enum HandOver: String {
        /// The change, by way of one delivery or of another; a newer change.
        case change, redelivery, newer

        fileprivate var change: Change {
            let digest = BodyDigest(eventID: self == .newer ? "newer" : "change", ref: "main")
            return Change.push().with {
                $0.receivedAt = Stage.start.adding(
                    milliseconds: self == .redelivery ? -900 : -1_000
                )
                $0.bodyDigest = digest
                $0.after = String(repeating: self == .newer ? "c" : "b", count: 40)
                if self == .newer { $0.delivery = "newer" }
            }
        }
    }

    struct Scenario: Sendable, CustomTestStringConvertible, CustomStringConvertible {
        var target = Target.codePipeline
        /// One for each stream of attempts.
        var handOvers: [HandOver]
        /// How often Lambda invokes for one hand-over.
        var attempts = 2
        var faults: Int
        /// Whether the changes have a time, by which starts are ordered.
        var isOrdered = false
        var mutation = Mutation.none

        var description: String {
            let who = handOvers.map(\.rawValue).joined(separator: " + ")
            let wrong = mutation == .none ? "" : ", \(mutation)"
            return "\(who) with \(target), attempts \(attempts), faults \(faults)\(wrong)"
        }

        var testDescription: String { description }
    }

    /// What came of exploring.
    struct Report {
        var states = 0
        var transitions = 0
        var longest = 0
        var ends = 0
        var runs = 0
        var counterexample: Counterexample?
    }

    struct Counterexample: Error, CustomStringConvertible {
        var property: Property
        var what: String
        var schedule: [String] = []

        var description: String {
            "\(property.rawValue), but: \(what)\n    " + schedule.joined(separator: "\n    ")
        }
    }

    static func explore(_ scenario: Scenario, upTo limit: Int = .max) -> Report {
        var explorer = LedgerExplorer(scenario, limit: limit)
        return explorer.explore()
    }
}

/// What the model knows at one moment.
private struct World {
    /// The content of each object by the number of its key; -1 if there is none.
    var objects: [Int] = []
    /// What was there before, of a store that may tell that.
    var before: [Int] = []
    var time = 0
    var faults: Int
    var streams: [Stream]
    /// Starts at the target: token and time, two numbers each.
    var starts: [Int] = []
    /// Requests, for each receipt of a change, that may have reached the target.
    var requests: [Int]
    /// What was sent and may still be applied, sorted.
    var flights: [Flight] = []

    struct Flight {
        var stream: Int
        var request: Int
        /// When the service takes it no longer: a signature is good for a while.
        var ends: Int
    }

    struct Stream {
        enum Phase: Int { case idle, runs, rests, done, givenUp }

        var phase = Phase.idle
        /// Attempts that have begun.
        var attempts = 0
        var resumes = 0
        /// The number of the attempt's progress, and what it waits for: an answer's number, or -1.
        var progress = -1
        var answers: [Int] = []
        /// Whether a newer change was started for good before the attempt began.
        var beganAfterNewer = false
        /// The moments that matter: when it gives up starting, and when its lease ends.
        var began = -1
    }

    /// The state as numbers, by which it is known again.
    var key: [Int32] {
        var key: [Int32] = [Int32(time), Int32(faults), Int32(objects.count)]
        key.reserveCapacity(64)
        func add(_ number: Int) { key.append(Int32(truncatingIfNeeded: number)) }
        objects.forEach(add)
        before.forEach(add)
        add(starts.count)
        starts.forEach(add)
        requests.forEach(add)
        for stream in streams {
            add(stream.phase.rawValue)
            add(stream.attempts)
            add(stream.resumes)
            add(stream.progress)
            add(stream.beganAfterNewer ? 1 : 0)
            add(stream.began)
            add(stream.answers.count)
            stream.answers.forEach(add)
        }
        for flight in flights {
            add(flight.stream)
            add(flight.request)
            add(flight.ends)
        }
        return key
    }
}

private struct LedgerExplorer {
    typealias Model = LedgerModel
    typealias Request = LedgerReplay.Request
    typealias Answer = LedgerReplay.Answer

    private let scenario: Model.Scenario
    private let limit: Int
    private let replay: LedgerReplay
    private let changes: [Change]
    private var answers: [Answer] = []
    private var answerNumbers: [Answer: Int] = [:]
    private var requests: [Request] = []
    private var requestNumbers: [Request: Int] = [:]
    /// The longest rest of a schedule from a state on.
    private var longest: [[Int32]: Int32] = [:]
    private var ended: Set<[Int32]> = []
    /// Which of the steps was taken at each state on the way here.
    private var choices: [Int] = []
    /// How the step that was taken last has ended an invocation, if it has.
    private var end = ""
    private var report = Model.Report()

    private static let late = 10_000_000
    /// Milliseconds for which a signed request is taken, and one of S3's (AWS's "Signature Version 4").
    private static let signature = 300_000
    private static let signatureOfS3 = 900_000

    init(_ scenario: Model.Scenario, limit: Int) {
        self.scenario = scenario
        self.limit = limit
        var changes = scenario.handOvers.map { $0.change }
        for index in changes.indices {
            let isNewer = scenario.handOvers[index] == .newer
            changes[index].eventTime =
                scenario.isOrdered
                ? Stage.start.adding(milliseconds: isNewer ? -5_000 : -60_000) : nil
        }
        self.changes = changes
        let mutation = scenario.mutation
        replay = LedgerReplay(
            target: scenario.target.rawValue,
            handOvers: changes,
            holder: { attempt in
                mutation == .sharedHolder
                    ? "attempt" : "attempt-\(attempt.handOver)-\(attempt.number)"
            },
            written: { bytes in
                guard mutation == .leaseOfZero, var entry = LedgerEntry(parsing: bytes) else {
                    return bytes
                }
                entry.leaseExpires = entry.claimedSince
                return entry.encoded()
            }
        )
    }

    mutating func explore() -> Model.Report {
        let world = World(
            faults: scenario.faults,
            streams: scenario.handOvers.map { _ in World.Stream() },
            requests: scenario.handOvers.map { _ in 0 }
        )
        do throws(Model.Counterexample) {
            report.longest = try visit(world)
        } catch {
            var found = error
            found.schedule = schedule(from: world)
            report.counterexample = found
        }
        report.states = longest.count
        report.runs = replay.runs
        return report
    }

    /// Goes through what may follow a state; how long the longest rest of a schedule is.
    private mutating func visit(_ world: World) throws(Model.Counterexample) -> Int {
        let key = world.key
        if let known = longest[key] { return Int(known) }
        guard longest.count < limit else { return 0 }
        var most = 0
        var hasNext = false
        for (number, step) in steps(from: world).enumerated() {
            report.transitions += 1
            hasNext = hasNext || !step.isOptional
            choices.append(number)
            var next = world
            try take(step, in: &next)
            most = max(most, 1 + (try visit(next)))
            choices.removeLast()
        }
        if !hasNext { try checkEnd(world) }
        longest[key] = Int32(most)
        return most
    }

    /// The steps that were taken, in words.
    private mutating func schedule(from begin: World) -> [String] {
        var world = begin
        return choices.map { choice in
            let step = steps(from: world)[choice]
            let name = name(step, in: world)
            end = ""
            try? take(step, in: &world)
            return name + end
        }
    }

    // MARK: Steps

    private enum Fault { case broken, busy, stale }

    private enum Step {
        case begin(Int)
        case serve(stream: Int, request: Int, Fault?)
        case crash(Int)
        case apply(Int)
        case pass(until: Int)

        /// Something that may happen or not: with nothing else left, the schedule has ended.
        var isOptional: Bool { if case .apply = self { true } else { false } }
    }

    private func waits(_ stream: World.Stream) -> (
        requests: [Request], issued: Int, expires: [Int]
    )? {
        guard stream.phase == .runs,
            case .waits(let requests, let issued, let expires) = replay.all[stream.progress].outcome
        else { return nil }
        return (requests, issued, expires)
    }

    private func steps(from world: World) -> [Step] {
        var steps: [Step] = []
        for (number, stream) in world.streams.enumerated() {
            switch stream.phase {
            case .idle: steps.append(.begin(number))
            case .rests where stream.resumes <= world.time: steps.append(.begin(number))
            case .runs:
                guard let (requests, _, _) = waits(stream) else { continue }
                for (index, request) in requests.enumerated() where stream.answers[index] < 0 {
                    steps.append(.serve(stream: number, request: index, nil))
                    // An attempt whose first reading fails has done nothing, as if it died there.
                    guard world.faults > 0, !isReadingOfRecord(request) else { continue }
                    steps.append(.serve(stream: number, request: index, .broken))
                    steps.append(.serve(stream: number, request: index, .busy))
                    if scenario.mutation == .staleReadings, request.act == .get {
                        steps.append(.serve(stream: number, request: index, .stale))
                    }
                }
                if world.faults > 0 { steps.append(.crash(number)) }
            case .rests, .done, .givenUp: continue
            }
        }
        for (index, flight) in world.flights.enumerated() where world.time < flight.ends {
            steps.append(.apply(index))
        }
        if let moment = nextMoment(in: world) { steps.append(.pass(until: moment)) }
        return steps
    }

    private func isReadingOfRecord(_ request: Request) -> Bool {
        request.act == .get && replay.keys[request.key].hasPrefix("\(Stage.prefix)/decisions/")
    }

    /// The next moment at which something ends or begins by itself.
    private func nextMoment(in world: World) -> Int? {
        guard world.streams.contains(where: { $0.phase != .done && $0.phase != .givenUp }) else {
            return nil
        }
        var moments: [Int] = []
        for stream in world.streams {
            if let (_, _, expires) = waits(stream) {
                // That a call takes so long is a fault.
                guard world.faults > 0 else { return nil }
                moments += expires
            }
            if stream.phase == .rests { moments.append(stream.resumes) }
            if stream.began >= 0 {
                moments.append(stream.began + LedgerReplay.timeout - EvaluateFunction.endReserve)
            }
        }
        if let lifetime = scenario.target.tokenLifetime, lifetime > 0 {
            for index in stride(from: 1, to: world.starts.count, by: 2) {
                moments.append(world.starts[index] + lifetime)
            }
        }
        return moments.filter { $0 > world.time }.min()
    }

    private func name(_ step: Step, in world: World) -> String {
        switch step {
        case .begin(let number):
            return
                "\(world.time) ms: invocation \(number).\(world.streams[number].attempts + 1) begins"
        case .serve(let number, let index, let fault):
            guard let (requests, _, _) = waits(world.streams[number]) else { return "nothing" }
            let how =
                switch fault {
                case nil: ""
                case .broken: ", no response"
                case .busy: ", 503"
                case .stale: ", as it was before"
                }
            let attempt = "\(number).\(world.streams[number].attempts)"
            return "invocation \(attempt): \(describe(requests[index]))\(how)"
        case .crash(let number):
            return "invocation \(number).\(world.streams[number].attempts) dies"
        case .apply(let index):
            let flight = world.flights[index]
            return "late, of invocation \(flight.stream): \(describe(requests[flight.request]))"
        case .pass(until: let moment): return "nothing happens until \(moment) ms"
        }
    }

    private func describe(_ request: Request) -> String {
        guard request.key >= 0 else { return "start" }
        let folder = replay.keys[request.key].split(separator: "/")[1]
        guard case .put(let content, _, _) = request.act else { return "GET \(folder)" }
        let state = replay.contents[content].ledger.map { " (\($0.state) of \($0.holder))" } ?? ""
        return "PUT \(folder)\(state)"
    }

    private mutating func take(_ step: Step, in world: inout World) throws(Model.Counterexample) {
        switch step {
        case .begin(let number):
            world.streams[number].attempts += 1
            world.streams[number].phase = .runs
            world.streams[number].began = world.time
            let time = changes[number].eventTime ?? Stage.start
            world.streams[number].beganAfterNewer = world.streams.indices.contains {
                world.streams[$0].phase == .done && (changes[$0].eventTime ?? Stage.start) > time
                    && hasStarted(change: $0, world)
            }
            let attempt = LedgerReplay.Attempt(
                handOver: number,
                number: world.streams[number].attempts,
                begins: world.time
            )
            try enter(replay.begin(attempt), number, in: &world)
        case .serve(let number, let index, let fault):
            guard let (requests, _, _) = waits(world.streams[number]) else { return }
            let request = requests[index]
            let answer: Answer
            switch fault {
            case nil: answer = try apply(request, of: number, in: &world)
            case .broken:
                world.faults -= 1
                answer = .broken
                if request.key < 0 {
                    count(number, in: &world)
                    if scenario.mutation == .sentTwice {
                        _ = try apply(request, of: number, in: &world)
                    }
                }
                sendOff(request, of: number, in: &world)
            case .busy:
                world.faults -= 1
                answer = .busy
            case .stale:
                world.faults -= 1
                let content =
                    request.key < world.before.count ? world.before[request.key] : -1
                answer = content < 0 ? .missing : .found(content)
            }
            try settle(answer, number, index, in: &world)
        case .crash(let number):
            guard let (requests, _, _) = waits(world.streams[number]) else { return }
            world.faults -= 1
            for (index, request) in requests.enumerated()
            where world.streams[number].answers[index] < 0 {
                if request.key < 0 { count(number, in: &world) }
                sendOff(request, of: number, in: &world)
            }
            end(number, isDone: false, in: &world)
        case .apply(let index):
            let flight = world.flights.remove(at: index)
            _ = try apply(requests[flight.request], of: flight.stream, in: &world, isCounted: true)
        case .pass(until: let moment):
            world.time = moment
            let slow = world.streams.indices.filter { number in
                waits(world.streams[number])?.expires.contains { $0 <= moment } ?? false
            }
            if !slow.isEmpty { world.faults -= 1 }
            for number in slow {
                let progress = world.streams[number].progress
                guard let (requests, _, expires) = waits(world.streams[number]) else { continue }
                for index in requests.indices
                where world.streams[number].progress == progress
                    && world.streams[number].answers[index] < 0 && expires[index] <= moment
                {
                    if requests[index].key < 0 { count(number, in: &world) }
                    sendOff(requests[index], of: number, in: &world)
                    try settle(.timedOut, number, index, in: &world)
                }
            }
        }
    }

    private mutating func settle(
        _ answer: Answer,
        _ number: Int,
        _ index: Int,
        in world: inout World
    ) throws(Model.Counterexample) {
        world.streams[number].answers[index] = self.number(of: answer)
        let all = world.streams[number].answers
        guard all.allSatisfy({ $0 >= 0 }) else { return }
        let progress = replay.all[world.streams[number].progress]
        // A pause between two tries is the invocation's own: its clock is that much ahead.
        guard case .waits(_, let issued, _) = progress.outcome else { return }
        let time = max(world.time, issued)
        let next = replay.answer(progress, all.map { answers[$0] }, at: time)
        try enter(next, number, in: &world)
    }

    private mutating func enter(
        _ progress: LedgerReplay.Progress,
        _ number: Int,
        in world: inout World
    ) throws(Model.Counterexample) {
        world.streams[number].progress = progress.number
        switch progress.outcome {
        case .waits(let requests, _, _):
            world.streams[number].answers = requests.map { _ in -1 }
            let starts = requests.contains { $0.key < 0 }
            if starts, progress.startsBlindly || world.streams[number].beganAfterNewer {
                throw Model.Counterexample(
                    property: .inOrder,
                    what: "invocation \(number) starts an older change"
                )
            }
        case .ended(let outcome, let why):
            end = "; it \(why)"
            if let outcome { try checkEnd(of: number, outcome, world) }
            end(number, isDone: outcome != nil, in: &world)
        }
    }

    private func end(_ number: Int, isDone: Bool, in world: inout World) {
        let attempts = world.streams[number].attempts
        world.streams[number].answers = []
        world.streams[number].progress = -1
        if isDone {
            world.streams[number].phase = .done
        } else if attempts >= scenario.attempts {
            world.streams[number].phase = .givenUp
        } else {
            world.streams[number].phase = .rests
            world.streams[number].resumes = world.time + attempts * LedgerReplay.timeout
        }
    }

    // MARK: The services

    private func content(_ key: Int, _ world: World) -> Int {
        key < world.objects.count ? world.objects[key] : -1
    }

    private mutating func apply(
        _ request: Request,
        of number: Int,
        in world: inout World,
        isCounted: Bool = false
    ) throws(Model.Counterexample) -> Answer {
        switch request.act {
        case .get:
            let found = content(request.key, world)
            return found < 0 ? .missing : .found(found)
        case .put(let content, let absent, let unchanged):
            let there = self.content(request.key, world)
            if absent, there >= 0, scenario.mutation != .ignoresIfNoneMatch {
                return .preconditionFailed
            }
            if let unchanged, there != unchanged, scenario.mutation != .ignoresIfMatch {
                return .preconditionFailed
            }
            try checkWrite(content, over: there, world)
            while world.objects.count <= request.key { world.objects.append(-1) }
            world.objects[request.key] = content
            if scenario.mutation == .staleReadings {
                while world.before.count <= request.key { world.before.append(-1) }
                world.before[request.key] = there
            }
            return .stored(content)
        case .start(let token):
            if !isCounted { count(number, in: &world) }
            if world.requests[receipt(of: number)] > requestLimit {
                throw Model.Counterexample(
                    property: .requestedTwiceAtMost,
                    what: "the target is sent \(world.requests[receipt(of: number)]) requests"
                )
            }
            if scenario.mutation != .forgetsTokens {
                for index in stride(from: 0, to: world.starts.count, by: 2)
                where world.starts[index] == token {
                    let age = world.time - world.starts[index + 1]
                    if scenario.target.tokenLifetime.map({ age < $0 }) ?? true {
                        return .started(index / 2)
                    }
                }
            }
            world.starts += [token, world.time]
            if scenario.target == .codePipeline, count(of: token, world) > 1 {
                throw Model.Counterexample(
                    property: .tokenStartsOnce,
                    what: "the pipeline is started \(count(of: token, world)) times"
                )
            }
            return .started(world.starts.count / 2 - 1)
        }
    }

    /// Without a token two requests may reach the target for one delivery.
    private var requestLimit: Int { scenario.target.tokenLifetime == 0 ? 2 : .max }

    /// The first of the hand-overs that were received at that moment.
    private func receipt(of number: Int) -> Int {
        let change = changes[number]
        return changes.firstIndex {
            $0.receivedAt == change.receivedAt && $0.delivery == change.delivery
        } ?? number
    }

    private func count(_ number: Int, in world: inout World) {
        // More is not told apart where there is no limit.
        if scenario.target.tokenLifetime == 0 { world.requests[receipt(of: number)] += 1 }
    }

    private func count(of token: Int, _ world: World) -> Int {
        stride(from: 0, to: world.starts.count, by: 2).count { world.starts[$0] == token }
    }

    private func hasStarted(change number: Int, _ world: World) -> Bool {
        let identity = changes[number].bodyDigest.startIdentity(ruleKey: ruleKey(number))
        return replay.tokens.firstIndex(of: identity).map { count(of: $0, world) > 0 } ?? false
    }

    private func ruleKey(_ number: Int) -> String {
        "\(Stage.prefix)/rules/github/\(changes[number].repository)/api.json"
    }

    /// What was sent and has had no response is applied at some moment, or never.
    private mutating func sendOff(_ request: Request, of number: Int, in world: inout World) {
        if request.act == .get { return }
        let ends = world.time + (request.key < 0 ? Self.signature : Self.signatureOfS3)
        world.flights.append(
            World.Flight(stream: number, request: self.number(of: request), ends: ends)
        )
        world.flights.sort { ($0.request, $0.stream, $0.ends) < ($1.request, $1.stream, $1.ends) }
    }

    private mutating func number(of answer: Answer) -> Int {
        if let number = answerNumbers[answer] { return number }
        answers.append(answer)
        answerNumbers[answer] = answers.count - 1
        return answers.count - 1
    }

    private mutating func number(of request: Request) -> Int {
        if let number = requestNumbers[request] { return number }
        requests.append(request)
        requestNumbers[request] = requests.count - 1
        return requests.count - 1
    }

    // MARK: Properties

    /// A write of a ledger entry or a head, against what it replaces.
    private func checkWrite(
        _ content: Int,
        over there: Int,
        _ world: World
    ) throws(Model.Counterexample) {
        guard there >= 0, there != content else { return }
        let (new, old) = (replay.contents[content], replay.contents[there])
        if let new = new.head, let old = old.head, new.eventTime < old.eventTime {
            throw Model.Counterexample(property: .inOrder, what: "the head is lowered")
        }
        guard let new = new.ledger, let old = old.ledger else { return }
        if new.state == .starting {
            // A claim: over what is open, and by a redelivery over all but what was started.
            let isOpen = [.starting, .lost, .released, .failed].contains(old.state)
            guard old.state != .started, isOpen || new.receivedAt != old.receivedAt else {
                throw Model.Counterexample(
                    property: .onlyRaised,
                    what: "\(old.state) is claimed anew"
                )
            }
            let holder = world.streams.indices.first { number in
                world.streams[number].phase == .runs
                    && isSame("attempt-\(number)-\(world.streams[number].attempts)/0", old.holder)
            }
            if old.state == .starting, let holder,
                world.time < world.streams[holder].began + LedgerReplay.timeout - 500
            {
                throw Model.Counterexample(
                    property: .claimHolds,
                    what: "the claim of invocation \(holder) is taken by \(new.holder)"
                )
            }
        } else if !(old.state == .starting && isSame(old.holder, new.holder)),
            old.rank > new.rank
        {
            throw Model.Counterexample(
                property: .onlyRaised,
                what: "\(old.state) becomes \(new.state)"
            )
        }
    }

    /// An attempt that ended well: what it says is so.
    private func checkEnd(
        of number: Int,
        _ outcome: RuleOutcome,
        _ world: World
    ) throws(Model.Counterexample) {
        let identity = changes[number].bodyDigest.startIdentity(ruleKey: ruleKey(number))
        let key = replay.keys.firstIndex { $0.hasSuffix("/ledger/\(identity)") } ?? -1
        let entry =
            key < 0 || content(key, world) < 0
            ? nil : replay.contents[content(key, world)].ledger
        let own = "attempt-\(number)-\(world.streams[number].attempts)/0"
        let isOpen = entry.map { $0.state == .starting && isSame($0.holder, own) } ?? true
        guard entry != nil, !isOpen else {
            throw Model.Counterexample(
                property: .concluded,
                what: "invocation \(number) ended and its ledger entry is open"
            )
        }
        let says = [.started, .alreadyStarted].contains(outcome.outcome)
        let isTold = !(outcome.answer ?? "").isEmpty || !outcome.reason.isEmpty
        guard says ? hasStarted(change: number, world) : isTold && !outcome.willBeRetried else {
            throw Model.Counterexample(
                property: .neverLost,
                what: "invocation \(number) says \(outcome.outcome): \(outcome.answer ?? "")"
            )
        }
    }

    /// Nothing is left to happen: one more attempt of each hand-over, in which nothing fails, finishes the job.
    private mutating func checkEnd(_ world: World) throws(Model.Counterexample) {
        report.ends += 1
        var world = world
        world.time = Self.late
        world.flights = []
        world.faults = 0
        for number in world.streams.indices {
            world.streams[number] = World.Stream(began: -1)
        }
        guard ended.insert(world.key).inserted else { return }
        for number in world.streams.indices {
            let attempt = LedgerReplay.Attempt(
                handOver: number,
                number: scenario.attempts + 1,
                begins: world.time
            )
            world.streams[number].phase = .runs
            world.streams[number].attempts = scenario.attempts + 1
            var progress = replay.begin(attempt)
            while case .waits(let requests, let issued, _) = progress.outcome {
                let time = max(world.time, issued)
                var answers: [Answer] = []
                for request in requests {
                    answers.append(try apply(request, of: number, in: &world))
                }
                progress = replay.answer(progress, answers, at: time)
            }
            guard case .ended(let outcome?, _) = progress.outcome else {
                guard case .ended(_, let why) = progress.outcome else { continue }
                throw Model.Counterexample(
                    property: .claimEnds,
                    what: "a later attempt of invocation \(number) \(why)"
                )
            }
            try checkEnd(of: number, outcome, world)
            world.streams[number].phase = .done
        }
        try checkDoubt(world)
    }

    /// What was started twice says that it may have been.
    private func checkDoubt(_ world: World) throws(Model.Counterexample) {
        guard world.starts.count > 2 else { return }
        for number in world.streams.indices {
            let identity = changes[number].bodyDigest.startIdentity(ruleKey: ruleKey(number))
            guard let token = replay.tokens.firstIndex(of: identity), count(of: token, world) > 1
            else { continue }
            let isSaid = replay.keys.indices.contains { key in
                let isOfChange =
                    replay.keys[key].hasSuffix(identity) || replay.keys[key].contains("/decisions/")
                guard isOfChange, content(key, world) >= 0 else { return false }
                let text = String(
                    decoding: replay.contents[content(key, world)].bytes,
                    as: UTF8.self
                )
                return text.contains(StartResult.mayHaveStartedBefore)
                    || text.contains(StartResult.mayHaveStartedTwice)
            }
            guard isSaid else {
                throw Model.Counterexample(
                    property: .doubtIsWritten,
                    what: "the target was started \(count(of: token, world)) times"
                )
            }
        }
    }
}
