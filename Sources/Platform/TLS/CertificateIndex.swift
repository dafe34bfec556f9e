internal import CLibraries
internal import Codec

/// An index of the certificates of a bundle by their subjects.
///
/// Made for bundles of nothing but certificates in the form in which OpenSSL itself writes them.
/// A bundle with anything else has no index and is loaded as a whole.
struct CertificateIndex {
    private struct Entry {
        /// The key of the subject.
        var key: UInt64
        /// Where in the file the lines between its markers lie, and that of its end.
        var block: Range<Int>
    }

    private static let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let end = Array("-----END CERTIFICATE-----".utf8)
    /// OpenSSL reads longer lines in pieces (crypto/pem/pem_lib.c, `LINESIZE`).
    private static let maximumLineLength = 200
    /// How many bytes are read at once, into the same memory.
    ///
    /// Memory for the whole file, used for the first time, would take 0.1 ms of the kernel's.
    private static let pieceSize = 32 * 1024
    /// No certificate is as long.
    private static let maximumBlockSize = 256 * 1024

    private let file: BundleFile
    private var entries: [Entry] = []

    /// How many certificates there are.
    var count: Int { entries.count }

    /// `nil` for a bundle with another kind of block, a malformed one, or none at all.
    init?(_ file: BundleFile) {
        self.file = file
        let decoder = Base64.Decoder()
        // One after the other is decoded into the same memory, which stays in the processor's cache.
        var certificate: [UInt8] = []
        certificate.reserveCapacity(4_096)
        var piece: [UInt8] = []
        piece.reserveCapacity(2 * Self.pieceSize)
        var start = 0
        while true {
            guard let count = file.read(Self.pieceSize, onto: &piece) else { return nil }
            let whole = count == 0 ? piece.count : Self.endOfLastBlock(in: piece)
            let rest = Array(piece[whole...])
            guard rest.count <= Self.maximumBlockSize else { return nil }
            piece.removeLast(rest.count)
            guard add(piece, at: start, decoder, &certificate) else { return nil }
            guard count > 0 else { break }
            start += whole
            piece.removeAll(keepingCapacity: true)
            piece += rest
        }
        guard !entries.isEmpty else { return nil }
    }

    /// Adds the certificates of a part of the file with whole blocks, and where it begins; whether
    /// there is nothing else in it.
    private mutating func add(
        _ pem: [UInt8],
        at start: Int,
        _ decoder: Base64.Decoder,
        _ certificate: inout [UInt8]
    ) -> Bool {
        guard Self.place(of: 0, in: pem, pem.indices) == nil else { return false }
        var place = 0
        while place < pem.count {
            let line = Self.line(at: place, in: pem)
            guard line.count <= Self.maximumLineLength else { return false }
            place = line.next
            guard Self.isMarker(pem, line) else { continue }
            guard pem[line.content].elementsEqual(Self.begin) else { return false }
            let body = place
            guard let end = Self.read(pem, body, decoder, into: &certificate),
                let key = CertificateSubject.key(ofCertificate: certificate)
            else { return false }
            let last = Self.line(at: end, in: pem)
            guard pem[last.content].elementsEqual(Self.end) else { return false }
            place = last.next
            let block = start + body..<start + min(place, pem.count)
            entries.append(Entry(key: key, block: block))
        }
        return true
    }

    /// Where the line behind the last block's end begins; 0 without one.
    private static func endOfLastBlock(in pem: [UInt8]) -> Int {
        var next = pem.count
        while let feed = pem[..<next].lastIndex(of: 0x0a) {
            let start = pem[..<feed].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
            if pem[start..<feed].starts(with: end) { return feed + 1 }
            next = feed
        }
        return 0
    }

    /// The certificates, DER-encoded, that may have the subject, which is encoded as well, in the
    /// bundle's order: all that OpenSSL takes for equal are among them.
    ///
    /// `nil` if the file no longer has what it had.
    func certificates(withSubject name: [UInt8]) -> [[UInt8]]? {
        let key = CertificateSubject.key(ofName: name)
        let decoder = Base64.Decoder()
        var certificates: [[UInt8]] = []
        for entry in entries where key == nil || entry.key == key {
            var certificate: [UInt8] = []
            guard let block = file.bytes(at: entry.block),
                Self.read(block, 0, decoder, into: &certificate) != nil,
                CertificateSubject.key(ofCertificate: certificate) == entry.key
            else { return nil }
            certificates.append(certificate)
        }
        return certificates
    }

    /// A line's characters, and where the next one begins.
    private struct Line {
        var content: Range<Int>
        var next: Int

        /// As it stands there, with what ends it but for the line feed.
        var count: Int { next - 1 - content.lowerBound }
    }

    private static func line(at start: Int, in pem: [UInt8]) -> Line {
        let feed = place(of: 0x0a, in: pem, start..<pem.count) ?? pem.count
        let end = feed > start && pem[feed - 1] == 0x0d ? feed - 1 : feed
        return Line(content: start..<end, next: feed + 1)
    }

    private static func isMarker(_ pem: [UInt8], _ line: Line) -> Bool {
        pem[line.content].starts(with: begin.prefix(5))
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

    /// Reads the lines of a block, of which each has 64 characters, and the last one at most.
    ///
    /// - Returns: Where the line behind them begins, which is a marker; `nil` if it is no such block.
    private static func read(
        _ pem: [UInt8],
        _ start: Int,
        _ decoder: Base64.Decoder,
        into bytes: inout [UInt8]
    ) -> Int? {
        bytes.removeAll(keepingCapacity: true)
        // All lines but the last, as a rule. A block in another form is read again, line by line.
        var place = start
        while place + 64 < pem.count, pem[place + 64] == 0x0a { place += 65 }
        if !decoder.append(lines: pem.span.extracting(start..<place), to: &bytes) {
            bytes.removeAll(keepingCapacity: true)
            place = start
        }
        var isLast = false
        while place < pem.count {
            let line = line(at: place, in: pem)
            if isMarker(pem, line) { return bytes.isEmpty ? nil : place }
            let count = bytes.count
            guard !isLast, (1...64).contains(line.content.count),
                decoder.append(padded: pem.span.extracting(line.content), to: &bytes)
            else { return nil }
            isLast = bytes.count < count + 48
            place = line.next
        }
        return nil
    }
}
