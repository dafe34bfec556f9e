import Codec
import Foundation
import Platform
import Trigger

/// A delivery that was evaluated before: its decision record, and how often it was replayed.
struct RecordedDelivery {
    let record: DecisionRecord
    /// The record's key.
    let key: String
    /// How many replays of it have a record of their own.
    let replays: Int

    /// Days that are searched: as long as changes are kept (`template.yaml`), and a day more.
    static let days = 22

    /// Finds the newest record of a delivery.
    init(_ delivery: String, in installation: Installation) throws(Failure) {
        guard !delivery.isEmpty, !delivery.contains("/") else {
            throw Failure("'\(delivery)' is not the id of a delivery")
        }
        let keys = try installation.keys(
            beginningWith: Self.lastDays(installation.clock.now()).map { day in
                "\(installation.prefix)/decisions/\(day)/\(delivery)"
            }
        )
        guard let key = keys.last(where: { $0.hasSuffix("/\(delivery).json") }) else {
            throw Failure(
                "no record of delivery \(delivery) in the last \(Self.days) days, which is as long "
                    + "as changes are kept"
            )
        }
        guard let bytes = try installation.object(key), let record = DecisionRecord(parsing: bytes)
        else { throw Failure("reading \(key): it is no decision record") }
        self.record = record
        self.key = key
        replays = keys.compactMap { Self.replay(of: delivery, $0) }.max() ?? 0
    }

    /// The change as it was handed over, under this delivery's id.
    func change(in installation: Installation) throws(Failure) -> Change {
        guard let changeKey = record.changeKey else {
            throw Failure(
                "\(key) names no kept change: it was written before changes were kept, or this one "
                    + "could not be"
            )
        }
        guard let bytes = try installation.object(changeKey) else {
            throw Failure("the change \(changeKey) is gone: changes are kept for 21 days")
        }
        let handOver: HandOver
        do throws(DescriptionError) {
            handOver = try HandOver(bytes)
        } catch {
            throw Failure("reading \(changeKey): \(error)")
        }
        guard case .change(var change) = handOver else {
            throw Failure("\(changeKey) holds no change")
        }
        guard record.isAbout(change) else { throw Failure("\(changeKey) is another change") }
        // A redelivery of the same body is kept in the same place, under its own id and time.
        change.delivery = record.change.json["delivery"]?.string ?? change.delivery
        let received = record.change.json["receivedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        change.receivedAt = received ?? change.receivedAt
        return change
    }

    /// The number of a replay's record.
    private static func replay(of delivery: String, _ key: String) -> Int? {
        guard let name = key.split(separator: "/").last, name.hasPrefix("\(delivery)-replay-"),
            name.hasSuffix(".json")
        else { return nil }
        return Int(name.dropFirst("\(delivery)-replay-".count).dropLast(".json".count))
    }

    /// The days in UTC, the oldest first, so that the newest record comes last.
    private static func lastDays(_ now: Timestamp) -> [String] {
        (0..<days).reversed().map { now.adding(milliseconds: -$0 * 86_400_000).day }
    }
}
