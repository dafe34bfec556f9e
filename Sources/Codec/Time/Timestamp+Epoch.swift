extension Timestamp {
    /// Reads seconds since 1970-01-01T00:00:00Z as JSON writes a number: `1790000000`,
    /// `1790000000.123`, `1.790000000123E9`; cut after milliseconds, not before 1970.
    ///
    /// `nil` where it is none, or not a moment of the years up to 9999.
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
