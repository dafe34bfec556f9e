import Core

/// Warnings and notes that the functions' own check of a rule does not have.
extension CheckedRule {
    /// The patterns that are written in another language than globs are.
    var foreignPatterns: [Finding] {
        let lists = RuleDefinition.patternLists.filter {
            !["PathExpressions", "SkipMessages"].contains($0)
        }
        return lists.flatMap { list in
            (properties[list]?.list ?? []).enumerated().compactMap { index, node in
                guard let text = node.scalar?.text,
                    let foreign = ForeignPattern(text, in: list)
                else { return nil }
                let property = "\(list)[\(index)]"
                return file.finding(
                    .suspiciousPattern,
                    at: node.range,
                    property: property,
                    foreign.message,
                    suggestion: foreign.suggestion.map { "did you mean `\($0)`?" },
                    correction: replacing(node, by: foreign.suggestion, property: property)
                )
            }
        }
    }

    /// The lists that have nothing but blank texts, as CloudFormation makes them of a parameter that is
    /// left blank.
    var blankLists: [Finding] {
        RuleDefinition.patternLists.filter { $0 != "PathExpressions" }.compactMap { list in
            guard let node = properties[list], let elements = node.list, !elements.isEmpty,
                elements.allSatisfy({ $0.scalar?.text == "" })
            else { return nil }
            let message = "a list of blank texts is the same as none"
            return file.finding(.noEffect, at: node.range, property: list, message)
        }
    }

    /// That the status may be about another commit than the one that is built.
    var unpinnedRun: Finding? {
        guard let status = properties["Status"], let target = properties["Target"] else {
            return nil
        }
        for (kind, property, what) in [
            ("CodePipeline", "SourceAction", "the pipeline"),
            ("CodeBuild", "SourceVersion", "the project"),
        ] {
            guard let object = target[kind], object.members != nil, object[property] == nil,
                !object.hasLoop
            else { continue }
            return file.finding(
                .unpinnedRun,
                at: status.range,
                property: "Status",
                "it is set on the event's commit, but without \(property) \(what) may build a newer one"
            )
        }
        return nil
    }

    /// What the rule's provider does not tell, as far as the rule is about it.
    func providerLimits(_ definition: RuleDefinition) -> [Finding] {
        let events = definition.toldEvents
        let property = properties["Events"] == nil ? "Source" : "Events"
        let place = properties[property]?.range ?? anchor
        func note(_ message: String) -> Finding {
            file.finding(.providerLimit, at: place, property: property, message)
        }
        let listed: (provider: String, commits: Int)? =
            switch definition.source {
            case .gitlab: ("GitLab", 20)
            case .gitea: ("Gitea", 5)
            default: nil
            }
        var findings: [Finding] = []
        if definition.source == .github, events.contains(.tag) {
            findings.append(note("GitHub sends no event for more than three tags pushed at once"))
        }
        if definition.source == .gitlab, events.contains(.push) || events.contains(.tag) {
            findings.append(
                note("GitLab sends no event for more than three branches or tags pushed at once")
            )
        }
        if let listed, events.contains(.push), hasPathPatterns {
            findings.append(
                note(
                    "\(listed.provider) lists the newest \(listed.commits) commits of a push: of more, "
                        + "its API is asked, and if that cannot tell, WhenPathsUnknown decides"
                )
            )
        }
        return findings
    }

    private var hasPathPatterns: Bool {
        ["Paths", "ExcludePaths", "PathExpressions"].contains {
            !(properties[$0]?.list ?? []).isEmpty
        }
    }
}
