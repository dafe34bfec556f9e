package import Codec
internal import Platform

/// Where a start stands among those of its rule: an older change is not started after a newer one
/// of the same scope.
package struct StartOrder: Equatable, Sendable {
    /// What it is about: `branch:main`, `tag:v1`, `pull_request:7` or `image`, which is all tags of
    /// the image.
    package var scope: String
    /// When the change happened, by the provider's clock.
    package var eventTime: Timestamp
    /// It starts all the same where a newer one was started.
    package var isIgnored: Bool

    /// The order of a change's starts; `nil` where it has no event time or is of no scope.
    init?(of change: Change) {
        guard let eventTime = change.eventTime, let scope = Self.scope(of: change) else {
            return nil
        }
        self.scope = scope
        self.eventTime = eventTime
        self.isIgnored = change.ignoresOrder
    }

    private static func scope(of change: Change) -> String? {
        switch change.kind {
        case .push: change.branch.map { "branch:\($0)" }
        case .tag: change.tag.map { "tag:\($0)" }
        case .pullRequest: change.pullRequest.map { "pull_request:\($0.number)" }
        case .image: "image"
        }
    }

    /// Where the newest start of a rule and this scope lies, below `S3_PREFIX`.
    package func key(ofRule ruleKey: String) -> String {
        "heads/\(Hex.lower(SHA256(of: Array("\(ruleKey)\n\(scope)".utf8)).finalize())).json"
    }
}
