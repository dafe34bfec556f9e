internal import Codec
internal import Platform

/// Where rules lie in S3.
///
/// A prefix is the value of `S3_PREFIX`, without a `/` at its end.
package enum RuleKey {
    /// The folder of a repository's rules: `{prefix}/rules/github/acme/app/`.
    package static func folder(
        prefix: String,
        source: Change.Source,
        repository: String
    ) -> String {
        "\(prefix)/rules/\(source.rawValue)/\(repository.asciiLowercased)/"
    }

    /// The key of a rule: `{prefix}/rules/github/acme/app/{name}.json`.
    package static func current(
        prefix: String,
        source: Change.Source,
        repository: String,
        name: String
    ) -> String {
        folder(prefix: prefix, source: source, repository: repository) + name + ".json"
    }

    /// The key of a rule of the mono-repo trigger; `repository` has no owner.
    package static func monoRepo(
        prefix: String,
        repository: String,
        branch: String,
        pipeline: String
    ) -> String {
        let text = "\(repository)-\(branch)-\(pipeline)"
        let digest = Hex.upper(SHA1.hash([UInt8](text.utf8))).cut(to: 8)
        return "\(prefix)/\(text.cut(to: monoRepoLength))-\(digest).json"
    }

    /// What to list for a change: the repository's folder, and for a push of GitHub's the
    /// beginning of the keys of the mono-repo trigger.
    package static func listings(prefix: String, for change: Change) -> [String] {
        let folder = folder(prefix: prefix, source: change.source, repository: change.repository)
        guard let beginning = monoRepoPrefix(for: change, "") else { return [folder] }
        return [folder, "\(prefix)/\(beginning)"]
    }

    /// Whether a listed key is that of a rule; a folder's marker, for one, is not.
    package static func isRule(_ key: String) -> Bool {
        [UInt8](key.utf8.suffix(5)) == [UInt8](".json".utf8)
    }

    /// Whether a text is the key of a rule, below whatever prefix.
    package static func isKey(_ text: String) -> Bool {
        isRule(text) && text.utf8.contains(UInt8(ascii: "/"))
    }

    /// Whether a key is one that a rule is written under, of either shape.
    package static func isDeclared(_ key: String, prefix: String) -> Bool {
        isMonoRepo(key, prefix: prefix) || isCurrent(key, prefix: prefix)
    }

    /// Whether a key is one that ``current(prefix:source:repository:name:)`` makes.
    private static func isCurrent(_ key: String, prefix: String) -> Bool {
        guard isRule(key), let name = name(key, behind: "\(prefix)/rules/") else { return false }
        // source, repository (of one part or two), name
        let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return (3...4).contains(parts.count) && parts.allSatisfy { !$0.isEmpty }
    }

    /// Whether a key is one that ``monoRepo(prefix:repository:branch:pipeline:)`` makes, and in
    /// none of the folders that hold something else.
    static func isMonoRepo(_ key: String, prefix: String) -> Bool {
        guard isRule(key), let name = name(key, behind: "\(prefix)/") else { return false }
        for folder in ["rules/", "ledger/", "changes/", "decisions/", "commits/", "heads/"]
        where name.starts(with: folder.utf8) {
            return false
        }
        return name.count > 9 && name[name.count - 9] == UInt8(ascii: "-")
            && name.suffix(8).allSatisfy {
                $0.isASCIIDigit || (0x41...0x46).contains($0)
            }
    }

    /// What stands in a key between a beginning and `.json`.
    private static func name(_ key: String, behind beginning: String) -> [UInt8]? {
        guard key.utf8.starts(with: beginning.utf8) else { return nil }
        return [UInt8](key.utf8.dropFirst(beginning.utf8.count).dropLast(5))
    }

    /// What the keys of the mono-repo trigger begin with for a change, behind the prefix.
    static func monoRepoPrefix(for change: Change, _ behind: String) -> String? {
        guard change.source == .github, change.kind == .push, let branch = change.branch else {
            return nil
        }
        return "\(nameWithoutOwner(change.repository))-\(branch)\(behind)".cut(to: monoRepoLength)
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
