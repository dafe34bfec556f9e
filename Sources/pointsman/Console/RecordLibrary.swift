import AWS
import Codec
import Core
import Foundation
import Platform
import Synchronization

/// The decision records that the console has read: the latest first, a day after the other, so many.
struct RecordLibrary {
    struct Limits {
        /// Deliveries that are kept; further ones are not read.
        var deliveries = 20_000
        /// Records that are read for one answer.
        var batch = 1_000
        /// Bytes of a record that is read.
        var record = 6_000_000
        /// Days without a record that one answer looks at.
        var emptyDays = 14
        /// Milliseconds between two looks for what is new.
        var interval = 4_000
    }

    let source: ObjectSource
    private let limits: Limits
    private let now: () -> Timestamp
    /// How many days back are looked at.
    private let days: Int
    private var summaries: [String: DeliverySummary] = [:]
    private var versions: [ByteKey: String] = [:]
    private var pending: [ObjectSource.Listed] = []
    /// The days that were listed, the latest first.
    private var looked: [String] = []
    private var lastLook: Timestamp?
    private var revision = 0
    private(set) var paths = SeenPaths()

    init(
        _ source: ObjectSource,
        days: Int,
        limits: Limits = Limits(),
        now: @escaping () -> Timestamp = { WallClock.system.now() }
    ) {
        self.source = source
        self.days = days
        self.limits = limits
        self.now = now
    }

    /// The summaries that have changed since a revision, after a look for what is new.
    ///
    /// - Parameters:
    ///   - revision: The one of the answer before; 0 for the first.
    ///   - older: Whether to go further back, once nothing waits to be read.
    mutating func answer(since revision: Int, older: Bool) throws(Failure) -> JSON {
        try lookForNew()
        if pending.isEmpty, older || summaries.isEmpty { try lookFurtherBack() }
        read()
        // The page should not open empty: days are read until one has a delivery.
        let isSearching = summaries.isEmpty && hasOlder
        let changed = summaries.values.filter { $0.revision > revision }
            .sorted { $0.revision < $1.revision }
        let shown = Array(changed.prefix(2 * limits.batch))
        return SummaryTable(shown).json.adding([
            "revision": .int(shown.last?.revision ?? max(revision, 0)),
            "more": .bool(!pending.isEmpty || shown.count < changed.count || isSearching),
            "waiting": .int(pending.count),
            "older": .bool(hasOlder),
            "full": .bool(isFull),
            "oldest": looked.last.map(JSON.string),
            "place": .string(source.place),
        ])
    }

    /// Looks once, so that what is wrong with the source is known.
    mutating func begin() throws(Failure) { try lookForNew() }

    /// Reads all that there is, as far as the limits go.
    mutating func all() throws(Failure) -> [DeliverySummary] {
        try lookForNew()
        repeat {
            if pending.isEmpty { try lookFurtherBack() }
            read()
        } while !pending.isEmpty || hasOlder
        return summaries.values.sorted { ($1.receivedAt, $1.key) < ($0.receivedAt, $0.key) }
    }

    /// A delivery that was read, by its id.
    func summary(_ id: String) -> DeliverySummary? { summaries[id] }

    /// The record of a delivery, read anew.
    func record(of summary: DeliverySummary) throws(Failure) -> SavedRecord {
        guard let bytes = try source.contents([summary.key])[0] else {
            throw Failure("the record \(summary.key) is gone")
        }
        guard let saved = SavedRecord(place: summary.key, bytes: bytes) else {
            throw Failure("\(summary.key) is no decision record")
        }
        return saved
    }

    private var isFull: Bool { summaries.count >= limits.deliveries }

    private var hasOlder: Bool {
        guard !isFull, let last = looked.last else { return false }
        return last > oldestDay
    }

    /// The last day that is looked at.
    private var oldestDay: String { now().adding(milliseconds: -(days - 1) * 86_400_000).day }

    /// Lists today and yesterday, as one may be under way at midnight, once all that was listed is read.
    private mutating func lookForNew() throws(Failure) {
        guard pending.isEmpty else { return }
        let time = now()
        if let lastLook, time.milliseconds - lastLook.milliseconds < limits.interval { return }
        for offset in [0, 1] where offset < days {
            let day = time.adding(milliseconds: -offset * 86_400_000).day
            try list(day)
        }
        lastLook = time
    }

    /// Lists days until one has a record.
    private mutating func lookFurtherBack() throws(Failure) {
        let known = try source.days?().filter { $0 >= oldestDay }
        for _ in 0..<limits.emptyDays {
            guard hasOlder, pending.isEmpty, let last = looked.last else { return }
            let before = Timestamp(iso8601: "\(last)T12:00:00Z")?.adding(milliseconds: -86_400_000)
            let next = known.map { days in days.first { $0 < last } } ?? before?.day
            try list(next ?? oldestDay)
        }
    }

    private mutating func list(_ day: String) throws(Failure) {
        let objects = try source.list(source.keys.decisions(on: day), nil)
        if !looked.contains(day) {
            looked.append(day)
            looked.sort(by: >)
        }
        let waiting = Set(pending.map { ByteKey($0.key) })
        for object in objects {
            let key = ByteKey(object.key)
            guard versions[key] != object.version, !waiting.contains(key) else { continue }
            pending.append(object)
        }
    }

    private mutating func read() {
        let room = limits.deliveries + limits.batch - summaries.count
        let part = Array(pending.prefix(min(limits.batch, max(0, room))))
        pending.removeFirst(part.count)
        if room <= 0 { pending = [] }
        let small = part.filter { $0.size <= limits.record }
        for object in part where object.size > limits.record {
            let problem = "it has \(object.size) bytes, and none of evaluate's has so many"
            keep(DeliverySummary(unreadable: object.key, problem), object)
        }
        for (object, content) in zip(small, source.read(small.map(\.key))) {
            switch content {
            case .success(nil): break
            case .success(let bytes?): take(bytes, of: object)
            case .failure(let failure):
                keep(DeliverySummary(unreadable: object.key, failure.description), object)
            }
        }
        bound()
    }

    private mutating func take(_ bytes: [UInt8], of object: ObjectSource.Listed) {
        if let saved = SavedRecord(place: object.key, bytes: bytes) {
            keep(DeliverySummary(saved, prefix: source.prefix), object)
            paths.add(saved, prefix: source.prefix)
        } else if (try? JSON(parsing: bytes))?["test"] != nil {
            // A self-check is no delivery.
            versions[ByteKey(object.key)] = object.version
        } else {
            keep(DeliverySummary(unreadable: object.key, "it is no decision record"), object)
        }
    }

    private mutating func keep(_ summary: DeliverySummary, _ object: ObjectSource.Listed) {
        var summary = summary
        revision += 1
        summary.revision = revision
        summaries[summary.id] = summary
        versions[ByteKey(object.key)] = object.version
    }

    /// Forgets the oldest where there are too many.
    private mutating func bound() {
        guard summaries.count > limits.deliveries else { return }
        let oldest = summaries.values.sorted { $0.receivedAt < $1.receivedAt }
        for summary in oldest.prefix(summaries.count - limits.deliveries) {
            summaries[summary.id] = nil
        }
    }
}

/// The library on a thread of its own: reading a bucket waits, and a server's threads must not.
final class RecordReader: Sendable {
    private let library: Mutex<RecordLibrary?> = Mutex(nil)
    private let queue = DispatchQueue(label: "console")
    private let make: @Sendable () throws(Failure) -> RecordLibrary

    init(_ make: @escaping @Sendable () throws(Failure) -> RecordLibrary) {
        self.make = make
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (inout RecordLibrary) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { waiting in
            queue.async {
                waiting.resume(returning: self.perform(body))
            }
        }
        return try result.get()
    }

    private func perform<Value: Sendable>(
        _ body: @Sendable (inout RecordLibrary) throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        library.withLock { known in
            do throws(Failure) {
                var library = if let known { known } else { try make() }
                defer { known = library }
                return .success(try body(&library))
            } catch {
                return .failure(error)
            }
        }
    }
}
