import Codec
import Foundation
import Platform
import Trigger

/// A delivery that was evaluated before: its decision record, and how often it was replayed.
struct RecordedDelivery {
    let saved: SavedRecord
    /// How many replays of it have a record of their own.
    let replays: Int

    /// Days that are searched: as long as changes are kept (`template.yaml`), and a day more.
    static let days = 22

    /// Finds the newest record of a delivery, by its whole id.
    init(_ delivery: String, in bucket: Bucket) throws(Failure) {
        let search = RecordSearch(bucket, day: nil, days: Self.days, now: bucket.clock.now())
        let records = try search.records(of: delivery)
        guard let saved = records.first(where: { $0.place.hasSuffix("/\(delivery).json") }) else {
            throw Failure(
                "no record of delivery \(delivery) in the last \(Self.days) days, which is as long "
                    + "as changes are kept"
            )
        }
        self.saved = saved
        replays = records.compactMap { Self.replay(of: delivery, $0.place) }.max() ?? 0
    }

    /// The change as it was handed over, under this delivery's id.
    func change(in bucket: Bucket) throws(Failure) -> Change {
        let record = saved.record
        guard let key = record.changeKey else {
            throw Failure(
                "\(saved.place) names no kept change: it was written before changes were kept, or "
                    + "this one could not be"
            )
        }
        guard let bytes = try bucket.contents(of: [key])[0] else {
            throw Failure("the change \(key) is gone: changes are kept for 21 days")
        }
        let handOver: HandOver
        do throws(DescriptionError) {
            handOver = try HandOver(bytes)
        } catch {
            throw Failure("reading \(key): \(error)")
        }
        guard case .change(var change) = handOver else { throw Failure("\(key) holds no change") }
        guard record.isAbout(change) else { throw Failure("\(key) is another change") }
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
}
