import Trigger

extension Coverage {
    /// Counts what became of each rule by decision records.
    ///
    /// - Parameter folder: The rules as they are now; those that no record names have never been
    ///   looked at.
    init(_ records: [SavedRecord], _ folder: RuleFolder, prefix: String, place: String) {
        var uses: [ByteKey: RuleUse] = [:]
        for entry in folder.entries {
            let name = entry.name(prefix: RuleFolder.prefix)
            uses[ByteKey(name)] = RuleUse(name: name)
        }
        for record in records {
            let day = String(record.receivedAt.prefix(10))
            for rule in record.record.rules {
                let name = RuleName.short(rule.ruleKey, prefix: prefix)
                uses[ByteKey(name), default: RuleUse(name: name)].count(rule, on: day)
            }
        }
        let count = records.count
        subject = (count == 1 ? "1 delivery" : "\(count) deliveries") + " in \(place)"
        changes = count
        rules = RuleUse.sorted(uses.values)
        gaps = nil
        notes = [
            "decision records hold how many paths changed, not which: what no rule covers cannot "
                + "be known from them (--git can tell)"
        ]
    }
}

extension Coverage.RuleUse {
    fileprivate mutating func count(_ rule: RuleOutcome, on day: String) {
        switch rule.outcome {
        case .started, .alreadyStarted, .unchanged:
            starts += 1
            last = Swift.max(last ?? day, day)
        case .failed:
            failures += 1
        case .invalid, .skipped:
            misses[rule.clause, default: 0] += 1
        }
    }
}
