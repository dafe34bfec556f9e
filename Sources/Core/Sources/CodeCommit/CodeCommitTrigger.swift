import Codec
import Platform

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
    /// The changes of the record, one a reference, or why there are none.
    func descriptions(receivedAt: Timestamp) throws(DescriptionError) -> [Description] {
        guard let repositoryARN, let repository = CodeCommitRepository(arn: repositoryARN) else {
            throw .lacks("CodeCommit trigger", "eventSourceARN of a repository")
        }
        guard let id else { throw .lacks("CodeCommit trigger", "eventId") }
        if name == "TriggerEventTest" {
            return [.test(test(of: repository, eventID: id, receivedAt: receivedAt))]
        }
        var descriptions: [Description] = []
        for reference in references {
            guard let ref = reference.ref else { throw .lacks("CodeCommit trigger", "ref") }
            guard let commit = reference.commit else {
                throw .lacks("CodeCommit trigger", "commit of \(ref)")
            }
            if reference.isDeleted || commit.isNoCommit {
                descriptions.append(.ignored("\(ref) was deleted"))
                continue
            }
            descriptions.append(
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
        return descriptions
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

extension VerifiedDelivery {
    /// Describes a trigger's event: one change for every reference of every record.
    func describeCodeCommitTrigger(
        _ receivedAt: Timestamp
    ) throws(DescriptionError) -> Description {
        var records: [CodeCommitTriggerRecord] = []
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.object { (key, value) throws(JSONError) in
                guard key == "Records" else { return }
                try value.array { (record) throws(JSONError) in
                    records.append(try CodeCommitTriggerRecord(&record))
                }
            }
        } catch {
            throw .unreadable("CodeCommit trigger", error)
        }
        var descriptions: [Description] = []
        for record in records {
            descriptions += try record.descriptions(receivedAt: receivedAt)
        }
        guard !descriptions.isEmpty else { return .ignored("the trigger lists no references") }
        return .all(descriptions)
    }
}
