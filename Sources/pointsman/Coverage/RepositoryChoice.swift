import Trigger

/// Finds which repository of those that rules are about a clone is of.
struct RepositoryChoice {
    /// `github/acme/app` and so on, each once.
    private let names: [String]

    init(_ folder: RuleFolder) {
        var names: Set<ByteKey> = []
        for entry in folder.entries {
            let parts = entry.name(prefix: RuleFolder.prefix).split(separator: "/")
            if parts.count > 2 || parts.first == "codecommit" {
                names.insert(ByteKey(parts.dropLast().joined(separator: "/")))
            }
        }
        self.names = names.sorted().map(\.text)
    }

    /// The repository that was asked for, else that of the remote, else the only one there is.
    func repository(
        named asked: String?,
        origin: String?
    ) throws(Failure) -> (source: Change.Source, repository: String) {
        if let asked {
            let found = names.first { $0.hasSuffix("/\(asked.lowercased())") }
            return (found.flatMap(Self.source) ?? .github, asked)
        }
        let own = origin.flatMap { origin in
            names.first { $0.hasSuffix("/\(origin.lowercased())") }
        }
        guard let name = own ?? (names.count == 1 ? names.first : nil),
            let source = Self.source(name)
        else {
            let all = names.prefix(5).joined(separator: ", ")
            throw Failure(
                "the rules are about \(names.count) repositories (\(all)): --repository says which"
            )
        }
        return (source, name.split(separator: "/").dropFirst().joined(separator: "/"))
    }

    private static func source(_ name: String) -> Change.Source? {
        name.split(separator: "/").first.flatMap { Change.Source(rawValue: String($0)) }
    }
}
