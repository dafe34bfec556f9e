import Codec

extension SourceNode {
    /// Where a property of a rule stands.
    struct Place {
        /// The value; `nil` where the property is missing.
        var value: SourceNode?
        /// Its name in the map that it stands in, or that of the nearest one around it.
        var keyRange: Range<Int>?
    }

    /// Finds a property by what problems call it: `Paths[2]`, `Target.CodePipeline.Name`.
    func place(of property: String) -> Place {
        var place = Place(value: self, keyRange: nil)
        var rest = Substring(property)
        while !rest.isEmpty, let node = place.value {
            if case .unknown = node.content { return place }
            if rest.first == "[", let end = rest.firstIndex(of: "]"), let elements = node.list,
                let index = Int(rest[rest.index(after: rest.startIndex)..<end])
            {
                place.value = elements.indices.contains(index) ? elements[index] : nil
                rest = rest[rest.index(after: end)...]
            } else if let (member, after) = node.member(beginning: rest) {
                place = Place(value: member.value, keyRange: member.keyRange)
                rest = after
            } else {
                place.value = nil
            }
            if rest.first == "." { rest.removeFirst() }
        }
        return place
    }

    /// The member whose name a text begins with, and what is behind the name.
    private func member(beginning text: Substring) -> (Member, Substring)? {
        var found: (member: Member, rest: Substring)?
        for member in members ?? [] {
            // Names are told shortened.
            let name =
                member.key.unicodeScalars.count > 64
                ? String(member.key.unicodeScalars.prefix(64)) + "…" : member.key
            guard text.hasPrefix(name) else { continue }
            let rest = text.dropFirst(name.count)
            guard rest.isEmpty || rest.first == "." || rest.first == "[" else { continue }
            if rest.count <= found?.rest.count ?? .max { found = (member, rest) }
        }
        return found.map { ($0.member, $0.rest) }
    }
}

extension SourceNode {
    /// The value as JSON.
    ///
    /// - Parameters:
    ///   - property: what it is called.
    ///   - isDeployed: CloudFormation sends it, which makes a string of every scalar.
    ///   - source: the rule's `Source`, for what stands in for the unknown.
    func json(_ property: String = "", isDeployed: Bool, source: String) -> JSON {
        switch content {
        case .unknown: return StandIn.value(of: property, source: source)
        case .scalar(let scalar): return isDeployed ? .string(scalar.deployed) : scalar.json
        case .list(let elements):
            return .array(
                elements.enumerated().map { index, element in
                    element.json("\(property)[\(index)]", isDeployed: isDeployed, source: source)
                }
            )
        case .map(let members):
            return .object(
                members.map { member in
                    let name = property.isEmpty ? member.key : "\(property).\(member.key)"
                    let value = member.value.json(name, isDeployed: isDeployed, source: source)
                    return JSON.Member(key: member.key, value: value)
                }
            )
        }
    }
}

extension SourceScalar {
    /// The text that CloudFormation sends.
    var deployed: String {
        switch kind {
        case .string, .timestamp, .null: return text
        case .bool:
            // YAML 1.1, "Boolean Language-Independent Type".
            return ["y", "yes", "true", "on"].contains(text.lowercased()) ? "true" : "false"
        case .number:
            if let int = Int(text) { return String(int) }
            return Double(text).map { "\($0)" } ?? text
        }
    }

    /// Whether YAML takes a word for something else than the text that it is.
    var isMistakable: Bool {
        style == .plain && (kind == .timestamp || (kind != .string && deployed != text))
    }

    fileprivate var json: JSON {
        switch kind {
        case .string, .timestamp: .string(text)
        case .number: .number(text)
        case .bool: .bool(text == "true")
        case .null: .null
        }
    }
}
