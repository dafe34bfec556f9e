import Foundation
import Trigger

/// The rules' folder: read again for every delivery, and looked at every second besides.
actor RulesWatch {
    private let folder: String
    private let bucket: LocalBucket
    private let console: Console
    private var known: [ByteKey: [UInt8]] = [:]
    private var problems: [String] = []
    private var failure: Failure?

    /// How often the folder is looked at while nothing is delivered.
    static let interval = Duration.seconds(1)

    init(_ folder: String, bucket: LocalBucket, console: Console) {
        self.folder = folder
        self.bucket = bucket
        self.console = console
    }

    /// Reads the rules for the first time; throws where there is no such folder.
    func begin() async throws(Failure) {
        let (rules, problems) = try read()
        (known, self.problems) = (rules, problems)
        await bucket.setRules(rules)
        console.write(["rules: \(rules.count) in \(folder)".printable] + problems.map(warning))
    }

    /// Looks at the folder for as long as the task runs.
    func watch() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            await refresh()
        }
    }

    /// Reads the rules as they are now and says what is new; rules that cannot be read stay as
    /// they were.
    func refresh() async {
        do throws(Failure) {
            let (rules, problems) = try read()
            failure = nil
            guard rules != known || problems != self.problems else { return }
            let keys = Set(rules.keys).union(known.keys)
            let changed = keys.filter { rules[$0] != known[$0] }.sorted().map { key in
                let what = known[key] == nil ? "new" : rules[key] == nil ? "gone" : "changed"
                return "\(RuleName.short(key.text, prefix: RuleFolder.prefix)) \(what)"
            }
            (known, self.problems) = (rules, problems)
            await bucket.setRules(rules)
            let what = changed.isEmpty ? "" : " (\(changed.joined(separator: ", ")))"
            let line = "rules changed: \(rules.count) in \(folder)\(what)".printable
            console.write([line] + problems.map(warning))
        } catch {
            guard failure != error else { return }
            failure = error
            console.write(warning("\(error); the rules stay as they were"))
        }
    }

    private func read() throws(Failure) -> (rules: [ByteKey: [UInt8]], problems: [String]) {
        let read = try RuleFolder(folder)
        var rules: [ByteKey: [UInt8]] = [:]
        var problems = read.unplaced.map { "\($0.file): \($0.reason)" }
        for entry in read.entries {
            guard let content = try? Data(contentsOf: URL(filePath: entry.file)) else { continue }
            rules[ByteKey(entry.rule.key)] = [UInt8](content)
            problems += entry.rule.problems.map { "\(entry.file): \($0)" }
        }
        return (rules, problems)
    }

    private func warning(_ text: String) -> String {
        "  " + console.terminal.styled(text.printable, .yellow)
    }
}
