import AWS
import Codec
import Core
import Platform

/// Finds decision records in a bucket: they lie by the day of receipt, in UTC.
struct RecordSearch {
    let bucket: Bucket
    /// The days to look at, the latest first.
    let days: [String]

    /// Looks at so many days back from now, or at one.
    init(_ bucket: Bucket, day: String?, days: Int, now: Timestamp) {
        self.bucket = bucket
        self.days =
            day.map { [$0] }
            ?? (0..<max(1, days)).map { now.adding(milliseconds: -$0 * 86_400_000).day }
    }

    /// The records of a delivery, whose id may be cut short; none where no day has one.
    func records(of delivery: String) throws(Failure) -> [SavedRecord] {
        for day in days {
            StatusLine.show("looking for \(delivery) on \(day)")
            let keys = try bucket.objects(below: bucket.keys.decisions(on: day, of: delivery)).map(
                \.key
            )
            let records = try read(keys)
            if !records.isEmpty { return records }
        }
        return []
    }

    /// The records of all days, the latest first.
    ///
    /// - Parameter most: Days further back are not looked at once there are so many.
    func latest(_ most: Int) throws(Failure) -> [SavedRecord] {
        var records: [SavedRecord] = []
        for day in days where records.count < most {
            StatusLine.show("reading the decisions of \(day), \(records.count) so far")
            let keys = try bucket.objects(below: bucket.keys.decisions(on: day)).map(\.key)
            records += try read(keys).sorted { $0.receivedAt > $1.receivedAt }
        }
        return Array(records.prefix(most))
    }

    /// Where the search looked, in words.
    var place: String {
        let folder = bucket.keys.decisions
        guard let first = days.last, let last = days.first, days.count > 1 else {
            return "\(folder)\(days.first ?? "")/"
        }
        return "\(folder), \(first) to \(last)"
    }

    /// The records that lie in those places; none where there is no object any more.
    func read(_ keys: [String]) throws(Failure) -> [SavedRecord] {
        let contents = try bucket.contents(of: keys)
        return zip(keys, contents).compactMap { key, content in
            content.flatMap { SavedRecord(place: key, bytes: $0) }
        }
    }
}
