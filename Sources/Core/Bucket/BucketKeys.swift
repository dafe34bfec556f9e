internal import Codec
internal import Platform

/// Where each object lies in the bucket: the one place that makes and reads keys.
package struct BucketKeys: Equatable, Sendable {
    /// What all keys begin with: the value of `S3_PREFIX`, without a slash at its end.
    package let prefix: String

    package init(prefix: String) {
        self.prefix = prefix
    }

    /// The first part of a key after the prefix, except in keys of the mono-repo trigger's rules.
    private enum Folder: String, CaseIterable {
        case rules, ledger, changes, decisions, commits, heads, runs, statuses, recover, pulls
    }

    private func folder(_ folder: Folder) -> String { "\(prefix)/\(folder.rawValue)/" }
}

/// What `evaluate` and `webhook` write.
extension BucketKeys {
    /// The ledger entry of a start.
    func ledger(_ identity: String) -> String { folder(.ledger) + identity }

    /// The newest start of a rule for a scope.
    func head(ofRule ruleKey: String, scope: String) -> String {
        folder(.heads) + Self.hash("\(ruleKey)\n\(scope)") + ".json"
    }

    /// Where changes are handed over and kept.
    var changes: String { folder(.changes) }

    /// A change that is handed over or kept; the day is that of receipt, in UTC.
    ///
    /// Named by the delivery's body: no unsigned header may choose a key.
    package func change(_ change: Change) -> String {
        "\(changes)\(change.receivedAt.day)/\(change.bodyDigest.startIdentity(ruleKey: "")).json"
    }

    /// Where decision records lie.
    package var decisions: String { folder(.decisions) }

    /// What the keys of a day's decision records begin with, of one delivery or of all.
    package func decisions(on day: String, of delivery: String = "") -> String {
        "\(decisions)\(day)/\(delivery)"
    }

    /// A decision record, or a self-check; the day is that of receipt, in UTC.
    func decision(_ delivery: String, receivedAt: Timestamp) -> String {
        decisions(on: receivedAt.day, of: delivery) + ".json"
    }

    /// The decision record of a change.
    package func decision(on change: Change) -> String {
        decision(change.delivery, receivedAt: change.receivedAt)
    }

    /// Where the decision record lies instead if another change has taken that key.
    ///
    /// A delivery's id is not signed: a sender who repeats a signed body may give it the id
    /// of another delivery, whose record must stay.
    func otherDecision(on change: Change) -> String {
        decision("\(change.delivery)-\(change.bodyDigest.hex)", receivedAt: change.receivedAt)
    }

    /// The evaluated commits of the CodeCommit branch that a change is on.
    ///
    /// A branch has up to 256 characters (CodeCommit's quotas) and a key up to 1024 bytes: a
    /// name that may be too long is named by its hash.
    func commits(of change: Change) -> String {
        let branch = change.branch ?? ""
        let name = branch.utf8.count <= 256 ? "refs/heads/\(branch)" : Self.hash(branch)
        return "\(folder(.commits))codecommit/\(change.repository)/\(name).json"
    }

    /// The head of a pull request: `{prefix}/pulls/github/acme/app/7.json`.
    func pullHead(_ number: Int, of source: Change.Source, in repository: String) -> String {
        "\(folder(.pulls))\(source.rawValue)/\(repository.asciiLowercased)/\(number).json"
    }

    /// What a run belongs to.
    package func run(_ name: RunName) -> String { "\(folder(.runs))\(name.text).json" }

    /// What a commit's status is and should be, for one context.
    package func status(
        of sha: String,
        in repository: String,
        of source: Change.Source,
        context: String
    ) -> String {
        let text = "\(source.rawValue)\n\(repository)\n\(sha)\n\(context)"
        return "\(folder(.statuses))\(Self.hash(text)).json"
    }

    /// How far a webhook's deliveries were looked at: `{prefix}/recover/orgs-octo-hooks-2.json`.
    func recoverCheckpoint(ofHook name: String) -> String {
        let bytes = name.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "-") : $0 }
        return folder(.recover) + String(decoding: bytes, as: UTF8.self) + ".json"
    }

    private static func hash(_ text: String) -> String {
        Hex.lower(SHA256.hash(Array(text.utf8)))
    }
}

/// What a run that was started is kept under: the part of its key below `runs/`, without `.json`.
package struct RunName: Equatable, Sendable {
    let text: String

    /// A name that was kept; `nil` where it is none.
    package init?(_ text: String) {
        guard
            ["codepipeline/", "codebuild/", "pipeline/"].contains(where: {
                text.utf8.starts(with: $0.utf8)
            })
        else { return nil }
        self.text = text
    }

    private init(_ folder: String, _ name: String) { text = "\(folder)/\(name)" }

    /// An execution of a pipeline, by its id.
    static func execution(_ id: String) -> RunName { RunName("codepipeline", id) }

    /// A build, by its id: `project:uuid`.
    static func build(_ id: String) -> RunName { RunName("codebuild", id) }

    /// The first run of a pipeline that was made: CodePipeline's answer has no id of it.
    static func first(ofPipeline name: String) -> RunName { RunName("pipeline", name) }

    /// The id of the run; `nil` of a pipeline's first one.
    var id: String? {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")),
            !text.utf8.starts(with: "pipeline/".utf8)
        else { return nil }
        return String(decoding: text.utf8[slash...].dropFirst(), as: UTF8.self)
    }
}

/// Keys that are listed to find rules.
package struct RuleListing: Equatable, Sendable {
    /// What they begin with.
    package let prefix: String
    /// What they do not have after that; `nil` if they may have anything.
    package var delimiter: String?

    /// Whether it has a key.
    package func contains(_ key: String) -> Bool {
        guard key.utf8.starts(with: prefix.utf8) else { return false }
        guard let delimiter else { return true }
        return !Array(key.utf8.dropFirst(prefix.utf8.count))[...].holds(Array(delimiter.utf8))
    }
}

/// Rules.
extension BucketKeys {
    /// Where rules lie, except those of the mono-repo trigger.
    package var rules: String { folder(.rules) }

    /// Where the rules about a repository lie: `{prefix}/rules/github/acme/app/`.
    func rules(of source: Change.Source, _ repository: String) -> String {
        "\(rules)\(source.rawValue)/\(repository.asciiLowercased)/"
    }

    /// A rule: `{prefix}/rules/github/acme/app/{name}.json`.
    package func rule(_ name: String, of source: Change.Source, _ repository: String) -> String {
        rules(of: source, repository) + name + ".json"
    }

    /// A rule of the mono-repo trigger; `repository` has no owner.
    func monoRepoRule(repository: String, branch: String, pipeline: String) -> String {
        let text = "\(repository)-\(branch)-\(pipeline)"
        let digest = Hex.upper(SHA1.hash([UInt8](text.utf8))).cut(to: 8)
        return "\(prefix)/\(text.cut(to: Self.monoRepoLength))-\(digest).json"
    }

    /// The keys that rules which may concern a change have: those in the repository's folder, and of a
    /// push of GitHub's those that begin as the keys of the mono-repo trigger do.
    package func ruleListings(for change: Change) -> [RuleListing] {
        let folder = rules(of: change.source, change.repository)
        // `team` and `team/web` may be two repositories: folders in it are not its own.
        let listing = RuleListing(prefix: folder, delimiter: "/")
        guard let beginning = Self.monoRepoBeginning(for: change) else { return [listing] }
        return [listing, RuleListing(prefix: "\(prefix)/\(beginning)")]
    }

    /// Whether a listed key is that of a rule; a folder's marker, for one, is not.
    package static func isRule(_ key: String) -> Bool {
        [UInt8](key.utf8.suffix(5)) == [UInt8](".json".utf8)
    }

    /// Whether a text is the key of a rule, with any prefix.
    static func isRuleKey(_ text: String) -> Bool {
        isRule(text) && text.utf8.contains(UInt8(ascii: "/"))
    }

    /// Whether a key is one that a rule is written under, of either shape.
    func isDeclaredRule(_ key: String) -> Bool {
        isMonoRepoRule(key) || isCurrentRule(key)
    }

    /// Whether a key is one that ``rule(_:of:_:)`` makes.
    private func isCurrentRule(_ key: String) -> Bool {
        guard Self.isRule(key), let name = Self.name(key, after: rules) else { return false }
        // source, repository (of some parts), name
        let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let first = parts.first,
            let source = Change.Source(rawValue: String(decoding: first, as: UTF8.self))
        else { return false }
        return source.repositoryName.parts.contains(parts.count - 2)
            && parts.allSatisfy { !$0.isEmpty }
    }

    /// Whether a key is one that ``monoRepoRule(repository:branch:pipeline:)`` makes, and in none of
    /// the folders.
    func isMonoRepoRule(_ key: String) -> Bool {
        guard Self.isRule(key), let name = Self.name(key, after: "\(prefix)/"),
            !Folder.allCases.contains(where: { name.starts(with: "\($0.rawValue)/".utf8) })
        else { return false }
        return name.count > 9 && name[name.count - 9] == UInt8(ascii: "-")
            && name.suffix(8).allSatisfy {
                $0.isASCIIDigit || (0x41...0x46).contains($0)
            }
    }

    /// What stands in a key between a beginning and `.json`.
    private static func name(_ key: String, after beginning: String) -> [UInt8]? {
        guard key.utf8.starts(with: beginning.utf8) else { return nil }
        return [UInt8](key.utf8.dropFirst(beginning.utf8.count).dropLast(5))
    }

    /// What the keys of the mono-repo trigger begin with for a change, after the prefix.
    ///
    /// - Parameter end: what follows the branch.
    static func monoRepoBeginning(for change: Change, _ end: String = "") -> String? {
        guard change.source == .github, change.kind == .push, let branch = change.branch else {
            return nil
        }
        return "\(nameWithoutOwner(change.repository))-\(branch)\(end)".cut(to: monoRepoLength)
    }

    /// `app` of `acme/app`.
    static func nameWithoutOwner(_ repository: String) -> String {
        let bytes = [UInt8](repository.utf8)
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    /// The mono-repo trigger cut its keys to that many code points.
    private static let monoRepoLength = 52
}
