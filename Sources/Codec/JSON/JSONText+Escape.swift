extension JSONText {
    /// Whether a text may stand between a string's quotes as it is.
    static func needsNoEscape(_ text: Span<UInt8>) -> Bool {
        plainEnd(text, 0) == text.count
    }

    /// Appends text as it stands between a string's quotes (section 7).
    ///
    /// `"`, `\` and what is below 0x20 are escaped; what is not UTF-8 becomes U+FFFD.
    static func escape(_ text: Span<UInt8>, into bytes: inout [UInt8]) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x20..<0x80: bytes.append(byte)
            case 0x00..<0x20: escapeControl(byte, into: &bytes)
            default:
                let sequence = UTF8Sequence.next(in: text, at: index)
                if sequence.isWellFormed {
                    for offset in 0..<sequence.length { bytes.append(text[index + offset]) }
                } else {
                    bytes.append(contentsOf: UTF8Sequence.replacement)
                }
                index += sequence.length
                continue
            }
            index += 1
        }
    }

    private static func escapeControl(_ byte: UInt8, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(contentsOf: Hex.lower([byte]).utf8)
        }
    }
}
