extension Timestamp {
    /// Reads `2019-05-15T15:20:41Z`; or with a fraction of a second, cut after milliseconds;
    /// or with an offset from UTC, `+02:00` or `+0200`, in place of the `Z`.
    ///
    /// `nil` where it is not of that form, or there is no such day or time: 30 February,
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

    var isAtEnd: Bool {
        index == text.count
    }

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
        guard index < text.count, (0x30...0x39).contains(text[index]) else { return nil }
        index += 1
        return Int(text[index - 1]) - 0x30
    }
}
