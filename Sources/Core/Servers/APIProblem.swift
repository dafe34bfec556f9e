internal import Platform

/// Why a provider's API has not done what it was called for, in words that hold no secret, and
/// whether it may do so later.
///
/// What a status means is the provider's to say: `GitHubAPI.success` is GitHub's reading.
package struct APIProblem: Error, Equatable, CustomStringConvertible {
    enum Kind: Equatable, Sendable {
        /// Refused, however often it is called.
        case refused
        /// Called too often: it may be called again in that many seconds, 1 at least.
        case limited(seconds: Int)
        /// It may succeed later, also because the provider's credentials were replaced.
        case failed
    }

    var kind: Kind
    /// `github:CreateStatus of octo/mono@6dcb09b: 422: No commit found for SHA: 6dcb09b`.
    package var description: String
    /// The provider's status; `nil` where none came.
    var status: Int?
    /// Whether the token could not be had, so that the call itself was not sent.
    var isOfToken = false
    /// Whether the provider may have done it all the same.
    var mayHaveActed = false

    /// Something is wrong before the provider is called.
    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// A call has failed.
    init(_ kind: Kind, _ error: CallError) {
        self.init(kind, error.description)
        status = error.status
        mayHaveActed = error.mayHaveActed
    }

    /// The same problem, with what it is a problem for before it.
    func preceded(by words: String) -> APIProblem {
        var problem = self
        problem.description = "\(words): \(description)"
        return problem
    }
}
