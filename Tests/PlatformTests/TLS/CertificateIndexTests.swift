import Foundation
import TestSupport
import Testing

@testable import Platform

struct CertificateIndexTests {
    /// A copy of the system's bundle, which is removed with it.
    private final class Copy {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

        init() throws {
            let path = try #require(CABundle.firstReadable(of: CABundle.usualPaths))
            try Data(contentsOf: URL(filePath: path)).write(to: url)
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        func index() throws -> CertificateIndex {
            let file = try #require(BundleFile(path: url.path))
            return try #require(CertificateIndex(file))
        }
    }

    /// A name in no form that is understood: any certificate may have it.
    private let anyName: [UInt8] = []

    @Test func `all certificates of a file of many pieces are found`() throws {
        let copy = try Copy()
        let index = try copy.index()
        let found = try #require(index.certificates(withSubject: anyName))
        let text = try String(contentsOf: copy.url, encoding: .utf8)
        #expect(
            found.count == text.components(separatedBy: "-----BEGIN CERTIFICATE-----").count - 1
        )
        let expected = try Self.decoded(text)
        #expect(found == expected)
    }

    private static func decoded(_ text: String) throws -> [[UInt8]] {
        try text.components(separatedBy: "-----BEGIN CERTIFICATE-----").dropFirst().map { block in
            let body = try #require(block.components(separatedBy: "-----END").first)
            let data = Data(base64Encoded: body, options: .ignoreUnknownCharacters)
            return Array(try #require(data))
        }
    }

    @Test func `a file that another one takes the place of is still read`() throws {
        let copy = try Copy()
        let index = try copy.index()
        let before = index.certificates(withSubject: anyName)
        try Data("nothing".utf8).write(to: copy.url, options: .atomic)
        #expect(before != nil)
        #expect(index.certificates(withSubject: anyName) == before)
    }

    @Test(arguments: [0, 1_000, 40_000])
    func `a file that is cut short finds nothing more`(length: UInt64) throws {
        let copy = try Copy()
        let index = try copy.index()
        let handle = try FileHandle(forWritingTo: copy.url)
        try handle.truncate(atOffset: length)
        #expect(index.certificates(withSubject: anyName) == nil)
    }

    @Test func `a certificate that another one takes the place of is not found`() throws {
        let copy = try Copy()
        let index = try copy.index()
        let lines = try String(contentsOf: copy.url, encoding: .utf8)
        let mark = "-----BEGIN CERTIFICATE-----\n"
        var blocks = lines.components(separatedBy: mark)
        // Two of the same length change places.
        var seen: [Int: Int] = [:]
        for (place, block) in blocks.enumerated().dropFirst() {
            if let earlier = seen[block.utf8.count] {
                blocks.swapAt(earlier, place)
                break
            }
            seen[block.utf8.count] = place
        }
        let handle = try FileHandle(forWritingTo: copy.url)
        try handle.write(contentsOf: Data(blocks.joined(separator: mark).utf8))
        #expect(index.certificates(withSubject: anyName) == nil)
        #expect(try copy.index().certificates(withSubject: anyName) != nil)
    }

    @Test(
        .thorough,
        arguments: ["", "# no certificate\n", String(repeating: "#\n", count: 200_000)]
    )
    func `a file without certificates has no index`(text: String) throws {
        let copy = try Copy()
        try Data(text.utf8).write(to: copy.url)
        let file = try #require(BundleFile(path: copy.url.path))
        #expect(CertificateIndex(file) == nil)
    }

    @Test func `a folder is no bundle`() throws {
        let file = try #require(BundleFile(path: "/"))
        #expect(CertificateIndex(file) == nil)
    }
}
