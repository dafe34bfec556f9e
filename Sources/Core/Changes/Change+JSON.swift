import Codec
import Platform

extension Change {
    /// Writes the change as one JSON object; members without a value are left out.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("source", source.rawValue)
            writer.member("repository", repository)
            writer.member("repositoryID", repositoryID)
            writer.member("kind", kind.rawValue)
            writer.member("branch", branch)
            writer.member("tag", tag)
            writer.member("before", before)
            writer.member("after", after)
            writer.member("tagObject", tagObject)
            writer.member("created", created)
            writer.member("deleted", deleted)
            writer.member("forced", forced)
            writer.member("actor", actor)
            writer.member("message", message)
            if let author {
                writer.key("author")
                writer.object { writer in
                    writer.member("name", author.name)
                    writer.member("email", author.email)
                }
            }
            writer.member("cloneURL", cloneURL)
            writer.member("receivedAt", receivedAt.milliseconds)
            writer.member("eventTime", eventTime?.milliseconds)
            if ignoresOrder { writer.member("ignoresOrder", true) }
            writer.member("delivery", delivery)
            writer.key("identity")
            identity.write(to: &writer)
            pullRequest?.write(to: &writer)
            if let image {
                writer.key("image")
                writer.object { writer in
                    writer.member("repository", image.repository)
                    writer.member("tag", image.tag)
                }
            }
            paths.write(to: &writer)
        }
    }
}

extension ChangeIdentity {
    fileprivate func write(to writer: inout JSONWriter) {
        let checkpoint = checkpoint
        writer.object { writer in
            writer.member("state", Hex.lower(checkpoint.state))
            writer.member("length", checkpoint.length)
            writer.member("pending", Hex.lower(checkpoint.pending))
        }
    }
}

extension Change.PullRequest {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.key("pullRequest")
        writer.object { writer in
            writer.member("number", number)
            writer.member("action", action)
            writer.member("base", base)
            writer.member("head", head)
            writer.member("fork", fork)
            writer.member("draft", draft)
            writer.member("merged", merged)
            writer.member("baseCommit", baseCommit)
            writer.member("headRepository", headRepository)
        }
    }
}

extension ChangedPaths {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.key("paths")
        writer.array { writer in
            for index in paths.indices {
                writer.utf8(paths.utf8(at: index))
            }
        }
        writer.member("incomplete", incomplete)
        writer.member("commits", commits)
    }
}
