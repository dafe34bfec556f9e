import Foundation
import Platform
import Testing

@testable import pointsman

/// Where secrets come from.
@Suite struct SecretSourceTests {
    @Test(arguments: [("s", "s"), ("s\n", "s"), ("s\r\n", "s"), (" s \n\n", " s \n")])
    func `a file's last line break is no part of it`(content: String, secret: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(content.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try SecretSource.file(file.path).read() == Secret(secret))
    }

    @Test func `an empty file is none`() throws {
        let words = "reading the secret: /dev/null is empty"
        #expect(throws: Failure(words)) { try SecretSource.file("/dev/null").read() }
    }

    @Test func `an environment variable is taken as it is`() throws {
        #expect(try SecretSource.environment("A").read(environment: ["A": "s\n"]) == Secret("s\n"))
        #expect(throws: Failure("reading the secret: the environment has no A")) {
            try SecretSource.environment("A").read(environment: ["A": ""])
        }
    }
}
