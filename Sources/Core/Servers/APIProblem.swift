internal import Codec
internal import Platform

/// Why a provider's API has not done what it was called for, in words that hold no secret, and
/// whether it may do so later.
///
/// `APICall.success(_:at:)` tells it by the answer.
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

/// What the answer of a provider's API means: of GitHub's
/// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api), and of those that
/// follow it.
extension APICall {
    /// Seconds to wait where a limit was hit and nothing says for how long: what GitHub advises.
    private static let usualPause = 60

    /// The response, if the provider has done what it was called for.
    ///
    /// 429 is a limit, and so is 403 with `retry-after`, with `x-ratelimit-remaining: 0`, or with words about a
    /// secondary limit, which GitHub may send without either. A 401 may pass, with another token; every other
    /// 4xx will not.
    func success(
        _ result: Result<HTTPResponse, CallError>,
        at now: Timestamp
    ) throws(APIProblem) -> HTTPResponse {
        let response: HTTPResponse
        switch result {
        case .success(let success): response = success
        case .failure(let error):
            let status = error.status ?? 0
            let isFinal = (400..<500).contains(status) && status != 401
            throw APIProblem(isFinal ? .refused : .failed, error)
        }
        guard response.status == 403 || response.status == 429 else { return response }
        var error = CallError(self, response)
        let retryAfter = response.headers["retry-after"].flatMap { Int($0) }
        var seconds = retryAfter
        if response.headers["x-ratelimit-remaining"] == "0" {
            error.code = "RateLimited"
            error.message = "the token's requests are used up"
            if let reset = response.headers["x-ratelimit-reset"].flatMap({ Int($0) }),
                (0...4_102_444_800).contains(reset)
            {
                error.message += " until \(Timestamp(milliseconds: reset * 1_000).iso8601)"
                seconds = seconds ?? reset - now.milliseconds / 1_000
            }
            seconds = seconds ?? Self.usualPause
        } else if let seconds {
            error.code = "RateLimited"
            error.message = "the token's requests are too many, for \(seconds) s"
        } else if response.status == 429 || error.message.holdsSecondaryLimit {
            seconds = Self.usualPause
        }
        throw APIProblem(seconds.map { .limited(seconds: max(1, $0)) } ?? .refused, error)
    }
}

extension String {
    /// Whether it has GitHub's words for a secondary limit, which may come without headers.
    fileprivate var holdsSecondaryLimit: Bool {
        [UInt8](utf8)[...].holds(Array("secondary rate limit".utf8))
    }
}
