import Core

/// What a JSON file is taken for.
enum RuleFile {
    /// The properties that every rule has.
    private static let ofRule: Set = ["Repository", "Target"]
    /// The properties of a rule of TrainingPeaks' mono-repo trigger.
    private static let ofMonoRepoRule = Set(MonoRepoRule.propertyNames)

    /// Whether an object is a rule.
    ///
    /// In a file that the user named one property will do, in one that was found it takes two.
    static func isRule(_ object: SourceNode, isNamed: Bool = false) -> Bool {
        let names = Set((object.members ?? []).map(\.key))
        return [ofRule, ofMonoRepoRule].contains { properties in
            names.intersection(properties).count >= (isNamed ? 1 : 2)
        }
    }

    /// Whether all properties that are known are those of TrainingPeaks' mono-repo trigger.
    static func isMonoRepoRule(_ object: SourceNode) -> Bool {
        let names = Set((object.members ?? []).map(\.key))
        return names.isDisjoint(with: ofRule) && !names.isDisjoint(with: ofMonoRepoRule)
    }

    /// Whether an object is meant as a rule, though names in it may be misspelled or missing.
    ///
    /// It is if it names a target, if most of it is what a rule has and one member names a
    /// repository, or if two members are lists of patterns. A `package.json` has a `repository` too.
    static func isMeantAsRule(_ object: SourceNode) -> Bool {
        guard let members = object.members else { return false }
        if isRule(object) || members.contains(where: \.namesTarget) { return true }
        let lists = members.filter {
            RuleDefinition.patternLists.contains($0.key) && $0.value.list != nil
        }
        let near = members.count(where: \.isNearProperty)
        return lists.count > 1
            || (members.contains(where: \.namesRepository) && 2 * near > members.count)
    }

    /// Whether a text that cannot be read has words that hardly anything but a rule has together.
    static func isMentioned(in text: String) -> Bool {
        let words =
            ["Repository", "Target", "Branches", "Paths"] + MonoRepoRule.propertyNames
            + Target.Kind.names
        return words.count { text.contains($0) } > 1
    }

    /// Whether a file is one of those that its program lets have comments, though it is called JSON.
    static func mayHaveComments(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return false }
        return name.wholeMatch(of: /(ts|js)config.*\.json|devcontainer\.json/) != nil
            || parts.dropLast().contains(".vscode")
    }
}

extension SourceNode.Member {
    /// Whether it is, or nearly is, a rule's target: an object named for what is to be started.
    fileprivate var namesTarget: Bool {
        guard suggestion(for: key, among: ["Target"]) != nil else { return false }
        return (value.members ?? []).contains {
            suggestion(for: $0.key, among: Target.Kind.names) != nil
        }
    }

    /// Whether its value may be a repository's name, and its own name may have been meant to say so.
    fileprivate var namesRepository: Bool {
        guard let text = value.string, text.wholeMatch(of: /[\w.-]+(\/[\w.-]+)*/) != nil else {
            return false
        }
        return isShortForRepository
            || suggestion(for: key, among: ["Repository", "GitHubRepo"]) != nil
    }

    fileprivate var isNearProperty: Bool {
        let known = RuleDefinition.known + MonoRepoRule.propertyNames
        return isShortForRepository || suggestion(for: key, among: known) != nil
    }

    private var isShortForRepository: Bool { key.lowercased() == "repo" }
}

/// Where a rule's file lies, if that is a tree laid out as in S3:
/// `{prefix}/rules/{source}/{repository}/{name}.json`.
struct RulePlace: Equatable {
    var key: String
    var prefix: String

    /// `nil` where the path lies in no such tree.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard path.hasSuffix(".json"),
            let rules = parts.indices.last(where: { index in
                parts[index] == "rules" && index + 2 < parts.count
                    && Change.Source.names.contains(parts[index + 1])
            })
        else { return nil }
        let before = parts[..<rules].joined(separator: "/")
        prefix = before.isEmpty ? "." : before
        key = prefix + "/" + parts[rules...].joined(separator: "/")
    }

    /// A place that fits a rule's content, for a rule that lies in no tree.
    init(fitting object: SourceNode) {
        prefix = "."
        if RuleFile.isMonoRepoRule(object) {
            key = "./rule.json"
        } else {
            let source = object["Source"]?.string ?? "github"
            let repository = object["Repository"]?.string ?? ""
            key =
                BucketKeys(prefix: prefix).rules
                + "\(source)/\(repository.lowercased())/rule.json"
        }
    }
}
