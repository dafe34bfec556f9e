public import Codec

/// What happened to a repository, in this project's words: everything that rules
/// and targets may look at, and nothing of the provider's own JSON.
public struct Change: Equatable, Sendable {
    /// Who told of the change.
    public enum Source: String, Equatable, Sendable {
        case github, codecommit, dockerhub
    }

    /// What kind of change it is.
    public enum Kind: String, Equatable, Sendable {
        case push, tag
        case pullRequest = "pull_request"
        case image
    }

    /// Who told of it.
    public var source: Source
    /// `owner/name` as the provider spells it, the CodeCommit name, or `namespace/image`.
    public var repository: String
    /// GitHub's number of the repository, which it keeps when it is renamed or transferred.
    public var repositoryID: Int?
    /// What kind of change it is.
    public var kind: Kind
    /// The whole branch name (`release/main` is not `main`); for a pull request, its base.
    public var branch: String?
    /// The whole tag name; for an image, its tag.
    public var tag: String?
    /// What the ref was at before, 40 or 64 hexadecimal digits; absent where it was created.
    ///
    /// Of an annotated tag that was moved it is a tag object: no event says what that pointed to.
    public var before: String?
    /// The commit that targets run on; absent where the ref was deleted, or is a tag that points
    /// to something that is not a commit.
    public var after: String?
    /// The object that a tag is at where that is not the commit: of an annotated tag its own.
    public var tagObject: String?
    /// The ref was created.
    public var created = false
    /// The ref was deleted; such a change starts nothing.
    public var deleted = false
    /// The push was forced.
    public var forced = false
    /// The login that pushed.
    public var actor: String?
    /// The head commit's message, at most 2,000 characters of it.
    public var message: String?
    /// The head commit's author.
    public var author: Author?
    /// The URL to clone the repository from.
    public var cloneURL: String?
    /// When it was received.
    public var receivedAt: Timestamp
    /// When it happened, by the provider's clock, which orders the changes of one ref.
    public var eventTime: Timestamp?
    /// It starts also what a newer change was started for.
    public var ignoresOrder = false
    /// The delivery's id: the provider's where that is a plain token, else a hash of the body.
    public var delivery: String
    /// What the identity of every start of this change begins with.
    public var identity: ChangeIdentity
    /// The pull request, where it is one.
    public var pullRequest: PullRequest?
    /// The image, where it is one.
    public var image: Image?
    /// The changed paths.
    public var paths: ChangedPaths

    /// It is a tag of something that is not a commit, on which nothing can run.
    var isWithoutCommit: Bool { kind == .tag && !deleted && after == nil }

    /// A commit's author.
    public struct Author: Equatable, Sendable {
        /// The name as in the commit.
        public var name: String?
        /// The e-mail address as in the commit.
        public var email: String?
    }

    /// A pull request as the event tells of it.
    public struct PullRequest: Equatable, Sendable {
        /// Its number.
        public var number: Int
        /// `opened`, `reopened`, `synchronize`, `ready_for_review`, `edited` where that gave it
        /// another base, or `closed`.
        public var action: String
        /// The branch it is to be merged into.
        public var base: String
        /// The branch it comes from.
        public var head: String
        /// The head branch lies in another repository, or in one that is gone.
        public var fork: Bool
        /// It is a draft.
        public var draft: Bool
        /// It was merged.
        public var merged: Bool
        /// The commit that its base is at, where the event tells.
        public var baseCommit: String?
        /// The repository that the head branch lies in, where that is another one; absent also
        /// where it is gone.
        public var headRepository: String?
    }

    /// A container image as the event tells of it.
    public struct Image: Equatable, Sendable {
        /// `namespace/image`.
        public var repository: String
        /// The tag that was pushed.
        public var tag: String
    }
}
