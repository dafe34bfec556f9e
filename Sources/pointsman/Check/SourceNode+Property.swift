import Core

extension SourceNode {
    /// Where a property of a rule is.
    struct Place {
        var value: SourceNode?
        /// Its name in its map, or that of the nearest property around it.
        var keyRange: Range<Int>?
    }

    /// Finds a property by its name in problems: `Paths[2]`, `Target.CodePipeline.Name`.
    func place(of property: String) -> Place {
        var place = Place(value: self, keyRange: nil)
        var rest = Substring(property)
        while !rest.isEmpty, let node = place.value {
            if node.isUnknown { return place }
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

    /// The member whose name a text begins with, and the rest of the text.
    private func member(beginning text: Substring) -> (Member, Substring)? {
        var found: (member: Member, rest: Substring)?
        for member in members ?? [] {
            // Problems shorten names.
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
    /// The same with a stand-in for what is wrong, or without it.
    func without(_ problem: RuleProblem) -> SourceNode {
        if problem.property.isEmpty { return self }
        return changing(Substring(problem.property)) { node in
            switch (problem.kind, node) {
            case (.unknownProperty, _): return nil
            case (_, let node?) where node.isUnknown: return nil
            case (_, let node):
                let range = node?.range ?? self.range
                return SourceNode(content: .unknown("what was wrong"), range: range)
            }
        }
    }

    /// The same with another value for a property, or, for `nil`, without it.
    private func changing(
        _ property: Substring,
        to change: (SourceNode?) -> SourceNode?
    ) -> SourceNode {
        func changed(_ node: SourceNode, _ rest: Substring) -> SourceNode? {
            if rest.isEmpty { return change(node) }
            return node.changing(rest.first == "." ? rest.dropFirst() : rest, to: change)
        }
        var node = self
        if property.first == "[", let end = property.firstIndex(of: "]"), var elements = list,
            let index = Int(property[property.index(after: property.startIndex)..<end]),
            elements.indices.contains(index)
        {
            let element = changed(elements[index], property[property.index(after: end)...])
            elements.replaceSubrange(index...index, with: element.map { [$0] } ?? [])
            node.content = .list(elements)
        } else if let (member, rest) = member(beginning: property), var members {
            let index = members.lastIndex { $0.key == member.key } ?? 0
            if let value = changed(member.value, rest) {
                members[index].value = value
            } else {
                members.removeAll { $0.key == member.key }
            }
            node.content = .map(members)
        } else if var members, !property.contains(where: { ".[".contains($0) }),
            let value = change(nil)
        {
            members.append(Member(key: String(property), keyRange: range, value: value))
            node.content = .map(members)
        }
        return node
    }

    /// Whether a loop makes members of it that are known at deployment only.
    var hasLoop: Bool { (members ?? []).contains(where: \.isLoop) }

    /// Whether that is so of the object that a property belongs to: of `Target.CodePipeline.Name`,
    /// `Target.CodePipeline`.
    func hasLoop(around property: String) -> Bool {
        guard let dot = property.lastIndex(of: ".") else { return hasLoop }
        return place(of: String(property[..<dot])).value?.hasLoop ?? false
    }
}

extension SourceNode.Member {
    /// Whether it is a loop that makes members beside it (`Fn::ForEach` of AWS::LanguageExtensions).
    var isLoop: Bool { key.hasPrefix("Fn::ForEach::") }
}
