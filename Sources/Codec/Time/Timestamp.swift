/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var milliseconds: Int

    /// The moment that many milliseconds after 1970-01-01T00:00:00Z.
    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    /// Whether one moment is before the other.
    package static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.milliseconds < other.milliseconds
    }

    /// The moment that many milliseconds later (earlier where negative).
    package func adding(milliseconds: Int) -> Timestamp {
        Timestamp(milliseconds: self.milliseconds + milliseconds)
    }

    /// `2026-11-21T04:35:47Z`, as ISO 8601 writes it; what is left of a second is cut off.
    package var iso8601: String {
        let fields = CalendarFields(self)
        return fields.date("-") + "T" + fields.time(":") + "Z"
    }

    /// `2026-11-21T04:35:47.012Z`: ISO 8601 with milliseconds, for log lines.
    package var iso8601Milliseconds: String {
        let fields = CalendarFields(self)
        let fraction = CalendarFields.digits(fields.millisecond, 3)
        return fields.date("-") + "T" + fields.time(":") + "." + fraction + "Z"
    }

    /// `20261121T043547Z`: ISO 8601's basic form, which SigV4 signs.
    package var basic: String {
        let fields = CalendarFields(self)
        return fields.date("") + "T" + fields.time("") + "Z"
    }

    /// `2026-11-21`: the day in UTC.
    package var day: String {
        CalendarFields(self).date("-")
    }
}
