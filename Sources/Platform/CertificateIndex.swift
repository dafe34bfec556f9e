internal import CLibraries
internal import Codec

/// Where the certificates of a bundle lie, by their subjects.
///
/// Made for bundles of nothing but certificates in the form in which OpenSSL itself writes them.
/// There is none for another bundle, which is to be loaded as a whole.
struct CertificateIndex {
    private struct Entry {
        /// The key of the subject.
        var key: UInt64
        /// The lines between those that begin and end the certificate.
        var body: Range<Int>
    }

    private static let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let end = Array("-----END CERTIFICATE-----".utf8)
    /// OpenSSL reads longer lines in pieces (crypto/pem/pem_lib.c, `LINESIZE`).
    private static let maximumLineLength = 200

    private let pem: [UInt8]
    private var entries: [Entry] = []

    /// `nil` for a bundle with another kind of block, a malformed one, or none at all.
    init?(pem: [UInt8]) {
        self.pem = pem
        guard Self.place(of: 0, in: pem, pem.indices) == nil else { return nil }
        var start: Int?
        var place = 0
        while place < pem.count {
            let lineStart = place
            var lineEnd = Self.place(of: 0x0a, in: pem, lineStart..<pem.count) ?? pem.count
            place = lineEnd + 1
            guard lineEnd - lineStart <= Self.maximumLineLength else { return nil }
            if lineEnd > lineStart, pem[lineEnd - 1] == 0x0d { lineEnd -= 1 }
            let isMarker = pem[lineStart..<lineEnd].starts(with: Self.begin.prefix(5))
            if let body = start {
                guard isMarker else { continue }
                guard pem[lineStart..<lineEnd].elementsEqual(Self.end),
                    let bytes = Self.decode(pem, body..<lineStart),
                    let key = CertificateSubject.key(ofCertificate: bytes)
                else { return nil }
                entries.append(Entry(key: key, body: body..<lineStart))
                start = nil
            } else if isMarker {
                guard pem[lineStart..<lineEnd].elementsEqual(Self.begin) else { return nil }
                start = place
            }
        }
        guard start == nil, !entries.isEmpty else { return nil }
    }

    /// The certificates, DER-encoded, that may have the subject, which is encoded as well, in the
    /// bundle's order: all that OpenSSL takes for equal are among them.
    func certificates(withSubject name: [UInt8]) -> [[UInt8]] {
        let key = CertificateSubject.key(ofName: name)
        return entries.compactMap { entry in
            key == nil || entry.key == key ? Self.decode(pem, entry.body) : nil
        }
    }

    /// Where a byte is first found in a range.
    private static func place(of byte: UInt8, in pem: [UInt8], _ range: Range<Int>) -> Int? {
        unsafe pem[range].withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress,
                let found = unsafe memchr(start, CInt(byte), bytes.count)
            else { return nil }
            return unsafe range.lowerBound + start.distance(to: UnsafeRawPointer(found))
        }
    }

    /// The bytes of a block's lines: each has 64 characters, and the last one at most.
    private static func decode(_ pem: [UInt8], _ body: Range<Int>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(body.count)
        var place = body.lowerBound
        var isLast = false
        while place < body.upperBound {
            let start = place
            var lineEnd =
                Self.place(of: 0x0a, in: pem, place..<body.upperBound) ?? body.upperBound
            place = lineEnd + 1
            if lineEnd > start, pem[lineEnd - 1] == 0x0d { lineEnd -= 1 }
            guard !isLast, (1...64).contains(lineEnd - start) else { return nil }
            isLast = lineEnd - start < 64
            text.append(contentsOf: pem[start..<lineEnd])
        }
        return text.isEmpty ? nil : Base64.decode(text)
    }
}
