import Codec
import Trigger

/// A rule to be checked, wherever it is declared.
struct CheckedRule {
    var file: CheckedFile
    /// Its properties, with what nobody knows marked.
    var properties: SourceNode
    /// What a finding about all of it points at.
    var anchor: Range<Int>
    var origin: Origin

    enum Origin {
        case object(RulePlace)
        case resource(logicalID: String, type: String)
    }
}

/// What came of checking a rule.
struct RuleVerdict {
    var findings: [Finding]
    /// The rule, where it is valid.
    var rule: Rule?
}

extension CheckedRule {
    /// As many problems of one rule are told.
    private static let mostProblems = 100

    /// Checks the rule as the functions would, and looks for what is probably not meant.
    func check(_ ownSecrets: OwnSecrets) -> RuleVerdict {
        let source = properties["Source"]?.string ?? "github"
        let isDeployed = if case .resource = origin { true } else { false }
        let json = properties.json(isDeployed: isDeployed, source: source)
        let (rule, problems) = read(json, ownSecrets)
        var findings = problems.prefix(Self.mostProblems).compactMap(finding)
        let more = problems.count - Self.mostProblems
        if more > 0 {
            findings.append(file.finding(.invalidValue, at: anchor, "\(more) more such errors"))
        }
        if let rule, problems.isEmpty {
            let oversights = rule.oversights.filter { !isGuess($0) }
            findings += oversights.map(finding)
            if let definition = rule.definition, !isUnknown("Source"), !isUnknown("Events") {
                findings += emptyPlaceholders(definition)
            }
        }
        return RuleVerdict(findings: findings, rule: problems.isEmpty ? rule : nil)
    }

    /// The rule as the functions read it, and all that is wrong with it.
    private func read(_ json: JSON, _ ownSecrets: OwnSecrets) -> (Rule?, [RuleProblem]) {
        switch origin {
        case .object(let place):
            let rule = Rule(key: place.key, prefix: place.prefix, object: json.encoded())
            let own = rule.target.map { ownSecrets.problems(of: $0) } ?? []
            return (rule, rule.problems + own)
        case .resource(let logicalID, let type):
            let declaration = RuleDeclaration(resourceType: type, properties: json)
            do throws(RuleProblem) {
                let resource = try StackResource(stackID: Self.stackID, logicalID: logicalID)
                do throws(InvalidRule) {
                    let checked = try declaration.check(
                        of: resource,
                        prefix: ".",
                        ownSecrets: ownSecrets
                    )
                    let object = checked.object
                    return (Rule(key: checked.key, prefix: ".", object: object), [])
                } catch {
                    return (nil, error.problems)
                }
            } catch {
                return (nil, [error])
            }
        }
    }

    // Only what is the same for all stacks is looked at.
    private static let stackID =
        "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/00000000-0000-0000-0000-000000000000"

    private func finding(_ problem: RuleProblem) -> Finding? {
        let place = properties.place(of: problem.property)
        if case .unknown = place.value?.content, problem.kind != .unknownProperty { return nil }
        let (message, hint) = Finding.parts(problem.message)
        let suggestion = hint ?? (problem.isGlobAsExpression ? "globs belong in Paths" : nil)
        return file.finding(
            FindingID(problem.kind),
            at: range(of: problem, place),
            property: problem.property,
            message,
            suggestion: suggestion
        )
    }

    private func range(of problem: RuleProblem, _ place: SourceNode.Place) -> Range<Int> {
        guard let value = place.value, !problem.property.isEmpty else {
            return place.keyRange ?? anchor
        }
        if problem.kind == .unknownProperty { return place.keyRange ?? anchor }
        let spot = problem.column.flatMap { value.range(ofColumn: $0, in: file.text) }
        return spot ?? value.range
    }

    private func finding(_ oversight: RuleOversight) -> Finding {
        let place = properties.place(of: oversight.property)
        return file.finding(
            FindingID(oversight.kind),
            at: place.value?.range ?? place.keyRange ?? anchor,
            property: oversight.property,
            oversight.message,
            suggestion: oversight.suggestion.map { "did you mean `\($0)`?" }
        )
    }

    /// Whether an oversight is about a stand-in, so that nobody knows.
    private func isGuess(_ oversight: RuleOversight) -> Bool {
        if let value = properties.place(of: oversight.property).value, value.holdsUnknown {
            return true
        }
        switch oversight.kind {
        case .neverMatches, .idleExclude, .noEffect:
            let related = RuleProperty.related(to: oversight.property)
            return (related + ["Source", "Events"]).contains { isUnknown($0) }
        case .redundant, .slip, .shallow:
            return false
        }
    }

    private func isUnknown(_ property: String) -> Bool {
        properties[property]?.holdsUnknown ?? false
    }
}

extension RuleProblem {
    /// Whether `src/**` or `*.md` stands where an expression should.
    fileprivate var isGlobAsExpression: Bool {
        kind == .expression && property.hasPrefix("PathExpressions")
            && message.contains("quantifier does not follow a repeatable item")
    }
}

extension Finding {
    /// A message's two parts: what is wrong, and the hint at its end.
    static func parts(_ message: String) -> (message: String, suggestion: String?) {
        guard let comma = message.firstRange(of: ", did you mean `") else { return (message, nil) }
        let hint = message[message.index(comma.lowerBound, offsetBy: 2)...]
        return (String(message[..<comma.lowerBound]), String(hint))
    }
}

extension FindingID {
    fileprivate init(_ kind: RuleProblem.Kind) {
        self =
            switch kind {
            case .value: .invalidValue
            case .unknownProperty: .unknownProperty
            case .missingProperty: .missingProperty
            case .glob, .expression: .invalidPattern
            case .budget: .overBudget
            case .placeholder: .unknownPlaceholder
            case .folder: .wrongPlace
            }
    }

    fileprivate init(_ kind: RuleOversight.Kind) {
        self =
            switch kind {
            case .neverMatches: .neverMatches
            case .noEffect: .noEffect
            case .idleExclude: .idleExclude
            case .redundant: .redundantPattern
            case .slip: .suspiciousPattern
            case .shallow: .shallowPattern
            }
    }
}
