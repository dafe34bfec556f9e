extension Template {
    /// The placeholders that no change of a source and of these kinds has a value for.
    package func placeholders(
        emptyFor source: Change.Source,
        _ kinds: [Change.Kind]
    ) -> [Placeholder] {
        guard !kinds.isEmpty else { return [] }
        return placeholders.filter { placeholder in
            !kinds.contains { placeholder.mayHaveValue(source, $0) }
        }
    }
}

extension Template.Placeholder {
    /// Whether there are changes of a source and kind that have a value for it.
    fileprivate func mayHaveValue(_ source: Change.Source, _ kind: Change.Kind) -> Bool {
        switch self {
        case .repository, .actor, .delivery: true
        case .after, .ref: kind != .image
        // CodeCommit tells only what a pull request is at now.
        case .before: kind == .push || kind == .tag || (kind == .pullRequest && source == .github)
        case .branch: kind == .push || kind == .pullRequest
        case .tag: kind == .tag || kind == .image
        case .message: source.hasMessage(kind)
        case .pullRequest: kind == .pullRequest
        case .image: kind == .image
        }
    }
}
