import Core
import Foundation

/// Warnings and notes that the functions' own check of a rule does not have.
extension CheckedRule {
    /// The patterns that are written in another language than globs are, or match no name of git's.
    var foreignPatterns: [Finding] {
        patterns { text, list in
            if let foreign = ForeignPattern(text, in: list) {
                return (foreign.message, foreign.suggestion)
            }
            guard list.hasSuffix("Branches") || list.hasSuffix("Tags"),
                let name = ImpossibleName(text, in: list)
            else { return nil }
            return (name.message, name.suggestion)
        }.map(warning)
    }

    /// The paths that are a folder's, or may be: they match a file of that name and nothing in the folder.
    func folders(of rule: RuleDefinition) -> [Finding] {
        patterns { text, list in
            guard list.hasSuffix("Paths") else { return nil }
            if text == "." || text == "/" {
                return (
                    "matches no path: of all paths the pattern is '**', or the list is left out",
                    nil
                )
            }
            guard checkout?.kind(of: text, in: rule.repository, of: rule.source) == .typeDirectory
            else { return nil }
            return ("it is a folder, and this matches a file of that name alone", text + "/**")
        }.map(warning)
            + patterns { text, list in
                guard list.hasSuffix("Paths") else { return nil }
                if text.wholeMatch(of: /\*[^*\/][^\/]*/) != nil {
                    return (
                        "matches the files that lie in the root itself, none in a folder below",
                        "*" + text
                    )
                }
                let kind = checkout?.kind(of: text, in: rule.repository, of: rule.source)
                guard kind == nil, Self.mayBeFolder(text) else { return nil }
                return ("matches a file of that name alone, nothing in a folder", text + "/**")
            }.map { note(.shallowPattern, $0) }
    }

    /// Whether the last part of a path is as folders are called: `Makefile` and `mvnw` are files.
    private static func mayBeFolder(_ path: String) -> Bool {
        guard path.wholeMatch(of: /(?:[\w.-]+\/)*[a-z0-9_-]+/) != nil else { return false }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return !["configure", "dockerfile", "gradlew", "makefile", "mvnw"].contains(name)
    }

    /// A pattern that somebody wrote, and what is said of it.
    private struct Remark {
        var node: SourceNode
        var property: String
        var message: String
        var suggestion: String?
    }

    private func patterns(
        _ look: (_ text: String, _ list: String) -> (message: String, suggestion: String?)?
    ) -> [Remark] {
        let lists = RuleDefinition.patternLists.filter {
            !["PathExpressions", "SkipMessages"].contains($0)
        }
        return lists.flatMap { list in
            (properties[list]?.list ?? []).enumerated().compactMap { index, node in
                guard let text = node.scalar?.text, let said = look(text, list) else { return nil }
                return Remark(
                    node: node,
                    property: "\(list)[\(index)]",
                    message: said.message,
                    suggestion: said.suggestion
                )
            }
        }
    }

    private func warning(_ remark: Remark) -> Finding {
        note(
            .suspiciousPattern,
            remark,
            replacing(remark.node, by: remark.suggestion, property: remark.property)
        )
    }

    private func note(_ id: FindingID, _ remark: Remark, _ correction: Correction? = nil) -> Finding
    {
        file.finding(
            id,
            at: remark.node.range,
            property: remark.property,
            remark.node.spelling(remark.message),
            suggestion: remark.suggestion.map { "did you mean `\(remark.node.spelled($0))`?" },
            correction: correction
        )
    }

    /// The placeholders of other languages in the target: `${after}`, `{{after}}`, `$(after)`.
    var foreignPlaceholders: [Finding] {
        (properties["Target"]?.leaves("Target") ?? []).compactMap { property, node in
            guard let text = node.scalar?.text,
                let match = text.firstMatch(
                    of: /\$\{\s*(\w+)\s*\}|\{\{\s*(\w+)\s*\}\}|\$\((\w+)\)/
                ),
                let name = match.1 ?? match.2 ?? match.3,
                let known = suggestion(for: String(name), among: Self.placeholders)
            else { return nil }
            let meant = "#{\(known)}"
            return file.finding(
                .unknownPlaceholder,
                at: node.range(of: String(match.0), in: file.text),
                property: property,
                "'\(match.0)' is plain text here: placeholders are written '#{…}'",
                suggestion: "did you mean `\(meant)`?",
                correction: replacing(
                    node,
                    by: text.replacing(match.0, with: meant),
                    property: property
                ),
                severity: .warning
            )
        }
    }

    private static let placeholders = Template.Placeholder.allCases.map(\.rawValue)

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
