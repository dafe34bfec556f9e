package import Codec

/// What happened to a repository, in this project's words: everything that rules
/// and targets may look at, and nothing of the provider's own JSON.
package struct Change: Equatable, Sendable {
    /// Who told of the change.
    package enum Source: String, Equatable, Sendable {
        case github, codecommit, dockerhub
    }

    /// What kind of change it is.
    package enum Kind: String, Equatable, Sendable {
        case push, tag
        case pullRequest = "pull_request"
        case image
    }

    /// Who told of it.
    package var source: Source
    /// `owner/name` as the provider spells it, the CodeCommit name, or `namespace/image`.
    package var repository: String
    /// GitHub's number of the repository, which it keeps when it is renamed or transferred.
    package var repositoryID: Int?
    /// What kind of change it is.
    package var kind: Kind
    /// The whole branch name (`release/main` is not `main`); for a pull request, its base.
    package var branch: String?
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
    /// The ref was created.
    package var created = false
    /// The ref was deleted; such a change starts nothing.
    package var deleted = false
    /// The push was forced.
    package var forced = false
    /// The login that pushed.
    package var actor: String?
    /// The head commit's message, at most 2,000 characters of it.
    package var message: String?
    /// The head commit's author.
    package var author: Author?
    /// The URL to clone the repository from.
    package var cloneURL: String?
    /// When it was received.
    package var receivedAt: Timestamp
    /// When it happened, by the provider's clock, which orders the changes of one ref.
    package var eventTime: Timestamp?
    /// It starts also what a newer change was started for.
    package var ignoresOrder = false
    /// The delivery's id: the provider's where that is a plain token, else a hash of the body.
    package var delivery: String
    /// What the identity of every start of this change begins with.
    package var identity: ChangeIdentity
    /// The pull request, where it is one.
    package var pullRequest: PullRequest?
    /// The image, where it is one.
    package var image: Image?
    /// The changed paths.
    package var paths: ChangedPaths

    /// It is a tag of something that is not a commit, on which nothing can run.
    var isWithoutCommit: Bool { kind == .tag && !deleted && after == nil }

    /// A commit's author.
    package struct Author: Equatable, Sendable {
        /// The name as in the commit.
        package var name: String?
        /// The e-mail address as in the commit.
        package var email: String?
    }

    /// A pull request as the event tells of it.
    package struct PullRequest: Equatable, Sendable {
        /// Its number.
        package var number: Int
        /// `opened`, `reopened`, `synchronize`, `ready_for_review`, `edited` where that gave it
        /// another base, or `closed`.
        package var action: String
        /// The branch it is to be merged into.
        package var base: String
        /// The branch it comes from.
        package var head: String
        /// The head branch lies in another repository, or in one that is gone.
        package var fork: Bool
        /// It is a draft.
        package var draft: Bool
        /// It was merged.
        package var merged: Bool
        /// The commit that its base is at, where the event tells.
        package var baseCommit: String?
        /// The repository that the head branch lies in, where that is another one; absent also
        /// where it is gone.
        package var headRepository: String?
    }

    /// A container image as the event tells of it.
    package struct Image: Equatable, Sendable {
        /// `namespace/image`.
        package var repository: String
        /// The tag that was pushed.
        package var tag: String
    }
}
