import Codec
import Platform

/// What the identity of every start of a change begins with.
///
/// The identity of a start is the SHA-256 of the raw body (of a CodeCommit change: of the
/// AWS event's id, a newline and the ref), a newline and the rule's key. The body itself is
/// not handed over: its digest is, as far as it has come, and is continued here.
package struct ChangeIdentity: Sendable {
    private let digest: SHA256

    init(_ digest: SHA256) {
        self.digest = digest
    }

    init(eventID: String, ref: String) {
        self.init(SHA256(of: Array((eventID + "\n" + ref).utf8)))
    }

    /// The identity that a checkpoint stands for; `nil` where it is none.
    init?(_ checkpoint: SHA256.Checkpoint) {
        guard let digest = SHA256(resuming: checkpoint) else { return nil }
        self.digest = digest
    }

    /// How far the digest has come, to be handed over.
    var checkpoint: SHA256.Checkpoint { digest.checkpoint }

    /// The SHA-256 of the body itself (of a CodeCommit change: of the event's id and the ref):
    /// 64 lower-case hexadecimal digits.
    package var body: String { Hex.lower(digest.finalize()) }

    /// The identity of the start that a rule asks for: 64 lower-case hexadecimal digits.
    package func start(ruleKey: String) -> String {
        var digest = digest
        digest.update(Array(("\n" + ruleKey).utf8))
        return Hex.lower(digest.finalize())
    }
}

extension ChangeIdentity: Equatable {
    /// Whether the same starts have the same identities.
    package static func == (one: ChangeIdentity, other: ChangeIdentity) -> Bool {
        one.checkpoint == other.checkpoint
    }
}
