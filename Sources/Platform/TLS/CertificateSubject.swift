/// Reads a certificate's subject (RFC 5280, section 4.1) without decoding its key and extensions,
/// which takes OpenSSL a quarter of a millisecond.
enum CertificateSubject {
    private static let integer: UInt8 = 0x02
    private static let bitString: UInt8 = 0x03
    private static let octetString: UInt8 = 0x04
    private static let null: UInt8 = 0x05
    private static let identifier: UInt8 = 0x06
    private static let sequence: UInt8 = 0x30
    private static let set: UInt8 = 0x31

    /// The key of a certificate's subject.
    ///
    /// `nil` for a certificate that OpenSSL may refuse or read in another way: what this accepts,
    /// it decodes.
    static func key(ofCertificate bytes: [UInt8]) -> UInt64? {
        var whole = DER(bytes.indices)
        guard var certificate = whole.enter(sequence, bytes), whole.isAtEnd,
            var signed = certificate.enter(sequence, bytes),
            readAlgorithm(&certificate, bytes), readBitString(&certificate, bytes),
            certificate.isAtEnd
        else { return nil }
        if signed.nextTag(bytes) == 0xa0 {
            guard var version = signed.enter(0xa0, bytes), readInteger(&version, bytes),
                version.isAtEnd
            else { return nil }
        }
        guard readInteger(&signed, bytes), readAlgorithm(&signed, bytes),
            let issuer = signed.next(sequence, bytes), readValidity(&signed, bytes),
            let subject = signed.next(sequence, bytes), let key = key(ofName: subject, in: bytes),
            // A root has issued itself.
            bytes[issuer].elementsEqual(bytes[subject])
                || self.key(ofName: issuer, in: bytes) != nil,
            var publicKey = signed.enter(sequence, bytes),
            readAlgorithm(&publicKey, bytes), readBitString(&publicKey, bytes), publicKey.isAtEnd,
            signed.isAtEnd || readExtensions(&signed, bytes), signed.isAtEnd
        else { return nil }
        return key
    }

    /// The key of an encoded name; `nil` if it has a form that no certificate with a key has.
    static func key(ofName bytes: [UInt8]) -> UInt64? {
        var whole = DER(bytes.indices)
        guard let name = whole.next(sequence, bytes), whole.isAtEnd else { return nil }
        return key(ofName: name, in: bytes)
    }

    /// A hash that is the same for names that OpenSSL considers equal, and seldom for others.
    ///
    /// Equal are names whose attributes are equal but for the kind of string, the case of ASCII
    /// letters, and white space (crypto/x509/x_name.c, `x509_name_canon`), with those of
    /// one set in any order. So it is made of the types and of the other ASCII characters.
    private static func key(ofName name: Range<Int>, in bytes: [UInt8]) -> UInt64? {
        var names = DER(name)
        var key: UInt64 = 0
        while !names.isAtEnd {
            guard var attributes = names.enter(set, bytes), !attributes.isAtEnd else { return nil }
            while !attributes.isAtEnd {
                guard var attribute = attributes.enter(sequence, bytes),
                    let type = attribute.next(identifier, bytes), isIdentifier(bytes[type]),
                    let value = attribute.next(bytes), attribute.isAtEnd,
                    let width = width(ofCharactersIn: value, of: bytes)
                else { return nil }
                key &+= hash(of: type, value.content, width: width, in: bytes.span)
            }
        }
        return key
    }

    /// How many bytes a character of a string has; in UTF-8 those that are no ASCII have more.
    private static func width(ofCharactersIn value: DER.Element, of bytes: [UInt8]) -> Int? {
        let text = bytes[value.content]
        guard !text.isEmpty else { return nil }
        switch value.tag {
        case 0x12, 0x13, 0x14, 0x16:  // Numeric, Printable, Teletex, IA5String
            return 1
        case 0x0c:  // UTF8String
            guard text.contains(where: { $0 >= 0x80 }) else { return 1 }
            return Array(String(decoding: text, as: UTF8.self).utf8) == Array(text) ? 1 : nil
        case 0x1e:  // BMPString
            guard text.count.isMultiple(of: 2) else { return nil }
            let high = stride(from: text.startIndex, to: text.endIndex, by: 2)
            return high.contains { text[$0] & 0xf8 == 0xd8 } ? nil : 2
        default:
            return nil
        }
    }

    private static func isIdentifier(_ content: ArraySlice<UInt8>) -> Bool {
        guard let last = content.last, last < 0x80 else { return false }
        var isFirst = true
        for byte in content {
            if isFirst, byte == 0x80 { return false }
            isFirst = byte < 0x80
        }
        return true
    }

    private static func readInteger(_ der: inout DER, _ bytes: [UInt8]) -> Bool {
        guard let content = der.next(integer, bytes), let first = bytes[content].first else {
            return false
        }
        guard content.count > 1 else { return true }
        let isNegative = bytes[content.lowerBound + 1] >= 0x80
        return first != (isNegative ? 0xff : 0)
    }

    private static func readBitString(_ der: inout DER, _ bytes: [UInt8]) -> Bool {
        guard let unused = der.next(bitString, bytes).flatMap({ bytes[$0].first }) else {
            return false
        }
        return unused < 8
    }

    private static func readAlgorithm(_ der: inout DER, _ bytes: [UInt8]) -> Bool {
        guard var algorithm = der.enter(sequence, bytes),
            let type = algorithm.next(identifier, bytes),
            isIdentifier(bytes[type])
        else { return false }
        guard !algorithm.isAtEnd else { return true }
        guard let parameters = algorithm.next(bytes), algorithm.isAtEnd else { return false }
        switch parameters.tag {
        case null: return parameters.content.isEmpty
        case identifier: return isIdentifier(bytes[parameters.content])
        default: return parameters.tag == sequence
        }
    }

    private static func readValidity(_ der: inout DER, _ bytes: [UInt8]) -> Bool {
        guard var validity = der.enter(sequence, bytes) else { return false }
        for _ in 1...2 {
            // UTCTime or GeneralizedTime.
            guard let time = validity.next(bytes), time.tag == 0x17 || time.tag == 0x18 else {
                return false
            }
        }
        return validity.isAtEnd
    }

    private static func readExtensions(_ der: inout DER, _ bytes: [UInt8]) -> Bool {
        guard var tagged = der.enter(0xa3, bytes), var extensions = tagged.enter(sequence, bytes),
            tagged.isAtEnd
        else { return false }
        while !extensions.isAtEnd {
            guard var one = extensions.enter(sequence, bytes),
                let type = one.next(identifier, bytes),
                isIdentifier(bytes[type])
            else { return false }
            if one.nextTag(bytes) == 0x01 {
                guard one.next(0x01, bytes)?.count == 1 else { return false }
            }
            guard one.next(octetString, bytes) != nil, one.isAtEnd else { return false }
        }
        return true
    }
}

/// The hash of an attribute's type and of the ASCII characters of its value, each of which has some
/// bytes, in lower case and without white space: Fowler's, Noll's and Vo's of 64 bits, which spreads
/// well enough to tell a few hundred names apart.
///
/// A function of its own, since it would be compiled for size where it is inlined.
@inline(never) @_optimize(speed)
private func hash(
    of type: Range<Int>,
    _ value: Range<Int>,
    width: Int,
    in bytes: Span<UInt8>
) -> UInt64 {
    let prime: UInt64 = 0x100_0000_01b3
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for place in type { hash = (hash ^ UInt64(bytes[place])) &* prime }
    var place = value.lowerBound
    while place < value.upperBound {
        // Of two bytes, that of an ASCII character is the second.
        let byte = bytes[place + width - 1]
        let isASCII = byte < 0x80 && (width == 1 || bytes[place] == 0)
        let isSpace = byte == 0x20 || 0x09...0x0d ~= byte
        if isASCII, !isSpace {
            let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            hash = (hash ^ UInt64(isUpper ? byte | 0x20 : byte)) &* prime
        }
        place += width
    }
    return hash
}

/// Elements of ASN.1's distinguished encoding (X.690), one after the other within a range of bytes.
///
/// The bytes are a parameter of the methods, so that none counts a reference to them: that takes
/// 0.04 ms of a cold start.
struct DER {
    /// What has not been read yet.
    private(set) var rest: Range<Int>

    /// An element's tag and where its content lies.
    struct Element {
        var tag: UInt8
        var content: Range<Int>
    }

    init(_ range: Range<Int>) {
        rest = range
    }

    var isAtEnd: Bool { rest.isEmpty }

    func nextTag(_ bytes: [UInt8]) -> UInt8? { rest.isEmpty ? nil : bytes[rest.lowerBound] }

    /// The next element.
    ///
    /// `nil` unless it lies within the range and has a tag of one byte and a length in its shortest
    /// form.
    mutating func next(_ bytes: [UInt8]) -> Element? {
        guard rest.count >= 2 else { return nil }
        let tag = bytes[rest.lowerBound]
        guard tag & 0x1f != 0x1f else { return nil }
        var start = rest.lowerBound + 2
        var length = Int(bytes[rest.lowerBound + 1])
        if length >= 0x80 {
            let count = length - 0x80
            guard (1...3).contains(count), start + count <= rest.upperBound else { return nil }
            length = 0
            for place in start..<start + count { length = length << 8 | Int(bytes[place]) }
            guard length >= max(0x80, 1 << (8 * (count - 1))) else { return nil }
            start += count
        }
        guard length <= rest.upperBound - start else { return nil }
        rest = start + length..<rest.upperBound
        return Element(tag: tag, content: start..<start + length)
    }

    /// The content of the next element if it has that tag.
    mutating func next(_ tag: UInt8, _ bytes: [UInt8]) -> Range<Int>? {
        guard nextTag(bytes) == tag else { return nil }
        return next(bytes)?.content
    }

    /// The elements within the next one if it has that tag.
    mutating func enter(_ tag: UInt8, _ bytes: [UInt8]) -> DER? {
        next(tag, bytes).map(DER.init)
    }
}
