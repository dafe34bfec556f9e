import Codec
import Core

/// A rule to be checked, of a file or of a template.
struct CheckedRule {
    var file: CheckedFile
    var properties: SourceNode
    /// What a finding about the whole rule points at.
    var anchor: Range<Int>
    var origin: Origin

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
        let source = properties["Source"]?.string ?? "github"
        let isDeployed = if case .resource = origin { true } else { false }
        let json = properties.json(isDeployed: isDeployed, source: source)
        let (rule, problems) = read(json, ownSecrets)
        var findings = problems.compactMap(finding)
        if let rule, problems.isEmpty {
            let warnings = rule.lintWarnings.filter { !isGuess($0) }
            findings += warnings.map(finding)
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
            // A byte order mark is told of by itself.
            let rule = Rule(key: place.key, prefix: place.prefix, object: file.text.bytes)
            let own = rule.target.map { ownSecrets.problems(of: $0) } ?? []
            return (rule, rule.problems + own)
        case .resource(let logicalID, let type):
            let declaration = RuleDeclaration(resourceType: type, properties: json)
            do throws(RuleProblem) {
                let resource = try StackResource(stackID: Self.stackID, logicalID: logicalID)
                do throws(InvalidRule) {
                    let checked = try declaration.check(
                        of: resource,
                        keys: BucketKeys(prefix: "."),
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

    // Any stack's will do.
    private static let stackID =
        "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/00000000-0000-0000-0000-000000000000"

    private func finding(_ problem: RuleProblem) -> Finding? {
        let place = properties.place(of: problem.property)
        if place.value?.isUnknown == true, problem.kind != .unknownProperty { return nil }
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

    private func finding(_ warning: RuleWarning) -> Finding {
        let place = properties.place(of: warning.property)
        return file.finding(
            FindingID(warning.kind),
            at: place.value?.range ?? place.keyRange ?? anchor,
            property: warning.property,
            warning.message,
            suggestion: warning.suggestion.map { "did you mean `\($0)`?" }
        )
    }

    /// Whether a warning is about a stand-in for an unknown value.
    private func isGuess(_ warning: RuleWarning) -> Bool {
        if let value = properties.place(of: warning.property).value, value.holdsUnknown {
            return true
        }
        switch warning.kind {
        case .neverMatches, .idleExclude, .noEffect:
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

    fileprivate init(_ kind: RuleWarning.Kind) {
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
    fileprivate func range(of part: String, in text: SourceText) -> Range<Int> {
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

/// A template's rule in all the ways that its conditions (`Fn::If`) may go.
struct RuleVariants {
    private let file: CheckedFile
    private let declaration: StackTemplate.Declaration
    private let rules: [CheckedRule]

    /// With more conditions than that only all and none of them are tried.
    private static let mostConditions = 4

    init(_ declaration: StackTemplate.Declaration, in file: CheckedFile) {
        self.file = file
        self.declaration = declaration
        let names = Intrinsics.conditions(in: declaration.properties).sorted()
        rules = Self.choices(names).compactMap { choice in
            let intrinsics = Intrinsics(conditions: choice)
            return intrinsics.resolved(declaration.properties).map { properties in
                CheckedRule(
                    file: file,
                    properties: properties,
                    anchor: declaration.idRange,
                    origin: .resource(logicalID: declaration.logicalID, type: declaration.type)
                )
            }
        }
    }

    /// The rule where every condition holds.
    var first: CheckedRule? { rules.first }

    /// The findings for all ways, and what is only known at deployment.
    ///
    /// A finding that only some ways have, at a place that others have too, is a warning: it is not
    /// known whether the conditions ever go that way.
    func findings(_ ownSecrets: OwnSecrets) -> [Finding] {
        var all: [Finding] = []
        var ways: [Int] = []
        for rule in rules {
            for finding in rule.check(ownSecrets).findings {
                if let index = all.firstIndex(of: finding) {
                    ways[index] += 1
                } else {
                    all.append(finding)
                    ways.append(1)
                }
            }
        }
        for index in all.indices where ways[index] < rules.count {
            let present = rules.count { $0.properties.has(the: all[index], in: file) }
            guard ways[index] < present else { continue }
            all[index].severity = min(all[index].severity, .warning)
            all[index].message += " (depends on the template's conditions)"
        }
        return all + unknown
    }

    /// One finding about all values that are only known at deployment.
    private var unknown: [Finding] {
        var names: [String] = []
        var told: Set = ["ServiceToken", "ServiceTimeout"]
        var first: SourceNode?
        for rule in rules {
            for (property, node) in rule.properties.leaves() where node.isUnknown {
                let name = property.isEmpty ? "Properties" : property
                guard told.insert(name).inserted else { continue }
                names.append(name)
                if first.map({ node.range.lowerBound < $0.range.lowerBound }) ?? true {
                    first = node
                }
            }
        }
        guard let first else { return [] }
        return [
            file.finding(
                .knownAtDeployment,
                at: first.range,
                "known at deployment only, so not checked: \(names.joined(separator: ", "))"
            )
        ]
    }

    private static func choices(_ names: [String]) -> [[String: Bool]] {
        guard names.count <= mostConditions else {
            return [true, false].map { value in
                Dictionary(names.map { ($0, value) }) { first, _ in first }
            }
        }
        return names.reduce([[:]]) { choices, name in
            [true, false].flatMap { value in
                choices.map { $0.merging([name: value]) { first, _ in first } }
            }
        }
    }
}

extension SourceNode {
    /// Whether this variant of a rule has the place that a finding is about: for a property that
    /// is missing, what it is missing in.
    fileprivate func has(the finding: Finding, in file: CheckedFile) -> Bool {
        guard finding.id == .missingProperty else {
            let place = place(of: finding.property)
            guard let value = place.value else { return false }
            let start = file.text.position(of: value.range.lowerBound)
            let end = file.text.position(of: value.range.upperBound)
            let key = place.keyRange.map { file.text.position(of: $0.lowerBound) }
            return (start <= finding.start && finding.start <= end) || key == finding.start
        }
        guard let dot = finding.property.lastIndex(of: ".") else { return true }
        let key = place(of: String(finding.property[..<dot])).keyRange
        return key.map { file.text.position(of: $0.lowerBound) } == finding.start
    }
}
