import Core

/// A template's rule in all the ways that its conditions (`Fn::If`) may go.
struct RuleVariants {
    private let file: CheckedFile
    private let declaration: StackTemplate.Declaration
    private let rules: [CheckedRule]

    /// With more conditions than that only all and none of them are tried.
    private static let mostConditions = 4

    init(
        _ declaration: StackTemplate.Declaration,
        in file: CheckedFile,
        checkout: Checkout? = nil
    ) {
        self.file = file
        self.declaration = declaration
        let names = Intrinsics.conditions(in: declaration.properties).sorted()
        rules = Self.choices(names).compactMap { choice in
            let intrinsics = Intrinsics(conditions: choice)
            return intrinsics.resolved(declaration.properties).map { properties in
                var rule = CheckedRule(
                    file: file,
                    properties: properties,
                    anchor: declaration.idRange,
                    origin: .resource(logicalID: declaration.logicalID, type: declaration.type)
                )
                rule.checkout = checkout
                return rule
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
