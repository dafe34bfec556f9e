internal import Codec

/// One event as the bytes of one line.
enum LogLine {
    /// `WARN message key=value`: control characters are escaped, so that no value can end the
    /// line and forge another one.
    static func text(_ level: LogLevel, _ message: String, _ fields: [LogField]) -> [UInt8] {
        var line = Array(level.name.utf8)
        line.append(UInt8(ascii: " "))
        appendEscaped(message, isQuoted: false, to: &line)
        for field in fields {
            line.append(UInt8(ascii: " "))
            appendEscaped(field.name, isQuoted: false, to: &line)
            line.append(UInt8(ascii: "="))
            append(field.value, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// `{"timestamp":…,"level":…,"message":…,…}`: the keys that Lambda's JSON logs have.
    static func json(
        _ level: LogLevel,
        _ message: String,
        _ fields: [LogField],
        at time: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("timestamp", time.iso8601Milliseconds)
            writer.member("level", level.name)
            writer.member("message", message)
            for field in fields {
                writer.key(field.name)
                switch field.value {
                case .string(let value): writer.string(value)
                case .int(let value): writer.int(value)
                case .bool(let value): writer.bool(value)
                case .json(let value): writer.raw(value)
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func append(_ value: LogField.Value, to line: inout [UInt8]) {
        switch value {
        case .string(let text):
            let isPlain = !text.utf8.isEmpty && text.utf8.allSatisfy(isPlainByte)
            if !isPlain { line.append(UInt8(ascii: "\"")) }
            appendEscaped(text, isQuoted: !isPlain, to: &line)
            if !isPlain { line.append(UInt8(ascii: "\"")) }
        case .int(let number): line += String(number).utf8
        case .bool(let flag): line += (flag ? "true" : "false").utf8
        case .json(let bytes):
            appendEscaped(String(decoding: bytes, as: UTF8.self), isQuoted: false, to: &line)
        }
    }

    /// Whether a value may hold the byte without being put in quotes.
    private static func isPlainByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7f && !#""\="#.utf8.contains(byte)
    }

    private static func appendEscaped(_ text: String, isQuoted: Bool, to line: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0a: line += #"\n"#.utf8
            case 0x0d: line += #"\r"#.utf8
            case 0x09: line += #"\t"#.utf8
            // The other control characters (C0, DEL, C1) and Unicode's line separators.
            case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029:
                line += #"\u"#.utf8
                line +=
                    Hex.lower([
                        UInt8(truncatingIfNeeded: scalar.value >> 8),
                        UInt8(truncatingIfNeeded: scalar.value),
                    ]).utf8
            case 0x22 where isQuoted, 0x5c where isQuoted:
                line += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
            default:
                if let bytes = UTF8.encode(scalar) { line += bytes }
            }
        }
    }
}
