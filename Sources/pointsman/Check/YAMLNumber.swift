/// A number of YAML 1.1, which CloudFormation reads (https://yaml.org/type/int.html, float.html).
///
/// Texts without quotes that look like one are sent as another text: `0123` as `83`, `12:30` as `750`.
enum YAMLNumber {
    /// The number as CloudFormation sends it; `nil` for what is none to YAML 1.1.
    static func sent(_ text: String) -> String? {
        let isNegative = text.hasPrefix("-")
        let unsigned = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
        let digits = unsigned.replacing("_", with: "")
        guard digits.first?.isASCII == true, !text.hasPrefix("_") else { return nil }
        if let integer = integer(digits) { return isNegative ? "-\(integer)" : "\(integer)" }
        guard let float = float(digits) else { return nil }
        return "\(isNegative ? -float : float)"
    }

    private static func integer(_ text: String) -> Int? {
        if text.hasPrefix("0b") { return Int(text.dropFirst(2), radix: 2) }
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        if text.contains(":") {
            guard let value = sexagesimal(text), value.rounded() == value else { return nil }
            return text.contains(".") ? nil : Int(exactly: value)
        }
        // With a digit above 7 it is a text.
        if text.hasPrefix("0"), text.count > 1 { return Int(text.dropFirst(), radix: 8) }
        return Int(text)
    }

    private static func float(_ text: String) -> Double? {
        if text.contains(":") { return sexagesimal(text) }
        guard text.contains(where: { ".eE".contains($0) }) || text.count > 18,
            text.first?.isNumber == true || text.hasPrefix("."), !text.hasPrefix("0x")
        else { return nil }
        return Double(text)
    }

    /// `1:30` is 90, `1:30:00.5` is 5400.5.
    private static func sexagesimal(_ text: String) -> Double? {
        var value = 0.0
        for (index, part) in text.split(separator: ":", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let number = Double(part), index == 0 || number < 60 else { return nil }
            value = value * 60 + number
        }
        return value
    }
}
