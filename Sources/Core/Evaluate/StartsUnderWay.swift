internal import AWS
internal import Codec
internal import Platform

/// Starts that are performed side by side, each as far as it has come: none waits for a server that
/// another one calls.
///
/// What goes to AWS is sent together and waited for. Calls of other servers go on meanwhile.
final class StartsUnderWay {
    private let starter: TargetStarter
    private let calls: APICallsUnderWay
    private let deadline: Deadline
    /// What is about to be sent to AWS.
    private var requests: [(number: Int, request: StartStep.AWSRequest)] = []
    /// What follows the calls of other servers that are under way.
    private var apiRequests: [Int: StartStep.APIRequest] = [:]
    private var ended: [Ended] = []

    struct Ended {
        var number: Int
        var result: StartResult
    }

    /// What a start that is to make a pipeline counts: a pipeline's structure is read and written.
    private static let pipelineWeight = 128 << 10

    init(_ starter: TargetStarter, calls: APICallsUnderWay, deadline: Deadline) {
        self.starter = starter
        self.calls = calls
        self.deadline = deadline
    }

    /// Whether there is nothing to carry on with.
    var isEmpty: Bool { requests.isEmpty && apiRequests.isEmpty && ended.isEmpty }

    /// Begins a start, which `carryOn` returns under that number: how many bytes of a request it holds
    /// until it is sent.
    ///
    /// - Parameter isProtected: the service still knows the client token of an earlier request.
    func begin(_ start: Start, number: Int, isProtected: Bool) -> Int {
        advance(number, starter.firstStep(of: start, isProtected: isProtected))
        if case .pullRequestPipeline = start.action { return Self.pipelineWeight }
        guard let last = requests.last, last.number == number else { return 0 }
        return last.request.call.body.count
    }

    /// Carries on until at least one start has ended, or a moment has come, and returns those that
    /// have.
    ///
    /// What goes to AWS is always waited for.
    func carryOn(until moment: Timestamp) -> [Ended] {
        while ended.isEmpty {
            sendRequests()
            guard ended.isEmpty, !apiRequests.isEmpty else { break }
            let answers = calls.ended(by: moment)
            for answer in answers {
                guard let request = apiRequests.removeValue(forKey: answer.number) else { continue }
                advance(answer.number, request.then(answer.result))
            }
            if answers.isEmpty { break }
        }
        defer { ended = [] }
        return ended
    }

    /// Sends what goes to AWS until nothing does.
    ///
    /// What must not be sent twice goes last, since it may take all the time that is left.
    private func sendRequests() {
        while !requests.isEmpty {
            var batch = requests
            if batch.contains(where: { $0.request.call.isRepeatable }) {
                batch.removeAll { !$0.request.call.isRepeatable }
                requests.removeAll { $0.request.call.isRepeatable }
            } else {
                requests = []
            }
            let answers = starter.send(batch.map { $0.request }, deadline: deadline)
            for (entry, answer) in zip(batch, answers) {
                advance(entry.number, entry.request.then(answer))
            }
        }
    }

    private func advance(_ number: Int, _ first: StartStep) {
        var step = first
        while case .makeToken(let request) = step {
            step = request.then(starter.token(for: request, deadline: deadline))
        }
        switch step {
        case .ended(let result): ended.append(Ended(number: number, result: result.cut))
        case .callAWS(let request): requests.append((number: number, request: request))
        case .callAPI(let request):
            apiRequests[number] = request
            calls.begin(request.call, number: number, deadline: deadline)
        case .makeToken: break
        }
    }
}

/// How many starts are under way at servers that are not AWS's.
///
/// A server that does not answer holds its slots for as long as a start may take. So one server has
/// no more than the common slots, and each has one beyond those, as long as there are any.
struct ServerSlots {
    /// The slots that any server may take.
    static let common = 32
    /// All slots; those beyond the common ones are for servers that have none.
    static let all = 128

    private var numbers: [ByteKey: Int] = [:]
    private var taken: [Int] = []
    private var takenInAll = 0

    /// The number by which a server is known here.
    mutating func number(of server: ByteKey) -> Int {
        if let number = numbers[server] { return number }
        numbers[server] = taken.count
        taken.append(0)
        return taken.count - 1
    }

    /// Takes a slot at a server; false if it has none.
    mutating func take(_ server: Int) -> Bool {
        guard takenInAll < (taken[server] == 0 ? Self.all : Self.common) else { return false }
        taken[server] += 1
        takenInAll += 1
        return true
    }

    mutating func giveBack(_ server: Int) {
        taken[server] -= 1
        takenInAll -= 1
    }
}
