import Codec
import Foundation
import Platform
import Trigger

/// What somebody wants explained, tested or sent: an event in a file, or on standard input.
///
/// It is one of: a recorded request as in `events/`; an event of API Gateway, of a Function URL,
/// of a CodeCommit trigger or of EventBridge; GitHub's own `push` or `pull_request` payload, or
/// Docker Hub's; a hand-over `{"change": …}`. Who sent it is not checked: the file is the
/// user's own.
struct EventFile {
    /// The file as it was named, or `standard input`.
    let name: String
    /// What it tells of, in this project's words.
    let description: Description

    /// The changes to be decided about; the test of a trigger stands for the next push.
    var changes: [Change] {
        description.changes.isEmpty
            ? description.tests.map(\.likelyChange) : description.changes
    }

    /// Reads a file; `-` is standard input.
    init(_ path: String, receivedAt: Timestamp) throws(Failure) {
        let name = path == "-" ? "standard input" : path
        try self.init(name: name, bytes: Self.bytes(path, name: name), receivedAt: receivedAt)
    }

    /// Reads an event that is at hand.
    init(name: String, bytes: [UInt8], receivedAt: Timestamp) throws(Failure) {
        self.name = name
        do {
            self.description = try SavedEvent(bytes).describe(receivedAt: receivedAt)
        } catch {
            throw Failure("reading \(name): \(error)")
        }
    }

    /// The content of a file; `-` is standard input.
    static func bytes(_ path: String, name: String) throws(Failure) -> [UInt8] {
        do {
            if path == "-" {
                return [UInt8](try FileHandle.standardInput.readToEnd() ?? Data())
            }
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure("reading \(name): \(error.reason)")
        }
    }
}
