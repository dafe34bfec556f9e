extension Change {
    /// A provider that tells of changes, by the name that it has in rules, keys and records.
    ///
    /// What rules and messages need to know of each stands here; how its events arrive and are read,
    /// in its own file in `Sources`.
    package enum Source: String, Equatable, Sendable, CaseIterable {
        case github, gitea, gitlab, codecommit, dockerhub, ecr

        /// The names of all.
        package static var names: [String] { allCases.map { $0.rawValue } }
    }
}

extension Change.Source {
    /// What people call it.
    package var title: String {
        switch self {
        case .github: "GitHub"
        case .gitea: "Gitea"
        case .gitlab: "GitLab"
        case .codecommit: "CodeCommit"
        case .dockerhub: "Docker Hub"
        case .ecr: "ECR"
        }
    }

    /// The kinds of change that it tells of; the first one is what a rule is about that does not say.
    var kinds: [Change.Kind] {
        switch self {
        case .github: [.push, .tag, .pullRequest, .mergeGroup]
        case .gitea, .gitlab, .codecommit: [.push, .tag, .pullRequest]
        case .dockerhub, .ecr: [.image]
        }
    }

    /// How the name of a repository is written, for people, and how many parts it has between
    /// slashes.
    var repositoryName: (form: String, parts: ClosedRange<Int>) {
        switch self {
        case .github, .gitea: ("owner/name", 2...2)
        case .gitlab: ("the project's whole path, such as group/sub/name", 2...Int.max)
        case .codecommit: ("the repository's name", 1...1)
        case .dockerhub: ("namespace/image", 2...2)
        case .ecr: ("the repository's name", 1...Int.max)
        }
    }

    /// Whether its commits have statuses.
    var hasStatuses: Bool {
        switch self {
        case .github, .gitea, .gitlab: true
        case .codecommit, .dockerhub, .ecr: false
        }
    }

    /// Whether a pull request may come from another repository.
    var hasForks: Bool { hasStatuses }

    /// Whether a push may have been forced although its event does not say so.
    var hidesForce: Bool { self == .gitea || self == .gitlab }

    /// Whether its pull requests can be drafts and have labels.
    var hasLabels: Bool { hasStatuses }

    /// Whether `SkipMessages` has a say in its changes of that kind.
    ///
    /// It has none in a merge group: the queue would wait for what is skipped.
    func heedsMessage(_ kind: Change.Kind) -> Bool { hasMessage(kind) && kind != .mergeGroup }

    /// Whether its changes of that kind carry a commit's message.
    func hasMessage(_ kind: Change.Kind) -> Bool {
        hasStatuses && (kind == .push || kind == .tag || kind == .mergeGroup)
    }
}
