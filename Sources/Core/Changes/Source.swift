extension Change {
    /// A provider that tells of changes, by the name that it has in rules, keys and records.
    ///
    /// What rules and messages need to know of each stands here; how its events arrive and are read,
    /// in its own file in `Sources`.
    package enum Source: String, Equatable, Sendable, CaseIterable {
        case github, codecommit, dockerhub

        /// The names of all.
        package static var names: [String] { allCases.map { $0.rawValue } }
    }
}

extension Change.Source {
    /// What people call it.
    var title: String {
        switch self {
        case .github: "GitHub"
        case .codecommit: "CodeCommit"
        case .dockerhub: "Docker Hub"
        }
    }

    /// The kinds of change that it tells of; the first one is what a rule is about that does not say.
    var kinds: [Change.Kind] {
        switch self {
        case .github, .codecommit: [.push, .tag, .pullRequest]
        case .dockerhub: [.image]
        }
    }

    /// How the name of a repository is written, for people, and how many parts it has between
    /// slashes.
    var repositoryName: (form: String, parts: ClosedRange<Int>) {
        switch self {
        case .github: ("owner/name", 2...2)
        case .codecommit: ("the repository's name", 1...1)
        case .dockerhub: ("namespace/image", 2...2)
        }
    }

    /// Whether its commits have statuses.
    var hasStatuses: Bool { self == .github }

    /// Whether its changes of that kind carry a commit's message.
    func hasMessage(_ kind: Change.Kind) -> Bool {
        self == .github && (kind == .push || kind == .tag)
    }
}
