import Trigger

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
