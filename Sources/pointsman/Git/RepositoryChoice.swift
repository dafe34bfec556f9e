import Core

/// Finds which repository a clone is of, as rules name it.
struct RepositoryChoice {
    /// The repositories that rules are about, by the keys' order, each once, in the rules' own case.
    private var known: [(source: Change.Source, name: String)] = []

    init(_ rules: [Rule] = []) {
        var seen: Set<ByteKey> = []
        for rule in rules {
            guard let (source, name) = rule.definition.map({ ($0.source, $0.repository) }),
                source != .dockerhub, source != .ecr
            else { continue }
            let spelled = source == .codecommit ? name : name.lowercased()
            guard seen.insert(ByteKey("\(source.rawValue)/\(spelled)")).inserted else { continue }
            known.append((source, name))
        }
        known.sort { ($0.source.rawValue, $0.name) < ($1.source.rawValue, $1.name) }
    }

    /// The repository that was asked for, else that of the remote, else the only one there is.
    func repository(
        named asked: String?,
        origin: GitOrigin?
    ) throws(Failure) -> (source: Change.Source, repository: String) {
        if let asked {
            let own = known.first { $0.name == asked }
            let found = own ?? known.first { $0.name.lowercased() == asked.lowercased() }
            return (found?.source ?? origin?.source ?? .github, asked)
        }
        let own = origin.flatMap { origin in
            known.filter { origin.isRepository($0.name, of: $0.source) }
                .max { $0.name.count < $1.name.count }
        }
        if let own { return (own.source, own.name) }
        if known.isEmpty, let origin {
            let (source, name) = origin.repository
            return (source, name)
        }
        guard known.count == 1, let only = known.first else {
            guard !known.isEmpty else {
                throw Failure("which repository it is is not known: --repository says it")
            }
            let stranger = stranger(named: asked, origin: origin).map { "\($0); " } ?? ""
            throw Failure(
                "\(stranger)the rules are about \(known.count) repositories (\(list)): "
                    + "--repository says which"
            )
        }
        return (only.source, only.name)
    }

    /// Some of the repositories that rules are about.
    private var list: String {
        known.prefix(5).map { "\($0.source.rawValue)/\($0.name)" }.joined(separator: ", ")
    }

    /// That no rule is about the clone's own repository, and another one is taken; `nil` where some is.
    func warning(named asked: String?, origin: GitOrigin?) -> String? {
        stranger(named: asked, origin: origin).map {
            "\($0): it is taken for \(list), which the rules are about"
        }
    }

    private func stranger(named asked: String?, origin: GitOrigin?) -> String? {
        guard asked == nil, let origin, !known.isEmpty,
            !known.contains(where: { origin.isRepository($0.name, of: $0.source) })
        else { return nil }
        let (source, name) = origin.repository
        return "no rule is about \(source.rawValue)/\(name), which origin names"
    }
}
