internal import Codec

extension JSON {
    /// What the value is, as a message shows it.
    var inWords: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): "the number \(clipped(text))"
        case .string(let text): "the string '\(clipped(text))'"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension [JSON.Member] {
    /// Of the members with one name the last, which is the one that counts, in their order.
    var lastOfEachName: [JSON.Member] {
        let byName = indices.sorted { one, other in
            let (name, otherName) = (self[one].key.utf8.span, self[other].key.utf8.span)
            if isBefore(name, otherName) { return true }
            return one < other && !isBefore(otherName, name)
        }
        var isLast = [Bool](repeating: true, count: count)
        for (index, next) in zip(byName, byName.dropFirst()) {
            isLast[index] = !isSame(self[index].key, self[next].key)
        }
        return indices.compactMap { isLast[$0] ? self[$0] : nil }
    }
}

extension [String] {
    /// Whether a text is among these, by bytes.
    func containsText(_ text: String) -> Bool {
        contains { isSame($0, text) }
    }

    /// `a, b or c`.
    var alternatives: String {
        guard count > 1, let last else { return joined("") }
        return "\([String](dropLast()).joined(", ")) or \(last)"
    }

    /// The texts one after the other.
    func joined(_ separator: String) -> String {
        var text = ""
        for (index, part) in enumerated() {
            if index > 0 { text += separator }
            text += part
        }
        return text
    }
}
