internal import Codec
internal import Platform

/// Reads a change out of the JSON that `Change.write` wrote; members it does not know are skipped.
struct ChangeReader {
    private var source: Change.Source?
    private var repository: String?
    private var repositoryID: Int?
    private var kind: Change.Kind?
    private var branch: String?
    private var tag: String?
    private var before: String?
    private var after: String?
    private var tagObject: String?
    private var created = false
    private var deleted = false
    private var forced = false
    private var actor: String?
    private var message: String?
    private var author: Change.Author?
    private var cloneURL: String?
    private var receivedAt: Int?
    private var eventTime: Int?
    private var ignoresOrder = false
    private var delivery: String?
    private var identity: ChangeIdentity?
    private var pullRequest: Change.PullRequest?
    private var image: Change.Image?
    private var paths: PathList?
    private var incomplete: String?
    private var commits: Int?

    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "source": source = try Self.source(&value)
            case "repository": repository = try value.string()
            case "repositoryID": repositoryID = try value.optionalInt()
            case "kind": kind = try Self.kind(&value)
            case "branch": branch = try value.optionalString()
            case "tag": tag = try value.optionalString()
            case "before": before = try value.optionalString()
            case "after": after = try value.optionalString()
            case "tagObject": tagObject = try value.optionalString()
            case "created": created = try value.bool()
            case "deleted": deleted = try value.bool()
            case "forced": forced = try value.bool()
            case "actor": actor = try value.optionalString()
            case "message": message = try value.optionalString()
            case "author": author = try Self.author(&value)
            case "cloneURL": cloneURL = try value.optionalString()
            case "receivedAt": receivedAt = try value.int()
            case "eventTime": eventTime = try value.optionalInt()
            case "ignoresOrder": ignoresOrder = try value.bool()
            case "delivery": delivery = try value.string()
            case "identity": identity = try Self.identity(&value)
            case "pullRequest": pullRequest = try Self.pullRequest(&value)
            case "image": image = try Self.image(&value)
            case "paths": paths = try Self.paths(&value)
            case "incomplete": incomplete = try value.optionalString()
            case "commits": commits = try value.optionalInt()
            default: break
            }
        }
    }

    /// The change; an error that names the first member that is missing or not known.
    func change() throws(ParsingError) -> Change {
        guard let source else { throw .lacks("hand-over", "change.source") }
        guard let repository else { throw .lacks("hand-over", "change.repository") }
        guard let kind else { throw .lacks("hand-over", "change.kind") }
        guard let receivedAt else { throw .lacks("hand-over", "change.receivedAt") }
        guard let delivery else { throw .lacks("hand-over", "change.delivery") }
        // It becomes part of the decision record's key.
        guard DeliveryID.isPlainToken(delivery) else {
            throw ParsingError(
                "reading the hand-over: change.delivery is not 1 to 64 letters, digits and hyphens"
            )
        }
        guard let identity else { throw .lacks("hand-over", "change.identity") }
        guard let paths else { throw .lacks("hand-over", "change.paths") }
        return Change(
            source: source,
            repository: repository,
            repositoryID: repositoryID,
            kind: kind,
            branch: branch,
            tag: tag,
            before: before,
            after: after,
            tagObject: tagObject,
            created: created,
            deleted: deleted,
            forced: forced,
            actor: actor,
            message: message,
            author: author,
            cloneURL: cloneURL,
            receivedAt: Timestamp(milliseconds: receivedAt),
            eventTime: eventTime.map { Timestamp(milliseconds: $0) },
            ignoresOrder: ignoresOrder,
            delivery: delivery,
            identity: identity,
            pullRequest: pullRequest,
            image: image,
            paths: ChangedPaths(paths: paths, incomplete: incomplete, commits: commits)
        )
    }
}

extension ChangeReader {
    private static func source(_ reader: inout JSONReader) throws(JSONError) -> Change.Source {
        let start = reader.offset
        guard let source = Change.Source(rawValue: try reader.string()) else {
            throw reader.unexpected("github, codecommit or dockerhub", at: start)
        }
        return source
    }

    private static func kind(_ reader: inout JSONReader) throws(JSONError) -> Change.Kind {
        let start = reader.offset
        guard let kind = Change.Kind(rawValue: try reader.string()) else {
            throw reader.unexpected("push, tag, pull_request or image", at: start)
        }
        return kind
    }

    private static func author(_ reader: inout JSONReader) throws(JSONError) -> Change.Author {
        var author = Change.Author()
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "name": author.name = try value.optionalString()
            case "email": author.email = try value.optionalString()
            default: break
            }
        }
        return author
    }

    private static func identity(_ reader: inout JSONReader) throws(JSONError) -> ChangeIdentity {
        let start = reader.offset
        var state: [UInt8]?
        var length: Int?
        var pending: [UInt8]?
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "state": state = Hex.decode(try value.string())
            case "length": length = try value.int()
            case "pending": pending = Hex.decode(try value.string())
            default: break
            }
        }
        guard let state, let length, let pending,
            let identity = ChangeIdentity(
                SHA256.Checkpoint(state: state, length: length, pending: pending)
            )
        else { throw reader.unexpected("a digest's state, length and pending bytes", at: start) }
        return identity
    }

    private static func pullRequest(
        _ reader: inout JSONReader
    ) throws(JSONError) -> Change.PullRequest {
        let start = reader.offset
        var number: Int?
        var names: (action: String?, base: String?, head: String?)
        var baseCommit: String?
        var flags = (fork: true, draft: false, merged: false)
        var headRepository: String?
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "number": number = try value.int()
            case "action": names.action = try value.string()
            case "base": names.base = try value.string()
            case "head": names.head = try value.string()
            case "fork": flags.fork = try value.bool()
            case "draft": flags.draft = try value.bool()
            case "merged": flags.merged = try value.bool()
            case "baseCommit": baseCommit = try value.optionalString()
            case "headRepository": headRepository = try value.optionalString()
            default: break
            }
        }
        guard let number, let action = names.action, let base = names.base, let head = names.head
        else {
            throw reader.unexpected("a pull request's number, action, base and head", at: start)
        }
        return Change.PullRequest(
            number: number,
            action: action,
            base: base,
            head: head,
            fork: flags.fork,
            draft: flags.draft,
            merged: flags.merged,
            baseCommit: baseCommit,
            headRepository: headRepository
        )
    }

    private static func image(_ reader: inout JSONReader) throws(JSONError) -> Change.Image {
        let start = reader.offset
        var repository: String?
        var tag: String?
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "repository": repository = try value.string()
            case "tag": tag = try value.string()
            default: break
            }
        }
        guard let repository, let tag else {
            throw reader.unexpected("an image's repository and tag", at: start)
        }
        return Change.Image(repository: repository, tag: tag)
    }

    private static func paths(_ reader: inout JSONReader) throws(JSONError) -> PathList {
        var builder = PathListBuilder()
        try reader.array { (path) throws(JSONError) in
            try builder.append(&path)
        }
        return builder.list()
    }
}

extension JSONReader {
    /// The error of a value that has been read and is not what it should be.
    fileprivate func unexpected(_ expected: String, at start: Int) -> JSONError {
        JSONError(.type, at: start, expected: expected, found: "another value")
    }
}

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
                writer.object("author") { writer in
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
                writer.object("image") { writer in
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
        writer.object("pullRequest") { writer in
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
        writer.array("paths") { writer in
            for index in paths.indices {
                writer.utf8(paths.utf8(at: index))
            }
        }
        writer.member("incomplete", incomplete)
        writer.member("commits", commits)
    }
}

/// Why a delivery cannot be read as what it says it is.
package struct ParsingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being read, and what is wrong with it where.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The error of reading a thing as JSON.
    static func unreadable(_ what: String, _ error: JSONError) -> ParsingError {
        ParsingError("reading the \(what): \(error)")
    }

    /// The error of a thing that lacks a member.
    static func lacks(_ what: String, _ member: String) -> ParsingError {
        ParsingError("reading the \(what): it has no \(member)")
    }
}
