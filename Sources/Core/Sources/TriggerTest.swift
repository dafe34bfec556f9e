package import Codec

/// The test of a CodeCommit trigger, as its button in the console sends it: nothing has changed.
///
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-test.html>
package struct TriggerTest: Equatable, Sendable {
    /// The repository's name.
    package var repository: String
    /// The ref that the test names: that of the last commit.
    package var ref: String?
    /// The repository's last commit; absent where it has none.
    package var commit: String?
    /// Who has pressed the button.
    package var actor: String?
    /// When it was received.
    package var receivedAt: Timestamp
    /// The delivery's id.
    package var delivery: String

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("repository", repository)
            writer.member("ref", ref)
            writer.member("commit", commit)
            writer.member("actor", actor)
            writer.member("receivedAt", receivedAt.milliseconds)
            writer.member("delivery", delivery)
        }
    }

    /// A push to the test's ref, or the tag that it is, of which no path is known: what rules
    /// say about it is what they would say about the next push.
    package var likelyChange: Change {
        var change = Change(
            source: .codecommit,
            repository: repository,
            kind: .push,
            after: commit,
            actor: actor,
            receivedAt: receivedAt,
            delivery: delivery,
            identity: ChangeIdentity(eventID: delivery, ref: ref ?? ""),
            paths: CodeCommitRepository.paths
        )
        switch ref.map(Reference.init) {
        case .branch(let name)?: change.branch = name
        case .tag(let name)?: (change.kind, change.tag) = (.tag, name)
        case .other?, nil: break
        }
        return change
    }
}

/// Reads a test out of the JSON that `TriggerTest.write` wrote.
struct TriggerTestReader {
    private var repository: String?
    private var ref: String?
    private var commit: String?
    private var actor: String?
    private var receivedAt: Int?
    private var delivery: String?

    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "repository": repository = try value.string()
            case "ref": ref = try value.optionalString()
            case "commit": commit = try value.optionalString()
            case "actor": actor = try value.optionalString()
            case "receivedAt": receivedAt = try value.int()
            case "delivery": delivery = try value.string()
            default: break
            }
        }
    }

    /// The test; an error that names the first member that is missing or not known.
    func test() throws(DescriptionError) -> TriggerTest {
        guard let repository else { throw .lacks("hand-over", "test.repository") }
        guard let receivedAt else { throw .lacks("hand-over", "test.receivedAt") }
        guard let delivery else { throw .lacks("hand-over", "test.delivery") }
        // It becomes part of the record's key.
        guard DeliveryID.isPlainToken(delivery) else {
            throw DescriptionError(
                "reading the hand-over: test.delivery is not 1 to 64 letters, digits and hyphens"
            )
        }
        return TriggerTest(
            repository: repository,
            ref: ref,
            commit: commit,
            actor: actor,
            receivedAt: Timestamp(milliseconds: receivedAt),
            delivery: delivery
        )
    }
}
