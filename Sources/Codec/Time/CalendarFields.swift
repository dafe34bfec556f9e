/// A moment's date and time of day in UTC, in the proleptic Gregorian calendar.
struct CalendarFields {
    private(set) var year: Int
    private(set) var month: Int
    private(set) var day: Int
    private(set) var hour: Int
    private(set) var minute: Int
    private(set) var second: Int
    private(set) var millisecond: Int

    /// The fields of a moment.
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

    /// Days since 1970-01-01 of a date, or `nil` where there is no such day.
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
