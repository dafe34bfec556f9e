import Foundation
import Testing

@testable import pointsman

struct FileReplacementTests {
    private static func failure(_ path: String) -> String? {
        do throws(Failure) {
            try FileReplacement(path: path).write([UInt8]("new".utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `a file has new content and its old permissions, and nothing lies beside it`() throws
    {
        let folder = try TemporaryFolder(["a.json": "old content"])
        let file = "\(folder.path)/a.json"
        let files = FileManager.default
        try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        #expect(Self.failure(file) == nil)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "new")
        let kept = try files.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(kept == 0o640)
        #expect(try files.contentsOfDirectory(atPath: folder.path) == ["a.json"])
    }

    @Test func `a link is left alone, and so is what it leads to`() throws {
        let folder = try TemporaryFolder(["a.json": "old"])
        let link = "\(folder.path)/link.json"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: "a.json"
        )
        #expect(
            Self.failure(link).map(folder.naming)
                == "'DIR/link.json' is not changed: it is a symbolic link"
        )
        #expect(try String(contentsOfFile: link, encoding: .utf8) == "old")
        #expect(FileAttributeType(at: link) == .typeSymbolicLink)
    }

    @Test func `what is no file is not replaced`() throws {
        let folder = try TemporaryFolder()
        #expect(
            Self.failure(folder.path).map(folder.naming)
                == "'DIR' is not changed: it is no ordinary file"
        )
    }
}
