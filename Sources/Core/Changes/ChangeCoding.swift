internal import Codec
internal import Platform

extension Change {
    /// Reads what `write` wrote; members that it does not know are skipped.
    ///
    /// - Parameter problem: Set if a required member is missing, or cannot be part of a key.
    init(_ reader: inout JSONReader, noting problem: inout ParsingError?) throws(JSONError) {
        // Each of these is overwritten, or it is missing.
        self.init(
            source: .github,
            repository: "",
            kind: .push,
            receivedAt: Timestamp(milliseconds: 0),
            delivery: "",
            bodyDigest: BodyDigest(eventID: "", ref: ""),
            paths: ChangedPaths(paths: [])
        )
        let missing = try reader.object(requiring: [
            "source", "repository", "kind", "receivedAt", "delivery", "identity", "paths",
        ]) { (key, value) throws(JSONError) in
            switch key {
            case "source":
                source = try value.word(Source.names.alternatives, Source.init(rawValue:))
            case "repository": repository = try value.string()
            case "repositoryID": repositoryID = try value.optionalInt()
            case "kind":
                kind = try value.word(Kind.names.alternatives, Kind.init(rawValue:))
            case "branch": branch = try value.optionalString()
            case "queueBranch": queueBranch = try value.optionalString()
            case "tag": tag = try value.optionalString()
            case "before": before = try value.optionalString()
            case "after": after = try value.optionalString()
            case "tagObject": tagObject = try value.optionalString()
            case "created": created = try value.bool()
            case "deleted": deleted = try value.bool()
            case "forced": forced = try value.bool()
            case "actor": actor = try value.optionalString()
            case "message": message = try value.optionalString()
            case "author": author = try Author(&value)
            case "cloneURL": cloneURL = try value.optionalString()
            case "receivedAt": receivedAt = Timestamp(milliseconds: try value.int())
            case "eventTime": eventTime = try value.optionalInt().map(Timestamp.init(milliseconds:))
            case "ignoresOrder": ignoresOrder = try value.bool()
            case "delivery": delivery = try value.string()
            case "identity": bodyDigest = try BodyDigest(&value)
            case "pullRequest": pullRequest = try PullRequest(&value)
            case "comment": comment = try CommentCommand(&value)
            case "image": image = try Image(&value)
            case "paths": paths.paths = try PathList(&value)
            case "incomplete": paths.incomplete = try value.optionalString()
            case "commits": paths.commits = try value.optionalInt()
            default: break
            }
        }
        if let missing {
            problem = .lacks("hand-over", "change.\(missing)")
        } else if !DeliveryID.isPlainToken(delivery) {
            problem = .notPlain("change.delivery")
        }
    }
}

extension Change.Author {
    /// Reads the members that a commit's author has, of whatever provider.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "name": name = try value.optionalString()
            case "email": email = try value.optionalString()
            default: break
            }
        }
    }
}

extension BodyDigest {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
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
            let digest = BodyDigest(
                SHA256.Checkpoint(state: state, length: length, pending: pending)
            )
        else { throw reader.unexpected("a digest's state, length and pending bytes", at: start) }
        self = digest
    }
}

extension Change.PullRequest {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        self.init(
            number: 0,
            action: "",
            base: "",
            head: "",
            fork: true,
            draft: false,
            merged: false
        )
        let missing = try reader.object(
            requiring: ["number", "action", "base", "head"]
        ) { (key, value) throws(JSONError) in
            switch key {
            case "number": number = try value.int()
            case "action": action = try value.string()
            case "base": base = try value.string()
            case "head": head = try value.string()
            case "fork": fork = try value.bool()
            case "draft": draft = try value.bool()
            case "labels": labels = try value.strings()
            case "addedLabels": addedLabels = try value.strings()
            case "merged": merged = try value.bool()
            case "baseCommit": baseCommit = try value.optionalString()
            case "headRepository": headRepository = try value.optionalString()
            default: break
            }
        }
        guard missing == nil else {
            throw reader.unexpected("a pull request's number, action, base and head", at: start)
        }
    }
}

extension CommentCommand {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        guard let command = CommentCommand(comment: try reader.string()) else {
            throw reader.unexpected("a comment's first line", at: start)
        }
        self = command
    }
}

extension Change.Image {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        self.init(repository: "", tag: "")
        let missing = try reader.object(
            requiring: ["repository", "tag"]
        ) { (key, value) throws(JSONError) in
            switch key {
            case "repository": repository = try value.string()
            case "tag": tag = try value.string()
            default: break
            }
        }
        guard missing == nil else {
            throw reader.unexpected("an image's repository and tag", at: start)
        }
    }
}

extension PathList {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var builder = PathListBuilder()
        try reader.array { (path) throws(JSONError) in try builder.append(&path) }
        self = builder.list()
    }
}

extension JSONReader {
    /// Reads a string that is one of some words.
    fileprivate mutating func word<Word>(
        _ expected: String,
        _ word: (String) -> Word?
    ) throws(JSONError) -> Word {
        let start = offset
        guard let word = word(try string()) else { throw unexpected(expected, at: start) }
        return word
    }

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
            writer.member("queueBranch", queueBranch)
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
            bodyDigest.write(to: &writer)
            pullRequest?.write(to: &writer)
            writer.member("comment", comment?.line)
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

extension BodyDigest {
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
            if !labels.isEmpty { writer.strings("labels", labels) }
            if !addedLabels.isEmpty { writer.strings("addedLabels", addedLabels) }
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

    static func lacks(_ what: String, _ member: String) -> ParsingError {
        ParsingError("reading the \(what): it has no \(member)")
    }

    /// The error of a handed-over id that becomes part of a key in the bucket.
    static func notPlain(_ member: String) -> ParsingError {
        ParsingError("reading the hand-over: \(member) is not 1 to 64 letters, digits and hyphens")
    }
}
