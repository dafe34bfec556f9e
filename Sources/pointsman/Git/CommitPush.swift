import Codec
import Core

/// A commit as the push that GitHub would have delivered.
struct CommitPush {
    var commit: GitRepository.Commit
    var source: Change.Source
    var repository: String
    var branch: String

    /// The change; who pushed is not known.
    func change() throws(Failure) -> Change? { try event(named: commit.id).changes.first }

    /// The same as an event that tells of it.
    func event(named name: String) throws(Failure) -> EventFile {
        let listed = JSON([
            "id": .string(commit.id),
            "added": .array([]),
            "removed": .array([]),
            "modified": .array(commit.paths.map(JSON.string)),
        ])
        let push = JSON([
            "ref": .string("refs/heads/\(branch)"),
            "before": .string(String(repeating: "1", count: 40)),
            "after": .string(commit.id),
            "repository": JSON(["full_name": .string(repository)]),
            "head_commit": JSON(["message": .string(commit.message)]),
            "commits": .array([listed]),
        ])
        var event = try EventFile(name: name, bytes: push.encoded(), receivedAt: commit.time)
        for index in event.changes.indices {
            event.changes[index].source = source
            // A clone has them all, however many GitHub would have listed.
            event.changes[index].paths.incomplete = nil
        }
        return event
    }
}
