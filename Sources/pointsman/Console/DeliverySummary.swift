import Codec
import Core
import Platform

/// What the console's list shows of a delivery: kept for each, so it is small.
struct DeliverySummary: Equatable, Sendable {
    /// Names it in addresses and files: nothing that a sender can choose.
    let id: String
    /// The key of its record.
    let key: String
    var delivery: String
    var receivedAt: String
    var source: String
    var repository: String
    /// The branch, or the tag.
    var branch: String
    var actor: String
    var text: String
    /// How many rules there are of each outcome, in the order of all outcomes.
    var counts: [Int]
    /// What became of rules, by their short names: as many as there is room for.
    var rules: [(name: String, outcome: Int)]
    /// Why the record cannot be shown.
    var problem: String?
    /// Counts up with each change of any summary.
    var revision = 0

    /// Rules that are kept of one delivery: those that did something first.
    static let mostRules = 60
    static let outcomes = RuleOutcome.Outcome.allCases.map(\.rawValue)

    static func id(of key: String) -> String {
        String(Hex.lower(SHA256.hash(Array(key.utf8))).prefix(20))
    }

    init(_ saved: SavedRecord, prefix: String) {
        func text(_ name: String) -> String { Redaction.clean(saved.change(name) ?? "") }
        id = Self.id(of: saved.place)
        key = saved.place
        delivery = text("delivery")
        receivedAt = text("receivedAt")
        source = text("source")
        repository = text("repository")
        branch = saved.change("branch").map(Redaction.clean) ?? text("tag")
        actor = text("actor")
        self.text = Redaction.clean(saved.summary)
        let counted = saved.json["counts"]
        counts = Self.outcomes.map { counted?[$0]?.int ?? 0 }
        var rules = saved.record.rules.map { rule in
            (
                name: RuleName.short(rule.ruleKey, prefix: prefix),
                outcome: Self.outcomes.firstIndex(of: rule.outcome.rawValue) ?? 0
            )
        }
        if rules.count > Self.mostRules {
            let skipped = Self.outcomes.firstIndex(of: RuleOutcome.Outcome.skipped.rawValue)
            rules =
                rules.filter { $0.outcome != skipped } + rules.filter { $0.outcome == skipped }
        }
        self.rules = Array(rules.prefix(Self.mostRules))
    }

    /// A record that cannot be shown; the day and the name are those of its key.
    init(unreadable key: String, _ problem: String) {
        id = Self.id(of: key)
        self.key = key
        let parts = key.split(separator: "/")
        let name = parts.last.map(String.init) ?? key
        delivery = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
        receivedAt = parts.dropLast().last.map { "\($0)T00:00:00.000Z" } ?? ""
        (source, repository, branch, actor) = ("", "", "", "")
        text = "a record that cannot be shown"
        counts = []
        rules = []
        self.problem = Redaction.clean(problem)
    }

    static func == (one: DeliverySummary, other: DeliverySummary) -> Bool {
        one.key == other.key && one.revision == other.revision
    }
}

/// Summaries as the page is sent them: names of rules stand once, in a table.
struct SummaryTable {
    private var names: [JSON] = []
    private var places: [String: Int] = [:]
    private var rows: [JSON] = []

    init(_ summaries: [DeliverySummary]) {
        for summary in summaries { add(summary) }
    }

    private mutating func add(_ summary: DeliverySummary) {
        var rules: [JSON] = []
        for rule in summary.rules {
            let place: Int
            if let known = places[rule.name] {
                place = known
            } else {
                place = names.count
                places[rule.name] = place
                names.append(.string(Redaction.clean(rule.name)))
            }
            rules += [.int(place), .int(rule.outcome)]
        }
        rows.append(
            JSON([
                "id": .string(summary.id),
                "delivery": .string(summary.delivery),
                "at": .string(summary.receivedAt),
                "source": .string(summary.source),
                "repository": .string(summary.repository),
                "branch": .string(summary.branch),
                "actor": .string(summary.actor),
                "text": .string(summary.text),
                "counts": .array(summary.counts.map(JSON.int)),
                "rules": .array(rules),
                "problem": summary.problem.map(JSON.string),
            ])
        )
    }

    var json: JSON {
        JSON([
            "names": .array(names),
            "outcomes": .array(DeliverySummary.outcomes.map(JSON.string)),
            "deliveries": .array(rows),
        ])
    }
}
