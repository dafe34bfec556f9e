package import Codec
internal import Platform

/// What happened to a repository, in this project's words: everything that rules
/// and targets may look at, and nothing of the provider's own JSON.
package struct Change: Equatable, Sendable {
    package enum Kind: String, Equatable, Sendable, CaseIterable {
        case push, tag
        case pullRequest = "pull_request"
        /// What a merge queue is about to merge, and asks about.
        case mergeGroup = "merge_group"
        case image

        /// The names of all, as a rule's `Events` has them.
        static var names: [String] { allCases.map { $0.rawValue } }
    }

    package var source: Source
    /// `owner/name` as the provider spells it, the CodeCommit name, or `namespace/image`.
    package var repository: String
    /// GitHub's number of the repository, which it keeps when it is renamed or transferred.
    package var repositoryID: Int?
    package var kind: Kind
    /// The whole branch name (`release/main` is not `main`); for a pull request and a merge group,
    /// the branch that is to be merged into.
    package var branch: String?
    /// Of a merge group the branch that it lies on: `gh-readonly-queue/main/pr-7-6dcb09b…`.
    var queueBranch: String?
    /// The whole tag name; for an image, its tag.
    package var tag: String?
    /// What the ref was at before, 40 or 64 hexadecimal digits; absent where it was created.
    ///
    /// Of an annotated tag that was moved it is a tag object: no event says what that pointed to.
    package var before: String?
    /// The commit that targets run on; absent where the ref was deleted, or is a tag that points
    /// to something that is not a commit.
    package var after: String?
    /// The object that a tag is at where that is not the commit: of an annotated tag its own.
    package var tagObject: String?
    var created = false
    /// The ref was deleted; such a change starts nothing.
    var deleted = false
    package var forced = false
    /// The login that pushed; of CodeCommit the caller's ARN.
    package var actor: String?
    /// The head commit's message, at most 2,000 characters of it.
    package var message: String?
    /// The head commit's author, which GitHub's pushes, tags and merge groups alone tell; the committer may
    /// put any name.
    var author: Author?
    package var cloneURL: String?
    package var receivedAt: Timestamp
    /// When it happened, by the provider's clock, which orders the changes of one ref.
    var eventTime: Timestamp?
    /// It starts also what a newer change was started for.
    package var ignoresOrder = false
    /// The delivery's id: the provider's where that is a plain token, else a hash of the body.
    package var delivery: String
    /// The digest of the body, which every start's identity is made from.
    var bodyDigest: BodyDigest
    package var pullRequest: PullRequest?
    /// What a comment on that pull request asks for; of all else `nil`.
    package var comment: CommentCommand?
    package var image: Image?
    package var paths: ChangedPaths

    /// It is a comment, and it is not known which commit, branch and repository it is about.
    var awaitsPullRequest: Bool { comment != nil && after == nil }

    /// It is a tag of something that is not a commit, on which nothing can run.
    var isWithoutCommit: Bool { kind == .tag && !deleted && after == nil }

    struct Author: Equatable, Sendable {
        var name: String?
        var email: String?
    }

    package struct PullRequest: Equatable, Sendable {
        var number: Int
        /// In GitHub's words, whatever the provider: `opened`, `reopened`, `synchronize` (its head
        /// has moved), `ready_for_review` (it was a draft), `labeled`, `edited` where that gave it
        /// another base, `closed`, or `commented`.
        var action: String
        /// The branch it is to be merged into.
        var base: String
        /// The branch it comes from.
        var head: String
        /// The head branch lies in another repository, or in one that is gone.
        var fork: Bool
        var draft: Bool
        /// All labels that it has now, those that were added included, as they are spelt.
        package var labels: [String] = []
        /// Those of ``labels`` that this event has added.
        ///
        /// They are all where the provider does not say which. They count if ``action`` is `labeled`.
        package var addedLabels: [String] = []
        var merged: Bool
        /// The commit that its base is at, where the event tells.
        var baseCommit: String?
        /// The repository that the head branch lies in, where that is another one; absent also
        /// where it is gone.
        var headRepository: String?

        /// A label was added, and nothing else has happened.
        package var isLabeled: Bool { action == "labeled" }
        /// Its head is as it was: a rule that has started that has nothing more to start.
        var hasSameHead: Bool { isLabeled || action == "ready_for_review" }
        static let commented = "commented"
    }

    package struct Image: Equatable, Sendable {
        /// `namespace/image`.
        var repository: String
        var tag: String
    }
}

extension Change.PullRequest {
    /// The pull request of a comment, whose event tells nothing more of it.
    init(commentedOn number: Int) {
        self.init(
            number: number,
            action: Self.commented,
            base: "",
            head: "",
            fork: true,
            draft: false,
            merged: false
        )
    }
}

extension Change {
    /// How many code points of a commit message are kept.
    static let messageLimit = 2000

    /// What the change is, in a few words: `push to main of octo-org/monorepo, 3 paths`.
    package var summary: String { Self.summary(ofRecorded: recorded) }

    /// The same of a change as a decision record shows it.
    package static func summary(ofRecorded change: JSON) -> String {
        func text(_ name: String) -> String? { change[name]?.string }
        let repository = text("repository") ?? ""
        switch text("kind").flatMap(Kind.init(rawValue:)) {
        case .tag: return "tag \(text("tag") ?? "") of \(repository)"
        case .pullRequest:
            let number = change["pullRequest"]?.int ?? 0
            if let comment = text("comment") {
                return "\(clipped(comment)) on pull request \(number) of \(repository)"
            }
            return "pull request \(number) of \(repository), \(text("action") ?? "")"
        case .mergeGroup: return "merge group for \(text("branch") ?? "") of \(repository)"
        case .image: return "image \(text("image") ?? repository)"
        case .push, nil:
            let count = change["pathCount"]?.int ?? 0
            let paths = count == 1 ? "1 path" : "\(count) paths"
            let incomplete = text("pathsIncomplete").map { ", not all: \($0)" } ?? ""
            return "push to \(text("branch") ?? "") of \(repository), \(paths)\(incomplete)"
        }
    }
}

extension Change {
    /// The same change under another name, so that everything it calls for starts again: its
    /// identity and its delivery id are those of its replay of that number, and no newer change
    /// holds it back.
    package func replayed(_ number: Int) -> Change {
        let suffix = "-replay-\(number)"
        let id = delivery.utf8.prefix(DeliveryID.longest - suffix.utf8.count)
        var change = self
        change.delivery = String(decoding: id, as: UTF8.self) + suffix
        change.ignoresOrder = true
        change.bodyDigest = BodyDigest(eventID: bodyDigest.hex, ref: suffix)
        return change
    }
}

extension Change {
    /// The ref that a status is about besides the commit, where the provider wants to be told: the branch
    /// or tag that was pushed, or the head of a pull request.
    var statusRef: String? {
        guard source == .gitlab else { return nil }
        return pullRequest?.head ?? branch ?? tag
    }

    /// What the identity begins with of a start that is made once for a pull request's head, whichever
    /// delivery asks for it; `nil` where each delivery's start is one of its own.
    ///
    /// Labels that are added together come as one delivery each at the same moment, and so does the
    /// opening of a pull request that is opened with labels.
    ///
    /// - Parameter isOnceOpened: Its opening is one of these deliveries, for a rule that looks at labels.
    func headDigest(ifOpened isOnceOpened: Bool) -> BodyDigest? {
        guard let pullRequest, let after, !ignoresOrder,
            pullRequest.hasSameHead || (isOnceOpened && pullRequest.action == "opened")
        else { return nil }
        return BodyDigest(eventID: "pull_request:\(pullRequest.number)", ref: after)
    }
}

/// The digest of a delivery's body, with which the identity of every start of a change begins.
///
/// The identity of a start is the SHA-256 of the raw body (of a CodeCommit change: of the
/// AWS event's id, a newline and the ref; of a pull request's head that is started once: of
/// `pull_request:` and its number, a newline and the head), a newline and the rule's key. The body itself is
/// not handed over: its digest is, as far as it has come, and is continued here.
struct BodyDigest: Sendable {
    private let digest: SHA256

    init(_ digest: SHA256) {
        self.digest = digest
    }

    init(eventID: String, ref: String) {
        self.init(SHA256(of: Array((eventID + "\n" + ref).utf8)))
    }

    /// The digest that a checkpoint stands for; `nil` where it is none.
    init?(_ checkpoint: SHA256.Checkpoint) {
        guard let digest = SHA256(resuming: checkpoint) else { return nil }
        self.digest = digest
    }

    /// How far the digest has come, to be handed over.
    var checkpoint: SHA256.Checkpoint { digest.checkpoint }

    /// The SHA-256 of the body itself (of a CodeCommit change: of the event's id and the ref):
    /// 64 lower-case hexadecimal digits.
    var hex: String { Hex.lower(digest.finalize()) }

    /// The identity of the start that a rule asks for: 64 lower-case hexadecimal digits.
    func startIdentity(ruleKey: String) -> String {
        var digest = digest
        digest.update(Array(("\n" + ruleKey).utf8))
        return Hex.lower(digest.finalize())
    }
}

extension BodyDigest: Equatable {
    /// Whether the same starts have the same identities.
    static func == (one: BodyDigest, other: BodyDigest) -> Bool {
        one.checkpoint == other.checkpoint
    }
}

/// How a delivery is named in answers, log lines and records.
enum DeliveryID {
    /// An id of the provider's own, where it is a plain token: headers are not signed.
    static func plainToken(_ id: String?) -> String? {
        guard let id, isPlainToken(id) else { return nil }
        return id
    }

    /// The hash of the body: 64 lower-case hexadecimal digits.
    static func hash(of body: [UInt8]) -> String {
        Hex.lower(SHA256.hash(body))
    }

    /// Bytes of an id at the most.
    static let longest = 64

    /// Whether a text is 1 to 64 ASCII letters, digits and hyphens, as a GUID is.
    static func isPlainToken(_ text: String) -> Bool {
        (1...longest).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-")
            }
    }
}

extension Change {
    /// The change as its decision record shows it: how many paths, not which.
    package var recorded: JSON {
        JSON([
            "source": .string(source.rawValue),
            "repository": .string(repository),
            "kind": .string(kind.rawValue),
            "branch": branch.map(JSON.string),
            "queueBranch": queueBranch.map(JSON.string),
            "tag": tag.map(JSON.string),
            "before": before.map(JSON.string),
            "after": after.map(JSON.string),
            "tagObject": tagObject.map(JSON.string),
            "actor": actor.map(JSON.string),
            "pullRequest": pullRequest.map { .int($0.number) },
            "action": pullRequest.map { .string($0.action) },
            "comment": comment.map { .string($0.line) },
            "statusRef": statusRef.map(JSON.string),
            "image": image.map { .string("\($0.repository):\($0.tag)") },
            "created": created ? .bool(true) : nil,
            "deleted": deleted ? .bool(true) : nil,
            "forced": forced ? .bool(true) : nil,
            "pathCount": .int(paths.paths.count),
            "pathsIncomplete": paths.incomplete.map(JSON.string),
            "comparedWith": paths.comparedWith.map(JSON.string),
            "receivedAt": .string(receivedAt.iso8601Milliseconds),
            "delivery": .string(delivery),
            "body": .string(bodyDigest.hex),
        ])
    }
}
