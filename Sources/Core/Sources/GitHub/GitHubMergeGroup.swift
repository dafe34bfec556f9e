import Codec

/// What is read of GitHub's `merge_group` event: a merge queue asks whether what it is about to merge
/// is good.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group>
struct GitHubMergeGroup: ProviderEvent {
    private var action: String?
    private var repository = RepositoryPayload()
    private var sender: String?
    private var group = Group()

    /// What is read of the `merge_group` object.
    private struct Group {
        var headCommit: String?
        /// The queue's branch.
        var headRef: String?
        var baseCommit: String?
        var baseRef: String?
        var message: String?
        var author: Change.Author?
        /// When the head commit was made.
        var madeAt: Timestamp?
    }

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "action": action = try value.optionalString()
            case "repository": repository = try RepositoryPayload(&value)
            case "sender": sender = try value.string("login")
            case "merge_group": try readGroup(&value)
            default: break
            }
        }
        try reader.end()
    }

    private mutating func readGroup(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "head_sha": group.headCommit = try value.optionalString()
            case "head_ref": group.headRef = try value.optionalString()
            case "base_sha": group.baseCommit = try value.optionalString()
            case "base_ref": group.baseRef = try value.optionalString()
            case "head_commit": try readCommit(&value)
            default: break
            }
        }
    }

    private mutating func readCommit(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "message": group.message = try value.optionalString()
            case "timestamp":
                group.madeAt = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "author":
                let author = try Change.Author(&value)
                group.author = author == Change.Author() ? nil : author
            default: break
            }
        }
    }
}

extension GitHubMergeGroup {
    /// The change, or why there is none.
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard let action else { throw .lacks("merge_group event", "action") }
        guard let repository = repository.fullName else {
            throw .lacks("merge_group event", "repository.full_name")
        }
        // The other one, `destroyed`, is what becomes of it.
        guard action == "checks_requested" else {
            return .ignored("the merge_group action \(action) is not handled")
        }
        guard let after = Self.commit(group.headCommit) else {
            throw .lacks("merge_group event", "merge_group.head_sha")
        }
        guard let base = group.baseRef else {
            throw .lacks("merge_group event", "merge_group.base_ref")
        }
        return .change(
            Change(
                source: .github,
                repository: repository,
                repositoryID: self.repository.id,
                kind: .mergeGroup,
                branch: Reference.branchName(base),
                queueBranch: group.headRef.map(Reference.branchName),
                before: Self.commit(group.baseCommit),
                after: after,
                actor: sender,
                message: group.message?.cut(to: Change.messageLimit),
                author: group.author,
                cloneURL: self.repository.cloneURL,
                receivedAt: receipt.receivedAt,
                eventTime: eventTime,
                delivery: receipt.delivery,
                bodyDigest: receipt.bodyDigest,
                paths: ChangedPaths(
                    paths: [],
                    incomplete: "a merge group's event carries no paths"
                )
            )
        )
    }

    /// When it was made: the later of two, for the commit's time may be its author's, and the
    /// repository's that of an earlier push.
    private var eventTime: Timestamp? {
        guard let madeAt = group.madeAt, let pushedAt = repository.pushedAt else {
            return group.madeAt ?? repository.pushedAt
        }
        return max(madeAt, pushedAt)
    }

    private static func commit(_ id: String?) -> String? {
        id.flatMap { $0.isNoCommit ? nil : $0 }
    }
}
