internal import Codec

/// The answer to the test of a CodeCommit trigger: what its repository's pushes will come to.
///
/// Nothing is started. It is the return value of `evaluate`, a log line and the object at
/// `{S3_PREFIX}/decisions/{yyyy-mm-dd}/{delivery}.json`.
struct SelfCheck: Equatable, Sendable {
    var test: TriggerTest
    /// What is to be said about the installation and the repository, worst first.
    var findings: [String]
    /// What is to be said about each rule, in the order of their keys.
    var rules: [CheckedRule]

    /// What the next push to the test's ref would come to for one rule.
    struct CheckedRule: Equatable, Sendable {
        var ruleKey: String
        var prospect: Prospect
        var reason: String
        /// What it starts, where it can be used.
        var target: String?
        /// What is surely not meant so.
        var notes: [String]
    }

    /// What a rule can come to.
    enum Prospect: String, Equatable, Sendable, CaseIterable {
        /// The next push to the ref starts it.
        case starts
        /// The next push to the ref starts it where changed paths match.
        case dependsOnPaths = "depends-on-paths"
        /// It concerns other changes than a push to the ref.
        case otherChanges = "other-changes"
        /// No change of the repository can ever start it.
        case never
        /// It cannot be used.
        case invalid
        /// Its object cannot be read.
        case unread
    }

    /// What is to be said about rules of the test's repository.
    static func checked(_ set: RuleSet, for test: TriggerTest) -> [CheckedRule] {
        // A decision is about each, in the same order, but for those that are not to be named.
        var rules = set.rules[...]
        return set.decide(test.likelyChange).map { decision in
            while let rule = rules.popFirst() {
                guard rule.key.utf8.elementsEqual(decision.ruleKey.utf8) else { continue }
                return CheckedRule(decision, rule.definition, test)
            }
            return CheckedRule(decision, nil, test)
        }
    }

    /// Sums up what is to be said about all rules of the test's repository.
    ///
    /// - Parameters:
    ///   - checked: the rules, in any order.
    ///   - folder: where the repository's rules lie.
    ///   - access: what is wrong with reading the repository, in words.
    init(_ test: TriggerTest, _ checked: [CheckedRule], folder: String, access: [String]) {
        self.test = test
        rules = checked.inOrder(of: checked.map { Array($0.ruleKey.utf8) })
        findings = access
        if checked.isEmpty {
            findings.append("there is no rule for \(test.repository): none lies in \(folder)")
        } else if checked.allSatisfy({ $0.prospect == .never || $0.prospect == .invalid }) {
            findings.append("no rule for \(test.repository) can start anything")
        }
        for (prospect, words) in [
            (Prospect.unread, "cannot be read"), (.invalid, "cannot be used"),
            (.never, "never start"),
        ] {
            let count = checked.count { $0.prospect == prospect }
            if count > 0 { findings.append("of \(checked.count) rules \(count) \(words)") }
        }
        if test.commit == nil {
            findings.append("the repository has no commit yet: whether it can be read is not known")
        }
    }

    /// The self-check as a JSON object.
    func encoded() -> [UInt8] {
        encoded(withRules: true)
    }

    /// The self-check for the log: where it grows too long, its rules are only counted.
    var logLine: [UInt8] {
        let whole = encoded()
        return whole.count <= DecisionRecord.largestLogLine ? whole : encoded(withRules: false)
    }

    /// The self-check as `evaluate` returns it, shortened likewise.
    var answer: [UInt8] {
        let whole = encoded()
        return whole.count <= DecisionRecord.largestAnswer ? whole : encoded(withRules: false)
    }

    private func encoded(withRules: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.object("test") { json in
                json.member("source", Change.Source.codecommit.rawValue)
                json.member("repository", test.repository)
                json.member("ref", test.ref)
                json.member("commit", test.commit)
                json.member("actor", test.actor)
                json.member("receivedAt", test.receivedAt.iso8601Milliseconds)
                json.member("delivery", test.delivery)
            }
            json.strings("findings", findings)
            json.object("counts") { json in
                for prospect in Prospect.allCases {
                    let count = rules.count { $0.prospect == prospect }
                    if count > 0 { json.member(prospect.rawValue, count) }
                }
            }
            json.array("rules") { json in
                for rule in rules where withRules { rule.write(to: &json) }
            }
        }
        return json.bytes
    }
}

extension RuleDefinition {
    /// Why no change of a CodeCommit repository can ever match the rule; `nil` where one may.
    fileprivate func neverMatchesReason(in repository: String) -> String? {
        guard self.repository.utf8.elementsEqual(repository.utf8) else {
            return "CodeCommit's names are case-sensitive: the rule is about '\(self.repository)', "
                + "the repository is '\(repository)'"
        }
        return neverMatchesWarning?.message
    }

    /// Remarks on the rule: what has no effect, and events that a trigger never sends.
    fileprivate var notes: [String] {
        let mute = "a trigger tells of no pull requests: those come by EventBridge alone"
        return (events.contains(.pullRequest) ? [mute] : []) + lintWarnings.map { $0.message }
    }
}

extension SelfCheck.CheckedRule {
    fileprivate init(_ decision: Decision, _ rule: RuleDefinition?, _ test: TriggerTest) {
        self.ruleKey = decision.ruleKey
        self.reason = decision.reason
        self.target = rule?.target.name
        self.notes = rule?.notes ?? []
        switch decision.outcome {
        case _ where decision.hangsOnUnknownPaths: self.prospect = .dependsOnPaths
        case .invalid: self.prospect = .invalid
        case .unread: self.prospect = .unread
        case .start: self.prospect = .starts
        case .skipped: self.prospect = .otherChanges
        }
        if prospect == .dependsOnPaths { reason = "a changed path has to match" }
        if let rule, let reason = rule.neverMatchesReason(in: test.repository) {
            self.prospect = .never
            self.reason = reason
        }
    }

    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("rule", ruleKey)
            json.member("prospect", prospect.rawValue)
            json.member("reason", reason)
            json.member("target", target)
            if !notes.isEmpty { json.strings("notes", notes) }
        }
    }
}
