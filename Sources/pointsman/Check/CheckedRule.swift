import Codec
import Core

/// A rule to be checked, of a file or of a template.
struct CheckedRule {
    var file: CheckedFile
    var properties: SourceNode
    /// The rule as it stands in the file.
    let written: SourceNode
    /// What a finding about the whole rule points at.
    var anchor: Range<Int>
    var origin: Origin
    /// The clone that tells what is a folder; `nil` for none.
    var checkout: Checkout?
    /// Whether stand-ins are in the place of what is wrong, so that the file no longer says the same.
    private var isAltered = false

    init(file: CheckedFile, properties: SourceNode, anchor: Range<Int>, origin: Origin) {
        self.file = file
        self.properties = properties
        written = properties
        self.anchor = anchor
        self.origin = origin
    }

    enum Origin {
        case object(RulePlace)
        case resource(logicalID: String, type: String)
    }
}

struct RuleVerdict {
    var findings: [Finding]
    /// The rule, where it is valid.
    var rule: Rule?
}

extension CheckedRule {
    /// Checks the rule as the functions would, and looks for probable mistakes.
    func check(_ ownSecrets: OwnSecrets) -> RuleVerdict {
        let (rule, problems) = read(ownSecrets)
        let faults = Set(problems.map(\.property))
        var findings = problems.compactMap(finding)
        let foreign = foreignPatterns.filter { !faults.contains($0.property) }
        var told = Set(foreign.map(\.property))
        if let (legible, rule) = legible(rule, despite: problems, ownSecrets) {
            findings += legible.warnings(about: rule).filter { !told.contains($0.property) }
            told.formUnion(findings.map(\.property))
            if let definition = rule.definition {
                for finding in folders(of: definition) where !told.contains(finding.property) {
                    findings.append(finding)
                    told.insert(finding.property)
                }
            }
        }
        findings += foreign + blankLists + foreignPlaceholders
        return RuleVerdict(findings: findings, rule: problems.isEmpty ? rule : nil)
    }

    private func warnings(about rule: Rule) -> [Finding] {
        var findings = rule.lintWarnings.filter { !isGuess($0) }.map(finding)
        if let definition = rule.definition, !isUnknown("Source"), !isUnknown("Events") {
            findings += emptyPlaceholders(definition) + providerLimits(definition)
        }
        let hasNoEffect = findings.contains { $0.property == "Status" }
        return hasNoEffect ? findings : findings + (unpinnedRun.map { [$0] } ?? [])
    }

    /// The rule without what is wrong with it, so that warnings about the rest can be told as well.
    ///
    /// What hangs together may need several rounds: a status, and the target that has none.
    private func legible(
        _ rule: Rule?,
        despite problems: [RuleProblem],
        _ ownSecrets: OwnSecrets
    ) -> (CheckedRule, Rule)? {
        if problems.isEmpty { return rule.map { (self, $0) } }
        var legible = self
        legible.isAltered = true
        var problems = problems
        for _ in 0..<4 {
            for problem in problems {
                legible.properties = legible.properties.without(problem)
            }
            let (rule, left) = legible.read(ownSecrets)
            if let rule, left.isEmpty { return (legible, rule) }
            problems = left
        }
        return nil
    }

    /// The rule as the functions read it, and all that is wrong with it.
    private func read(_ ownSecrets: OwnSecrets) -> (Rule?, [RuleProblem]) {
        switch origin {
        case .object(let place):
            let source = properties["Source"]?.string ?? "github"
            let json = properties.json(isDeployed: false, source: source)
            // A byte order mark is told of by itself.
            let object = isAltered ? json.encoded() : file.text.bytes
            let rule = Rule(key: place.key, prefix: place.prefix, object: object)
            let own = rule.target.map { ownSecrets.problems(of: $0) } ?? []
            return (rule, rule.problems + own)
        case .resource:
            do throws(InvalidRule) {
                let declared = try declared(ownSecrets, keys: BucketKeys(prefix: "."))
                return (Rule(key: declared.key, prefix: ".", object: declared.object), [])
            } catch {
                return (nil, error.problems)
            }
        }
    }

    /// What the function would keep of a resource's properties, and where in some stack's folder.
    func declared(
        _ ownSecrets: OwnSecrets,
        keys: BucketKeys
    ) throws(InvalidRule) -> RuleDeclaration.Checked {
        guard case .resource(let logicalID, let type) = origin else { throw InvalidRule([]) }
        let source = properties["Source"]?.string ?? "github"
        let json = properties.json(isDeployed: true, source: source)
        let resource: StackResource
        do throws(RuleProblem) {
            resource = try StackResource(stackID: Self.stackID, logicalID: logicalID)
        } catch {
            throw InvalidRule([error])
        }
        return try RuleDeclaration(resourceType: type, properties: json)
            .check(of: resource, keys: keys, ownSecrets: ownSecrets)
    }

    // Any stack's will do.
    private static let stackID =
        "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/00000000-0000-0000-0000-000000000000"

    private func finding(_ problem: RuleProblem) -> Finding? {
        let place = properties.place(of: problem.property)
        if place.value?.isUnknown == true, problem.kind != .unknownProperty { return nil }
        if problem.kind == .missingProperty, properties.hasLoop(around: problem.property) {
            return nil
        }
        let (message, hint) = Finding.parts(problem.message)
        let advice = adviceOnKind(of: problem, place)
        let suggestion =
            hint ?? advice?.suggestion
            ?? (problem.isGlobAsExpression ? "globs belong in Paths" : nil)
        return file.finding(
            FindingID(problem.kind),
            at: range(of: problem, place),
            property: problem.property,
            place.value?.spelling(message) ?? message,
            suggestion: suggestion,
            correction: correction(of: problem, place, hint: hint) ?? advice?.correction
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

    private func finding(_ warning: RuleWarning) -> Finding {
        let place = properties.place(of: warning.property)
        return file.finding(
            FindingID(warning.kind),
            at: place.value?.range ?? place.keyRange ?? anchor,
            property: warning.property,
            warning.message,
            suggestion: warning.suggestion.map {
                "did you mean `\(place.value?.spelled($0) ?? $0)`?"
            },
            correction: correction(of: warning, place)
        )
    }

    /// Whether a warning is about a stand-in for an unknown value.
    private func isGuess(_ warning: RuleWarning) -> Bool {
        if let value = properties.place(of: warning.property).value, value.holdsUnknown {
            return true
        }
        switch warning.kind {
        case .neverMatches, .idleExclude, .noEffect:
            if properties.hasLoop { return true }
            let related = RuleProperty.related(to: warning.property)
            return (related + ["Source", "Events"]).contains { isUnknown($0) }
        case .redundant, .likelyMistake, .shallow:
            return false
        }
    }

    private func isUnknown(_ property: String) -> Bool {
        properties[property]?.holdsUnknown ?? false
    }
}

extension RuleProblem {
    /// Whether a glob, `src/**` or `*.md`, is in the place of an expression.
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

    init(_ kind: RuleWarning.Kind) {
        self =
            switch kind {
            case .neverMatches: .neverMatches
            case .noEffect: .noEffect
            case .idleExclude: .idleExclude
            case .redundant: .redundantPattern
            case .likelyMistake: .suspiciousPattern
            case .shallow: .shallowPattern
            }
    }
}

extension CheckedRule {
    /// The placeholders of the target that are always empty.
    func emptyPlaceholders(_ definition: RuleDefinition) -> [Finding] {
        let kinds = definition.toldEvents
        let what = kinds.map(\.rawValue).joined(separator: " or ")
        let source = definition.source
        return (properties["Target"]?.leaves("Target") ?? []).flatMap { property, node in
            let template = node.scalar.flatMap { try? Template($0.text) }
            return (template?.placeholders(emptyFor: source, kinds) ?? []).map { placeholder in
                let written = "#{\(placeholder.rawValue)}"
                let why = "no \(what) of \(source.rawValue) has a value for it"
                return file.finding(
                    .emptyPlaceholder,
                    at: node.range(of: written, in: file.text),
                    property: property,
                    "'\(written)' is always empty: \(why)"
                )
            }
        }
    }
}

extension SourceNode {
    /// Where a part of a scalar's text stands, or all of it.
    func range(of part: String, in text: SourceText) -> Range<Int> {
        guard let scalar, let start = scalar.text.firstRange(of: part)?.lowerBound else {
            return range
        }
        let column = scalar.text.unicodeScalars[..<start].count + 1
        guard let first = self.range(ofColumn: column, in: text),
            let last = self.range(ofColumn: column + part.unicodeScalars.count - 1, in: text)
        else { return range }
        return first.lowerBound..<last.upperBound
    }
}
