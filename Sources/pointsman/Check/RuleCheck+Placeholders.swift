import Trigger

extension CheckedRule {
    /// The placeholders of the target that are empty whatever happens.
    func emptyPlaceholders(_ definition: RuleDefinition) -> [Finding] {
        guard let target = properties["Target"] else { return [] }
        return emptyPlaceholders(in: target, "Target", definition)
    }

    private func emptyPlaceholders(
        in node: SourceNode,
        _ property: String,
        _ definition: RuleDefinition
    ) -> [Finding] {
        switch node.content {
        case .unknown: return []
        case .list(let elements):
            return elements.enumerated().flatMap { index, element in
                emptyPlaceholders(in: element, "\(property)[\(index)]", definition)
            }
        case .map(let members):
            return members.flatMap { member in
                emptyPlaceholders(in: member.value, "\(property).\(member.key)", definition)
            }
        case .scalar(let scalar):
            guard let template = try? Template(scalar.text) else { return [] }
            let kinds = definition.toldEvents
            return template.placeholders(emptyFor: definition.source, kinds).map { placeholder in
                let written = "#{\(placeholder.rawValue)}"
                let what = kinds.map(\.rawValue).joined(separator: " or ")
                return file.finding(
                    .emptyPlaceholder,
                    at: node.range(of: written, in: file.text),
                    property: property,
                    "'\(written)' is always empty: no \(what) of \(definition.source.rawValue) has a value for it"
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
