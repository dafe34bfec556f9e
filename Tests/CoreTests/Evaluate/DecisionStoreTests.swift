import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct DecisionStoreTests {
    private static let change = Change.push(minute: 0)

    private let stage: Stage
    private let store: DecisionStore
    private let key: String
    private let otherKey: String

    init() throws {
        stage = try Stage()
        store = DecisionStore(services: stage.services, change: Self.change)
        key = stage.services.keys.decision(on: Self.change)
        otherKey = stage.services.keys.otherDecision(on: Self.change)
    }

    private static func record(
        _ requestID: String,
        started: [String] = [],
        skipped: [String] = [],
        of change: Change = change
    ) -> DecisionRecord {
        let started = started.map { `A decision record`.rule($0, .started, answer: requestID) }
        return DecisionRecord(
            change: change,
            rules: started + skipped.map { `A decision record`.rule($0, .skipped) },
            at: Stage.start,
            requestID: requestID
        )
    }

    private func put(_ record: DecisionRecord) {
        stage.aws.put(key, String(decoding: record.encoded(), as: UTF8.self))
    }

    private func find() throws -> DecisionStore.Found {
        try store.found(stage.services.client.send([store.reading], deadline: stage.deadline())[0])
    }

    private func write(_ record: DecisionRecord, over found: DecisionStore.Found) -> CallError? {
        let written = store.write(record, over: found, deadline: stage.deadline()) { call in
            stage.services.client.send([call], deadline: stage.deadline())[0]
        }
        switch written {
        case .success(let key):
            #expect(stage.aws.objects[key] != nil)
            return nil
        case .failure(let error): return error
        }
    }

    /// `api started by one, web skipped` of the record at a key.
    private func stored(at key: String) -> [String]? {
        stage.aws.objects[key].flatMap { DecisionRecord(parsing: $0.body) }?.rules.map {
            "\($0.ruleKey) \($0.outcome.rawValue)" + ($0.answer.map { " by \($0)" } ?? "")
        }
    }

    @Test func `the first attempt's record is created`() throws {
        #expect(try find().earlier == nil)
        #expect(write(Self.record("one", started: ["api"]), over: try find()) == nil)
        #expect(stored(at: key) == ["api started by one"])
    }

    @Test func `a later attempt's record keeps what was started`() throws {
        put(Self.record("one", started: ["api", "gone"]))
        let found = try find()
        #expect(found.earlier?.rules.count == 2)
        #expect(write(Self.record("two", started: ["web"], skipped: ["api"]), over: found) == nil)
        #expect(
            stored(at: key) == ["web started by two", "api started by one", "gone started by one"]
        )
    }

    @Test func `what another run has written meanwhile is kept too`() throws {
        let found = try find()
        put(Self.record("other", started: ["api"]))
        #expect(write(Self.record("one", started: ["web"]), over: found) == nil)
        #expect(stored(at: key) == ["web started by one", "api started by other"])
    }

    @Test func `a write whose response was lost is not made again`() throws {
        let found = try find()
        stage.aws.forgetCalls()
        stage.aws.fault = { call, _ in call == 1 ? .lostAnswer : nil }
        #expect(write(Self.record("one", started: ["api"]), over: found) == nil)
        #expect(stage.aws.calls == ["PUT \(key)", "PUT \(key)", "GET \(key)"])
    }

    @Test func `what is no record is overwritten, and the log says so`() throws {
        stage.aws.put(key, "text")
        #expect(write(Self.record("one", started: ["api"]), over: try find()) == nil)
        #expect(stored(at: key) == ["api started by one"])
        #expect(stage.log.contains("bucket/\(key) is no decision record and is overwritten"))
    }

    @Test(arguments: [false, true])
    func `the record of another change stays, be it there before or written meanwhile`(
        meanwhile: Bool
    ) throws {
        let other = Self.change.with { $0.bodyDigest = BodyDigest(eventID: "o", ref: "o") }
        let absent = try find()
        put(Self.record("other", started: ["api"], of: other))
        let found = meanwhile ? absent : try find()
        #expect(found.earlier == nil)
        #expect(write(Self.record("one", started: ["web"]), over: found) == nil)
        #expect(stored(at: key) == ["api started by other"])
        #expect(stored(at: otherKey) == ["web started by one"])
        #expect(stage.log.contains("bucket/\(key) is about another change and is kept"))
    }

    @Test func `a record that cannot be written is an error`() throws {
        let found = try find()
        stage.aws.s3Error = (403, "AccessDenied")
        #expect(
            write(Self.record("one"), over: found)?.description
                == "s3:PutObject of bucket/\(key): 403 AccessDenied: as scripted"
        )
    }
}
