import Trigger

/// What a JSON file is taken for.
enum RuleFile {
    /// The properties that every rule has.
    static let mostTelling: Set = ["Repository", "Target"]
    /// The properties of a rule of TrainingPeaks' mono-repo trigger.
    static let ofMonoRepoRule: Set = [
        "GitHubRepo", "GitHubBranch", "ChangeMatchExpressions", "CodePipelineName",
    ]

    /// How sure it must be that an object is a rule.
    enum Certainty {
        /// It was named: one property will do.
        case named
        /// It was found in a folder of other files.
        case found
    }

    static func isRule(_ object: SourceNode, _ certainty: Certainty) -> Bool {
        let names = Set((object.members ?? []).map(\.key))
        let known = [names.intersection(mostTelling), names.intersection(ofMonoRepoRule)]
        return known.contains { $0.count >= (certainty == .named ? 1 : 2) }
    }

    /// Whether an object has the properties of TrainingPeaks' mono-repo trigger and none of Pointsman's.
    static func isMonoRepoRule(_ object: SourceNode) -> Bool {
        let names = Set((object.members ?? []).map(\.key))
        return names.isDisjoint(with: mostTelling) && !names.isDisjoint(with: ofMonoRepoRule)
    }
}

/// Where a rule's file lies, if that is a tree laid out as in S3:
/// `{prefix}/rules/{source}/{repository}/{name}.json`.
struct RulePlace: Equatable {
    var key: String
    var prefix: String

    private static let sources = ["github", "codecommit", "dockerhub"]

    /// The place that a path says; `nil` where it lies in no such tree.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard path.hasSuffix(".json"),
            let rules = parts.indices.last(where: { index in
                parts[index] == "rules" && index + 2 < parts.count
                    && Self.sources.contains(parts[index + 1])
            })
        else { return nil }
        let before = parts[..<rules].joined(separator: "/")
        prefix = before.isEmpty ? "." : before
        key = prefix + "/" + parts[rules...].joined(separator: "/")
    }

    /// A place that fits what a rule says, for one that lies in no tree.
    init(fitting object: SourceNode) {
        prefix = "."
        if RuleFile.isMonoRepoRule(object) {
            key = "./rule.json"
        } else {
            let source = object["Source"]?.string ?? "github"
            let repository = object["Repository"]?.string ?? ""
            key = "./rules/\(source)/\(repository.lowercased())/rule.json"
        }
    }
}
