internal import AWS
internal import Codec
internal import Platform

extension DirectEvent {
    /// CodeCommit's triggers.
    static let codeCommitTrigger = DirectEvent(
        recordSource: "aws:codecommit",
        read: { (delivery, receivedAt) throws(ParsingError) in
            let records = try mapError(try CodeCommitTriggerRecord.all(in: delivery.body)) {
                ParsingError.unreadable("CodeCommit trigger", $0)
            }
            var parts: [ParsedDelivery] = []
            for record in records { parts += try record.parts(receivedAt: receivedAt) }
            guard !parts.isEmpty else { return .ignored("the trigger lists no references") }
            return .all(parts)
        }
    )
}

/// What is read of one record of a CodeCommit trigger's event.
///
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-lambda.html>. Its
/// `customData` is the installation's own and is not read. A push of many refs comes in several
/// parts, each an event of its own.
struct CodeCommitTriggerRecord {
    private var id: String?
    private var name: String?
    private var repositoryARN: String?
    private var userARN: String?
    private var time: Timestamp?
    private var references: [Moved] = []

    /// A ref that the push moved.
    private struct Moved {
        var ref: String?
        var commit: String?
        var isCreated = false
        var isDeleted = false
    }

    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "eventId": id = try value.optionalString()
            case "eventName": name = try value.optionalString()
            case "eventSourceARN": repositoryARN = try value.optionalString()
            case "userIdentityARN": userARN = try value.optionalString()
            case "eventTime":
                time = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "codecommit":
                try value.members { (key, value) throws(JSONError) in
                    guard key == "references" else { return }
                    try value.elements { (reference) throws(JSONError) in
                        references.append(try Self.moved(&reference))
                    }
                }
            default: break
            }
        }
    }

    private static func moved(_ reader: inout JSONReader) throws(JSONError) -> Moved {
        var moved = Moved()
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "ref": moved.ref = try value.optionalString()
            case "commit": moved.commit = try value.optionalString()
            case "created": moved.isCreated = try value.optionalBool() ?? false
            case "deleted": moved.isDeleted = try value.optionalBool() ?? false
            default: break
            }
        }
        return moved
    }
}

extension CodeCommitTriggerRecord {
    /// The records of a trigger's event.
    static func all(in event: [UInt8]) throws(JSONError) -> [CodeCommitTriggerRecord] {
        var records: [CodeCommitTriggerRecord] = []
        var reader = JSONReader(event)
        try reader.object { (key, value) throws(JSONError) in
            guard key == "Records" else { return }
            try value.array { (record) throws(JSONError) in
                records.append(try CodeCommitTriggerRecord(&record))
            }
        }
        return records
    }

    /// The changes of the record, one a reference, or why there are none.
    func parts(receivedAt: Timestamp) throws(ParsingError) -> [ParsedDelivery] {
        guard let repositoryARN, let repository = CodeCommitRepository(arn: repositoryARN) else {
            throw .lacks("CodeCommit trigger", "eventSourceARN of a repository")
        }
        guard let id else { throw .lacks("CodeCommit trigger", "eventId") }
        if name == "TriggerEventTest" {
            return [.test(test(of: repository, eventID: id, receivedAt: receivedAt))]
        }
        var parts: [ParsedDelivery] = []
        for reference in references {
            guard let ref = reference.ref else { throw .lacks("CodeCommit trigger", "ref") }
            guard let commit = reference.commit else {
                throw .lacks("CodeCommit trigger", "commit of \(ref)")
            }
            if reference.isDeleted || commit.isNoCommit {
                parts.append(.ignored("\(ref) was deleted"))
                continue
            }
            parts.append(
                repository.pushed(
                    CodeCommitRepository.Push(
                        eventID: id,
                        ref: ref,
                        before: nil,
                        after: commit,
                        isCreated: reference.isCreated,
                        actor: userARN,
                        time: time
                    ),
                    receivedAt: receivedAt
                )
            )
        }
        return parts
    }

    /// The test of the trigger; an empty repository has no commit to name.
    private func test(
        of repository: CodeCommitRepository,
        eventID: String,
        receivedAt: Timestamp
    ) -> TriggerTest {
        let ref = references.first?.ref
        let commit = references.first?.commit
        return TriggerTest(
            repository: repository.name,
            ref: ref,
            commit: commit.flatMap { $0.isNoCommit ? nil : $0 },
            actor: userARN,
            receivedAt: receivedAt,
            delivery: CodeCommitRepository.delivery(eventID: eventID, ref: ref ?? "")
        )
    }
}

/// The test of a CodeCommit trigger, as its button in the console sends it: nothing has changed.
///
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-test.html>
package struct TriggerTest: Equatable, Sendable {
    var repository: String
    /// The ref that the test names: that of the last commit.
    var ref: String?
    /// The repository's last commit; absent where it has none.
    var commit: String?
    /// Who has pressed the button.
    var actor: String?
    var receivedAt: Timestamp
    var delivery: String

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
            bodyDigest: BodyDigest(eventID: delivery, ref: ref ?? ""),
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

extension TriggerTest {
    /// Reads what `write` wrote.
    ///
    /// - Parameter problem: Set if a required member is missing, or cannot be part of a key.
    init(_ reader: inout JSONReader, noting problem: inout ParsingError?) throws(JSONError) {
        // Each of these is overwritten, or it is missing.
        self.init(repository: "", receivedAt: Timestamp(milliseconds: 0), delivery: "")
        let missing = try reader.object(
            requiring: ["repository", "receivedAt", "delivery"]
        ) { (key, value) throws(JSONError) in
            switch key {
            case "repository": repository = try value.string()
            case "ref": ref = try value.optionalString()
            case "commit": commit = try value.optionalString()
            case "actor": actor = try value.optionalString()
            case "receivedAt": receivedAt = Timestamp(milliseconds: try value.int())
            case "delivery": delivery = try value.string()
            default: break
            }
        }
        if let missing {
            problem = .lacks("hand-over", "test.\(missing)")
        } else if !DeliveryID.isPlainToken(delivery) {
            problem = .notPlain("test.delivery")
        }
    }
}

/// A CodeCommit repository as its events name it.
struct CodeCommitRepository {
    let name: String
    let region: String

    /// The repository of an ARN: `arn:aws:codecommit:us-east-1:123456789012:my-repo`.
    init?(arn: String) {
        guard let arn = ARN(arn), arn.service == "codecommit", !arn.resource.isEmpty,
            !arn.resource.utf8.contains(UInt8(ascii: ":"))
        else { return nil }
        region = arn.region
        name = arn.resource
    }

    /// The URL to clone from over HTTPS.
    ///
    /// <https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html>
    var cloneURL: String {
        "https://git-codecommit.\(region).\(Partition.dnsSuffix(ofRegion: region))/v1/repos/\(name)"
    }

    /// A ref that was created or updated.
    struct Push {
        var eventID: String
        var ref: String
        var before: String?
        var after: String
        var isCreated: Bool
        var actor: String?
        var time: Timestamp?
    }

    /// Describes a push of one ref.
    func pushed(_ push: Push, receivedAt: Timestamp) -> ParsedDelivery {
        let change = Change(
            source: .codecommit,
            repository: name,
            kind: .push,
            before: push.before,
            after: push.after,
            created: push.isCreated,
            actor: push.actor,
            cloneURL: cloneURL,
            receivedAt: receivedAt,
            eventTime: push.time,
            delivery: Self.delivery(eventID: push.eventID, ref: push.ref),
            bodyDigest: BodyDigest(eventID: push.eventID, ref: push.ref),
            paths: Self.paths
        )
        return change.pushed(to: push.ref, at: push.after)
    }

    /// What every CodeCommit event says about paths.
    static let paths = ChangedPaths(paths: [], incomplete: "a CodeCommit event carries no paths")

    /// The delivery id of one ref of an event: the event's id and 16 digits of the ref's hash.
    static func delivery(eventID: String, ref: String) -> String {
        let digits = Hex.lower(Array(SHA256.hash(Array(ref.utf8)).prefix(8)))
        let id = "\(eventID)-\(digits)"
        return DeliveryID.isPlainToken(id) ? id : DeliveryID.hash(of: Array(id.utf8))
    }
}
