import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct HeadStoreTests {
    private let stage: Stage
    private let start: Start
    private let store: HeadStore
    private let key: String

    /// A push of minute 5.
    init() throws {
        stage = try Stage()
        // No head is of the future.
        stage.wait(3_600_000)
        start = try Start.sample(of: .push(minute: 5))
        store = HeadStore(services: stage.services, change: .push(minute: 5))
        key = stage.services.keys.head(ofRule: start.ruleKey, scope: "branch:main")
    }

    private func read(_ start: Start) -> HeadStore.Known {
        let readings = store.readings(of: [start])
        let responses = stage.services.client.send(
            readings.compactMap { $0 },
            deadline: stage.deadline()
        )
        return store.known(readings, responses)[0]
    }

    /// The head of minute 5, or of another one, written by somebody.
    private func put(minute: Int) throws {
        let change = Change.push(minute: minute)
        let head = StartHead(
            try Start.sample(of: change),
            at: Stage.start.adding(milliseconds: minute * 60_000),
            of: change,
            answer: "by another"
        )
        stage.aws.put(key, String(decoding: head.encoded(), as: UTF8.self))
    }

    private func raise(over known: HeadStore.Known) throws {
        for update in store.raising(start, answer: "id", over: known) {
            try stage.services.client.update(update, deadline: stage.deadline())
        }
    }

    private var head: StartHead? {
        stage.aws.objects[key].flatMap { StartHead(parsing: $0.body) }
    }

    private static let newer =
        "a newer change was started: \(String(repeating: "b", count: 40)) at 2026-09-21T14:19:20Z"

    @Test(arguments: [(4, nil), (5, nil), (6, newer), (nil, nil)] as [(Int?, String?)])
    func `a start is held back by a head that is newer`(minute: Int?, reason: String?) throws {
        if let minute { try put(minute: minute) }
        let order = try #require(start.order)
        #expect(read(start).reason(toHoldBack: order) == reason)
    }

    @Test(
        arguments: [
            (Self.commit, false, "\(Self.commit) was started before: by another"),
            (String(repeating: "c", count: 40), false, nil),
            // A pull request's pipeline was removed: nothing of that commit is there.
            (Self.commit, true, nil),
        ] as [(String, Bool, String?)]
    )
    func `what is started once for a commit is not if the head is at that`(
        commit: String,
        isEnd: Bool,
        answer: String?
    ) throws {
        try put(minute: 4)
        if isEnd { stage.aws.put(key, try endedHead()) }
        var order = try #require(start.order)
        #expect(read(start).answer(onceFor: order) == nil)
        order.onceFor = commit
        #expect(read(start).answer(onceFor: order) == answer)
        let once = start.with(order: order)
        #expect(store.raising(once, answer: "id", over: read(start)).isEmpty == (answer != nil))
    }

    private static let commit = String(repeating: "b", count: 40)

    private func endedHead() throws -> String {
        let head = try #require(stage.aws.text(key))
        let ended = head.dropLast() + #","ended":true}"#
        let parsed = try #require(StartHead(parsing: Array(ended.utf8)))
        #expect(parsed.isEnd)
        #expect(String(decoding: parsed.encoded(), as: UTF8.self) == ended)
        return String(ended)
    }

    @Test func `a start without an order has no head`() throws {
        let timeless = try Start.sample()
        #expect(store.readings(of: [timeless, start]).map { $0 != nil } == [false, true])
        guard case .absent = read(timeless) else {
            Issue.record("it has one")
            return
        }
        #expect(store.raising(timeless, answer: "id", over: .absent).isEmpty)
    }

    @Test(arguments: [
        ("text", "tells of no start"),
        (#"{"eventTime":"2099-01-01T00:00:00Z"}"#, "tells of the future"),
    ])
    func `a head that cannot be is overwritten, and the log says so`(text: String, words: String)
        throws
    {
        stage.aws.put(key, text)
        try raise(over: read(start))
        #expect(stage.log.contains("bucket/\(key) \(words), is overwritten"))
        #expect(head?.answer == "id")
    }

    @Test func `a head that cannot be read is not overwritten unread`() throws {
        try put(minute: 6)
        stage.aws.s3Error = (403, "AccessDenied")
        let known = read(start)
        guard case .unknown(let why) = known else {
            Issue.record("it is known")
            return
        }
        #expect(why == "s3:GetObject of bucket/\(key): 403 AccessDenied: as scripted")
        stage.aws.s3Error = nil
        try raise(over: known)
        #expect(head?.answer == "by another")
    }

    @Test(arguments: [(4, "id"), (5, "by another"), (6, "by another")])
    func `a head is raised by what is newer alone`(minute: Int, answer: String) throws {
        try put(minute: minute)
        try raise(over: read(start))
        #expect(head?.answer == answer)
    }

    @Test(arguments: [(4, "id"), (6, "by another")])
    func `and so is one that another run writes meanwhile`(minute: Int, answer: String) throws {
        let known = read(start)
        try put(minute: minute)
        try raise(over: known)
        #expect(head?.answer == answer)
    }
}
