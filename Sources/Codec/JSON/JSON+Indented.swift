extension JSON {
    /// The value as JSON text for people: a member or an element a line, two spaces a level.
    package func indented() -> [UInt8] {
        var bytes: [UInt8] = []
        writeIndented(to: &bytes, level: 0)
        return bytes
    }

    private func writeIndented(to bytes: inout [UInt8], level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                Self.beginLine(&bytes, level: level + 1, isFirst: index == 0)
                element.writeIndented(to: &bytes, level: level + 1)
            }
            Self.beginLine(&bytes, level: level, isFirst: true)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                Self.beginLine(&bytes, level: level + 1, isFirst: index == 0)
                bytes += JSON.string(member.key).encoded()
                bytes += ": ".utf8
                member.value.writeIndented(to: &bytes, level: level + 1)
            }
            Self.beginLine(&bytes, level: level, isFirst: true)
            bytes.append(UInt8(ascii: "}"))
        default:
            bytes += encoded()
        }
    }

    private static func beginLine(_ bytes: inout [UInt8], level: Int, isFirst: Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: 2 * level)
    }
}
