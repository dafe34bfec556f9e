extension Change {
    /// How many code points of a commit message are kept.
    static let messageLimit = 2000

    /// A commit message, cut to what is kept of it.
    static func cut(_ message: String) -> String {
        guard message.utf8.count > messageLimit else { return message }
        return String(message.unicodeScalars.prefix(messageLimit))
    }

    /// What the change is, in a few words: `push to main of octo-org/monorepo, 3 paths`.
    package var summary: String {
        switch kind {
        case .push:
            "push to \(branch ?? "") of \(repository), \(pathsSummary)"
        case .tag:
            "tag \(tag ?? "") of \(repository)"
        case .pullRequest:
            "pull request \(pullRequest?.number ?? 0) of \(repository), "
                + (pullRequest?.action ?? "")
        case .image:
            "image \(repository):\(tag ?? "")"
        }
    }

    private var pathsSummary: String {
        let count = paths.paths.count == 1 ? "1 path" : "\(paths.paths.count) paths"
        return paths.incomplete.map { "\(count), not all: \($0)" } ?? count
    }
}
