/// A moment in UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
    package var milliseconds: Int

    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

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
    package var day: String { CalendarFields(self).date("-") }
}

extension Timestamp {
    /// Reads `2019-05-15T15:20:41Z`; or with a fraction of a second, cut after milliseconds;
    /// or with an offset from UTC, `+02:00` or `+0200`, in place of the `Z`.
    ///
    /// `nil` if it is not of that form, or there is no such day or time: 30 February,
    /// 24:00, the second 60, or no offset at all.
    package init?(iso8601 text: String) {
        var text = TimestampText(text)
        guard let year = text.number(4), text.skip("-"), let month = text.number(2),
            text.skip("-"), let day = text.number(2), text.skip("T"),
            let hour = text.number(2), hour < 24, text.skip(":"),
            let minute = text.number(2), minute < 60, text.skip(":"),
            let second = text.number(2), second < 60,
            let fraction = text.fraction(), let offset = text.offset(), text.isAtEnd,
            let days = CalendarFields.days(year: year, month: month, day: day)
        else { return nil }
        let minutes = (days * 24 + hour) * 60 + minute - offset
        self.init(milliseconds: (minutes * 60 + second) * 1000 + fraction)
    }
}

/// The text of a moment, read from left to right.
private struct TimestampText {
    private let text: [UInt8]
    private var index = 0

    init(_ text: String) {
        self.text = [UInt8](text.utf8)
    }

    var isAtEnd: Bool { index == text.count }

    /// Skips a character if it comes next; whether it did.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// Reads exactly that many digits.
    mutating func number(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Reads a fraction, if one comes next, as milliseconds.
    mutating func fraction() -> Int? {
        guard skip(".") else { return 0 }
        guard var value = digit() else { return nil }
        value *= 100
        var weight = 10
        while let digit = digit() {
            value += digit * weight
            weight /= 10
        }
        return value
    }

    /// Reads an offset from UTC as minutes.
    mutating func offset() -> Int? {
        if skip("Z") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(2), hours < 24 else { return nil }
        _ = skip(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        let offset = hours * 60 + minutes
        return isEast ? offset : -offset
    }

    private mutating func digit() -> Int? {
        guard index < text.count, text[index].isASCIIDigit else { return nil }
        index += 1
        return Int(text[index - 1]) - 0x30
    }
}

extension Timestamp {
    /// Reads seconds since 1970-01-01T00:00:00Z as JSON writes a number: `1790000000`,
    /// `1790000000.123`, `1.790000000123E9`; cut after milliseconds, not before 1970.
    ///
    /// `nil` if it is not such a number, or not a moment of the years up to 9999.
    package init?(epochSeconds text: String) {
        var digits: [Int] = []
        var point: Int?
        var exponent = 0
        var bytes = [UInt8](text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case 0x30...0x39 where digits.count < 30: digits.append(Int(byte) - 0x30)
            case UInt8(ascii: ".") where point == nil: point = digits.count
            case UInt8(ascii: "E"), UInt8(ascii: "e"):
                if bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
                guard bytes.count <= 2, let value = Int(String(decoding: bytes, as: UTF8.self))
                else { return nil }
                exponent = value
                bytes = []
            default: return nil
            }
        }
        let length = (point ?? digits.count) + exponent + 3
        guard !digits.isEmpty, (3...15).contains(length) else { return nil }
        var milliseconds = 0
        for index in 0..<length {
            milliseconds = milliseconds * 10 + (index < digits.count ? digits[index] : 0)
        }
        guard milliseconds < 253_402_300_800_000 else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

/// A moment's date and time of day in UTC, in the proleptic Gregorian calendar.
struct CalendarFields {
    private(set) var year: Int
    private(set) var month: Int
    private(set) var day: Int
    private(set) var hour: Int
    private(set) var minute: Int
    private(set) var second: Int
    private(set) var millisecond: Int

    init(_ moment: Timestamp) {
        let (days, rest) = Self.divide(moment.milliseconds, by: 86_400_000)
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
        // Years are counted from March on, so that the leap day is a year's last; 719,468
        // days lie between 0000-03-01 and 1970-01-01, 146,097 are one cycle of 400 years.
        let (era, dayOfEra) = Self.divide(days + 719_468, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - Self.daysBefore(yearOfEra)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01 of a date, or `nil` if there is no such day.
    static func days(year: Int, month: Int, day: Int) -> Int? {
        guard (1...12).contains(month), (1...length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        let (era, yearOfEra) = divide(month <= 2 ? year - 1 : year, by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return era * 146_097 + daysBefore(yearOfEra) + dayOfYear - 719_468
    }

    /// `2026-11-21`, with something else for the hyphens.
    func date(_ separator: String) -> String {
        let month = Self.digits(month, 2)
        return Self.digits(year, 4) + separator + month + separator + Self.digits(day, 2)
    }

    /// `04:35:47`, with something else for the colons.
    func time(_ separator: String) -> String {
        let minute = Self.digits(minute, 2)
        return Self.digits(hour, 2) + separator + minute + separator + Self.digits(second, 2)
    }

    /// A number with at least that many digits.
    static func digits(_ value: Int, _ count: Int) -> String {
        let digits = String(value.magnitude)
        let zeros = String(repeating: "0", count: max(0, count - digits.utf8.count))
        return (value < 0 ? "-" : "") + zeros + digits
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    /// The days of an era before one of its years.
    private static func daysBefore(_ yearOfEra: Int) -> Int {
        365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100
    }

    /// Quotient rounded down, and the remainder, never negative.
    private static func divide(_ value: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
