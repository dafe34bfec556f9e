import Codec

extension DirectEvent {
    /// CodeCommit's events of EventBridge.
    static let codeCommitStateChange = DirectEvent(
        detailTypes: CodeCommitStateChange.detailTypes,
        read: { (delivery, receivedAt) throws(ParsingError) in
            try delivery.parse(
                CodeCommitStateChange.self,
                named: "CodeCommit event",
                receivedAt: receivedAt
            )
        }
    )
}

/// What is read of CodeCommit's events that come by way of EventBridge.
///
/// <https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html>
struct CodeCommitStateChange: ProviderEvent {
    private static let repositoryChange = "CodeCommit Repository State Change"
    private static let pullRequestChange = "CodeCommit Pull Request State Change"

    /// The types of event that are read.
    fileprivate static let detailTypes = [repositoryChange, pullRequestChange]

    private var id: String?
    private var type = ""
    private var resource: String?
    private var time: Timestamp?
    private var detail = JSON.null

    init(_ event: [UInt8]) throws(JSONError) {
        var reader = JSONReader(event)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "id": id = try value.optionalString()
            case "detail-type": type = try value.string()
            case "time": time = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "resources":
                try value.elements { (arn) throws(JSONError) in
                    if resource == nil { resource = try arn.string() }
                }
            case "detail": detail = try value.value()
            default: break
            }
        }
    }

    private func text(_ member: String) -> String? {
        detail[member]?.string
    }

    private func required(_ member: String) throws(ParsingError) -> String {
        guard let value = text(member) else {
            throw .lacks("CodeCommit event", "detail.\(member)")
        }
        return value
    }
}

extension CodeCommitStateChange {
    /// The change, or why there is none.
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard let id else { throw .lacks("CodeCommit event", "id") }
        guard let resource, let repository = CodeCommitRepository(arn: resource) else {
            throw .lacks("CodeCommit event", "resource that is a repository")
        }
        return type == Self.pullRequestChange
            ? try pullRequest(id, repository, receipt.receivedAt)
            : try push(id, repository, receipt.receivedAt)
    }

    private func push(
        _ id: String,
        _ repository: CodeCommitRepository,
        _ receivedAt: Timestamp
    ) throws(ParsingError) -> ParsedDelivery {
        let event = try required("event")
        // Others, such as unreferencedMergeCommitCreated, have no ref.
        guard ["referenceCreated", "referenceUpdated", "referenceDeleted"].contains(event) else {
            return .ignored("the CodeCommit event \(event) is not handled")
        }
        let ref = try required("referenceFullName")
        guard event != "referenceDeleted" else { return .ignored("\(ref) was deleted") }
        return repository.pushed(
            CodeCommitRepository.Push(
                eventID: id,
                ref: ref,
                before: text("oldCommitId"),
                after: try required("commitId"),
                isCreated: event == "referenceCreated",
                actor: text("callerUserArn"),
                time: time
            ),
            receivedAt: receivedAt
        )
    }

    private func pullRequest(
        _ id: String,
        _ repository: CodeCommitRepository,
        _ receivedAt: Timestamp
    ) throws(ParsingError) -> ParsedDelivery {
        let event = try required("event")
        guard let action = action(of: event) else {
            return .ignored("the CodeCommit event \(event) is not handled")
        }
        guard let number = Int(try required("pullRequestId")) else {
            throw .lacks("CodeCommit event", "detail.pullRequestId that is a number")
        }
        let base = Reference.branchName(try required("destinationReference"))
        let source = try required("sourceReference")
        return .change(
            Change(
                source: .codecommit,
                repository: repository.name,
                kind: .pullRequest,
                branch: base,
                after: try required("sourceCommit"),
                actor: text("callerUserArn"),
                cloneURL: repository.cloneURL,
                receivedAt: receivedAt,
                eventTime: time,
                delivery: CodeCommitRepository.delivery(eventID: id, ref: source),
                bodyDigest: BodyDigest(eventID: id, ref: source),
                pullRequest: Change.PullRequest(
                    number: number,
                    action: action,
                    base: base,
                    head: Reference.branchName(source),
                    fork: false,
                    draft: false,
                    merged: isMerged,
                    baseCommit: text("destinationCommit")
                ),
                paths: CodeCommitRepository.paths
            )
        )
    }

    /// The action in GitHub's words, which rules and targets know.
    private func action(of event: String) -> String? {
        switch event {
        case "pullRequestCreated": "opened"
        case "pullRequestSourceBranchUpdated": "synchronize"
        case "pullRequestStatusChanged" where text("pullRequestStatus") == "Closed": "closed"
        case "pullRequestMergeStatusUpdated" where isMerged: "closed"
        default: nil
        }
    }

    /// CodeCommit writes a text, `True` or `False`.
    private var isMerged: Bool {
        text("isMerged") == "True"
    }
}
