import AWS
import Trigger

/// The rules that are listed for one change, as `evaluate` lists them, and how many others there
/// are.
struct ConcernedRules {
    /// The rules and, where they came from files, those.
    var entries: [RuleFolder.Entry]
    /// How many rules there are of other repositories, where that is known.
    var others: Int
    /// What the rules' keys begin with.
    var prefix: String

    /// Those of a folder's rules that are listed for a change.
    init(_ folder: RuleFolder, for change: Change) {
        let listings = RuleKey.listings(prefix: RuleFolder.prefix, for: change)
        entries = folder.entries.filter { entry in
            listings.contains { entry.rule.key.utf8.starts(with: $0.utf8) }
        }
        others = folder.entries.count - entries.count
        prefix = RuleFolder.prefix
    }

    /// Lists and reads the rules of a change.
    init(_ bucket: Bucket, for change: Change) throws(Failure) {
        prefix = bucket.prefix
        others = 0
        entries = []
        for listing in RuleKey.listings(prefix: "", for: change) {
            let listed = try bucket.objects(below: String(listing.dropFirst()))
                .filter { RuleKey.isRule($0.key) }
            let small = listed.filter { $0.size <= Budget.object.limit }
            let contents = bucket.contentsOrFailures(of: small.map(\.key))
            for (object, content) in zip(small, contents) {
                switch content {
                case .success(nil): break
                case .success(let content?):
                    add(object.key, Rule(key: object.key, prefix: prefix, object: content))
                case .failure(let error):
                    let reason = Rule.unreadReason("\(error)")
                    add(object.key, Rule(key: object.key, prefix: prefix, unread: reason))
                }
            }
            for object in listed where object.size > Budget.object.limit {
                add(object.key, Rule(key: object.key, prefix: prefix, size: object.size))
            }
        }
    }

    private mutating func add(_ key: String, _ rule: Rule) {
        entries.append(RuleFolder.Entry(file: key, rule: rule))
    }
}

extension RuleFolder.Entry {
    /// The rule's name for people: its key without what all keys begin with, and `.json`.
    func name(prefix: String) -> String { RuleName.short(rule.key, prefix: prefix) }
}

/// How a rule is named for people.
enum RuleName {
    /// A key without what all keys begin with: `github/acme/app/api`.
    static func short(_ key: String, prefix: String) -> String {
        var name = Substring(key)
        for beginning in ["\(prefix)/rules/", "\(prefix)/"] where name.hasPrefix(beginning) {
            name = name.dropFirst(beginning.count)
            break
        }
        return String(name.hasSuffix(".json") ? name.dropLast(5) : name)
    }
}

/// Finds the rule that somebody names.
struct RuleChoice {
    private let entries: [RuleFolder.Entry]

    init(_ entries: [RuleFolder.Entry]) {
        self.entries = entries
    }

    /// The one rule whose key, file or last part of either is a name, with or without `.json`.
    func entry(named name: String) throws(Failure) -> RuleFolder.Entry {
        let bare = Self.bare(name)
        let found = entries.filter { entry in
            [entry.rule.key, entry.file].contains { text in
                let text = Self.bare(text)
                return text == bare || text.hasSuffix("/\(bare)")
            }
        }
        if found.count == 1, let entry = found.first { return entry }
        guard found.isEmpty else {
            let keys = found.prefix(5).map(\.rule.key).joined(separator: ", ")
            throw Failure("\(found.count) rules are called '\(name)': \(keys)")
        }
        let names = entries.map { Self.last(Self.bare($0.rule.key)) }
        let hint = suggestion(for: Self.last(bare), among: names).map { ", did you mean '\($0)'?" }
        throw Failure("none of \(entries.count) rules is called '\(name)'\(hint ?? "")")
    }

    private static func bare(_ text: String) -> String {
        text.hasSuffix(".json") ? String(text.dropLast(5)) : text
    }

    private static func last(_ text: String) -> String {
        text.split(separator: "/").last.map(String.init) ?? text
    }
}
