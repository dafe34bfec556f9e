import Codec
import Trigger

extension ExplainedChange {
    /// The change and every rule, for programs.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("change")
            json.value(ChangeSummary(change).json)
            json.key("counts")
            json.object { json in
                for outcome in [Decision.Outcome.start, .skipped, .invalid] {
                    json.member(outcome.rawValue, count(outcome))
                }
            }
            json.member("rulesOfOtherRepositories", others)
            json.key("rules")
            json.array { json in
                for rule in rules {
                    json.object { json in
                        rule.decision.write(to: &json)
                        json.member("nearest", rule.nearest?.words)
                        if rule.nearest?.isOnlyMiss == true { json.member("onlyMiss", true) }
                        json.member("file", rule.entry.file)
                    }
                }
            }
        }
    }
}

extension ExplainedRule {
    /// One rule, clause by clause, for programs.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("change")
            json.value(ChangeSummary(change).json)
            json.member("file", entry.file)
            if let decision {
                decision.write(to: &json)
            } else {
                json.member("rule", entry.rule.key)
            }
            json.member("nearest", nearest)
            json.key("clauses")
            json.array { json in
                for clause in explanation.clauses {
                    json.object { json in
                        json.member("clause", clause.name)
                        json.member("wants", clause.wants)
                        json.member("has", clause.has)
                        json.member("role", clause.role.rawValue)
                    }
                }
            }
            explanation.paths?.write(to: &json)
        }
    }
}

extension Explanation.Paths {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("paths")
        json.object { json in
            json.member("matching", matchingCount)
            json.member("excluded", excludedCount)
            json.member("others", othersCount)
            json.key("named")
            json.array { json in
                for match in matching + excluded + others {
                    json.object { json in
                        json.key("path")
                        json.utf8(match.path.utf8)
                        json.member("includedBy", match.included)
                        json.member("excludedBy", match.excluded)
                    }
                }
            }
        }
    }
}

extension Decision {
    /// The members of a decision, named as in a decision record.
    fileprivate func write(to json: inout JSONWriter) {
        json.member("rule", ruleKey)
        json.member("outcome", outcome.rawValue)
        if ends { json.member("ends", true) }
        json.member("clause", clause)
        if let path {
            json.key("path")
            json.utf8(path.utf8)
        }
        json.member("pattern", pattern)
        json.member("reason", reason)
        json.member("target", target?.inWords)
    }
}
