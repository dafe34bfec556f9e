import AWS
import Codec
import Core
import Platform

/// Looks again and again for decision records that are new, or were written anew.
struct RecordFollow {
    private let open: () throws(Failure) -> Bucket
    private let clock: WallClock
    private var bucket: Bucket
    /// The version of each record of the days that are looked at, by its key.
    private var known: [ByteKey: String] = [:]

    /// Milliseconds between one look and the next.
    static let interval = 5_000

    /// - Parameter open: Opens the bucket, once more where its keys have ended.
    init(
        _ open: @escaping () throws(Failure) -> Bucket,
        clock: WallClock = .system
    ) throws(Failure) {
        self.open = open
        self.clock = clock
        bucket = try open()
    }

    var prefix: String { bucket.prefix }

    /// The records that the last look has not shown, the oldest first.
    ///
    /// Today and yesterday are looked at: one may be under way at midnight.
    mutating func next() throws(Failure) -> [SavedRecord] {
        let (search, versions) = try look()
        let keys = versions.keys.filter { known[$0] != versions[$0] }.sorted()
        let records = try search.read(keys.map(\.text))
        known = versions
        return records.sorted { $0.receivedAt < $1.receivedAt }
    }

    /// Takes what is there now as shown.
    mutating func skip() throws(Failure) {
        known = try look().versions
    }

    private mutating func look() throws(Failure) -> (
        search: RecordSearch, versions: [ByteKey: String]
    ) {
        if bucket.hasEnded { bucket = try open() }
        let search = RecordSearch(bucket, day: nil, days: 2, now: clock.now())
        var versions: [ByteKey: String] = [:]
        for day in search.days {
            for object in try bucket.objects(below: bucket.keys.decisions(on: day)) {
                versions[ByteKey(object.key)] = object.etag
            }
        }
        return (search, versions)
    }
}
