internal import Codec

extension Rule {
    /// Whether a comment names the rule: by the context of its status, which GitHub compares without
    /// regard to case, or by its own name in the bucket; an empty name is every rule's.
    func isNamed(_ name: String) -> Bool {
        if name.isEmpty { return true }
        if let status = definition?.status, equalsIgnoringASCIICase(status, name) { return true }
        return self.name.utf8.elementsEqual(name.utf8)
    }

    /// The last part of its key, without `.json`.
    private var name: String {
        let bytes = Array(key.utf8)
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...].dropLast(".json".utf8.count), as: UTF8.self)
    }
}

extension RuleSet {
    /// Whether a comment may ask for one of these rules, whichever way its line is read.
    func mayBeAsked(by command: CommentCommand) -> Bool {
        let names = command.names
        return rules.contains { rule in
            rule.definition?.events.contains(.pullRequest) == true
                && names.contains { rule.isNamed($0) }
        }
    }

    /// What a comment comes to for rules that are decided otherwise: those that it does not name are
    /// skipped, and so are all if nothing can be started.
    ///
    /// - Parameters:
    ///   - names: what the comment names, one of these: ``CommentCommand/names``.
    ///   - refusal: why nothing can be started.
    package func decisions(
        _ decisions: [Decision],
        onComment command: CommentCommand,
        named names: [String]? = nil,
        refusal: String? = nil
    ) -> [Decision] {
        let names = names ?? command.names
        var decisions = decisions
        // Both are in the order of the keys, and some rules have no decision.
        var place = 0
        for index in decisions.indices {
            while place < rules.count, !isSame(rules[place].key, decisions[index].ruleKey) {
                place += 1
            }
            let starts = decisions[index].outcome == .start
            if place < rules.count, starts || decisions[index].outcome == .skipped,
                rules[place].definition?.events.contains(.pullRequest) == true
            {
                if !names.contains(where: { rules[place].isNamed($0) }) {
                    decisions[index].skip(
                        by: .comment,
                        "'\(clipped(command.line))' names neither this rule nor its Status"
                    )
                } else if starts, let refusal {
                    decisions[index].skip(by: .comment, refusal)
                }
            }
            // A comment sets no status but by what it starts.
            if decisions[index].outcome != .start { decisions[index].status = nil }
        }
        return decisions
    }
}

extension Decision {
    /// Has the rule not start.
    mutating func skip(by clause: Clause, _ reason: String) {
        decide(by: clause, reason)
        outcome = .skipped
        target = nil
        status = nil
    }

    /// Gives the outcome another reason.
    mutating func decide(by clause: Clause, _ reason: String) {
        self.clause = clause
        self.reason = reason
        path = nil
        pattern = nil
    }
}
