/// What CloudFormation makes of a template's intrinsic functions, as far as anybody can say before
/// deployment.
///
/// Both forms are read: `!Sub …` and `{"Fn::Sub": …}`.
struct Intrinsics {
    /// Which way each condition goes.
    var conditions: [String: Bool] = [:]

    /// The value without its functions; `nil` where it is `AWS::NoValue`, which leaves it out.
    func resolved(_ node: SourceNode) -> SourceNode? {
        if let call = Call(node) { return resolved(call, in: node) }
        var node = node
        switch node.content {
        case .scalar, .unknown: break
        case .list(let elements): node.content = .list(elements.compactMap { resolved($0) })
        case .map(let members):
            if members.contains(where: { $0.key == "Fn::Transform" }) {
                node.content = .unknown("Fn::Transform")
                return node
            }
            let resolved = members.compactMap { member in
                self.resolved(member.value).map { value in
                    var member = member
                    member.value = value
                    return member
                }
            }
            node.content = .map(resolved)
        }
        return node
    }

    private func resolved(_ call: Call, in node: SourceNode) -> SourceNode? {
        let argument = call.argument
        switch call.name {
        case "Ref" where argument.scalar?.text == "AWS::NoValue":
            return nil
        case "Fn::If":
            if let parts = argument.list, parts.count == 3, let condition = parts[0].scalar?.text {
                return resolved(parts[conditions[condition] ?? true ? 1 : 2])
            }
        case "Fn::Sub":
            if let text = argument.scalar?.text, let literal = Self.withoutVariables(text) {
                return argument.saying(literal, inOnePiece: literal == text)
            }
        case "Fn::Join":
            if let parts = argument.list, parts.count == 2, let separator = parts[0].scalar?.text,
                let texts = parts[1].list?.map({ resolved($0)?.scalar?.text }),
                !texts.contains(nil)
            {
                let text = texts.compactMap(\.self).joined(separator: separator)
                return node.saying(text, inOnePiece: false)
            }
        default: break
        }
        var node = node
        node.content = .unknown(call.inWords)
        return node
    }

    /// The names of the conditions that a value's `Fn::If` look at.
    static func conditions(in node: SourceNode) -> Set<String> {
        var names: Set<String> = []
        if let call = Call(node), call.name == "Fn::If", let name = call.argument.list?.first {
            if let name = name.scalar?.text { names.insert(name) }
        }
        for element in node.list ?? [] { names.formUnion(conditions(in: element)) }
        for member in node.members ?? [] { names.formUnion(conditions(in: member.value)) }
        return names
    }

    /// The text of a `Fn::Sub` that has nothing to replace.
    private static func withoutVariables(_ text: String) -> String? {
        let literal = text.replacing("${!", with: "\u{0}")
        return literal.contains("${") ? nil : literal.replacing("\u{0}", with: "${")
    }
}

/// A call of an intrinsic function.
private struct Call {
    /// `Ref`, `Fn::Sub`.
    var name: String
    var argument: SourceNode
    private var isTag = false

    init?(_ node: SourceNode) {
        if let tag = node.tag {
            let short = String(tag.dropFirst())
            name = short == "Ref" || short == "Condition" ? short : "Fn::" + short
            argument = node
            argument.tag = nil
            isTag = true
        } else if let members = node.members, members.count == 1, let member = members.first,
            member.key == "Ref" || member.key == "Condition" || member.key.hasPrefix("Fn::")
        {
            name = member.key
            argument = member.value
        } else {
            return nil
        }
    }

    /// The call as somebody would write it: `!Ref Branch`.
    var inWords: String {
        let short = "!" + (name.hasPrefix("Fn::") ? String(name.dropFirst(4)) : name)
        guard let text = argument.scalar?.text, !text.contains("\n") else { return short }
        return "\(short) \(text)"
    }
}

extension SourceNode {
    /// The same place with another text.
    fileprivate func saying(_ text: String, inOnePiece: Bool) -> SourceNode {
        var node = self
        let style = inOnePiece ? scalar?.style ?? .block : .block
        node.content = .scalar(SourceScalar(text: text, kind: .string, style: style))
        node.tag = nil
        return node
    }
}
