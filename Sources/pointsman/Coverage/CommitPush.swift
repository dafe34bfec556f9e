import Codec
import Trigger

/// A commit as the push that GitHub would have told of.
struct CommitPush {
    var commit: GitRepository.Commit
    var source: Change.Source
    var repository: String
    var branch: String

    /// The change; who pushed is not known.
    func change() throws(Failure) -> Change? {
        var json = JSONWriter()
        json.object { json in
            json.member("ref", "refs/heads/\(branch)")
            json.member("before", String(repeating: "1", count: 40))
            json.member("after", commit.id)
            json.key("repository")
            json.object { $0.member("full_name", repository) }
            json.key("head_commit")
            json.object { $0.member("message", commit.message) }
            json.key("commits")
            json.array { json in
                json.object { json in
                    json.member("id", commit.id)
                    json.key("added")
                    json.array { _ in }
                    json.key("removed")
                    json.array { _ in }
                    json.key("modified")
                    json.array { json in for path in commit.paths { json.string(path) } }
                }
            }
        }
        let event = try EventFile(name: commit.id, bytes: json.bytes, receivedAt: commit.time)
        var change = event.changes.first
        change?.source = source
        // A clone has them all, however many GitHub would have listed.
        change?.paths.incomplete = nil
        return change
    }
}
