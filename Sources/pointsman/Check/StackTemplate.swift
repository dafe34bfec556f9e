import Codec
import Core

/// A CloudFormation template, of which only those resources count that declare rules.
struct StackTemplate {
    struct Declaration {
        var logicalID: String
        var idRange: Range<Int>
        var type: String
        var typeRange: Range<Int>
        var properties: SourceNode

        /// The type that was probably meant; `nil` where it is one of ours, or like none.
        var meantType: String? {
            guard !types.contains(type), let near = suggestion(for: type, among: types),
                abs(type.count - near.count) <= 2
            else { return nil }
            return near
        }
    }

    let declarations: [Declaration]

    /// The types whose resources are rules.
    static let types = ["Custom::PipelineTrigger", "Custom::MonoRepoTrigger"]
    /// A type that may be anything.
    static let generalType = "AWS::CloudFormation::CustomResource"

    /// Takes the root of a file; `nil` where it is no template.
    init?(_ root: SourceNode) {
        guard let resources = root["Resources"]?.members else { return nil }
        declarations = Self.declarations(in: resources)
    }

    private static func declarations(in resources: [SourceNode.Member]) -> [Declaration] {
        resources.flatMap { member -> [Declaration] in
            // A loop: its third part is what is repeated (AWS::LanguageExtensions).
            if member.isLoop, let parts = member.value.list,
                parts.count == 3, let repeated = parts[2].members
            {
                let variable = "${\(parts[0].scalar?.text ?? "")}"
                return declarations(in: repeated).map { declaration in
                    var declaration = declaration
                    declaration.logicalID = declaration.logicalID.replacing(variable, with: "X")
                    declaration.properties = declaration.properties.forgetting(variable)
                    return declaration
                }
            }
            guard let typeNode = member.value["Type"], let type = typeNode.scalar?.text else {
                return []
            }
            let none = SourceNode(content: .map([]), range: member.keyRange)
            let properties = member.value["Properties"] ?? none
            // The function takes any type, and goes by the properties.
            let mayBeRule = type == generalType || type.hasPrefix("Custom::")
            let declaration = Declaration(
                logicalID: member.key,
                idRange: member.keyRange,
                type: type,
                typeRange: typeNode.range,
                properties: properties
            )
            let isRule =
                types.contains(type) || (mayBeRule && RuleFile.isRule(properties))
                || (declaration.meantType != nil && RuleFile.isMeantAsRule(properties))
            return isRule ? [declaration] : []
        }
    }
}

extension SourceNode {
    /// The same, with every text unknown that holds a loop's variable.
    fileprivate func forgetting(_ variable: String) -> SourceNode {
        var node = self
        switch content {
        case .scalar(let scalar) where scalar.text.contains(variable):
            node.content = .unknown(scalar.text)
            node.tag = nil
        case .scalar, .unknown: break
        case .list(let elements):
            node.content = .list(elements.map { $0.forgetting(variable) })
        case .map(let members):
            node.content = .map(
                members.map { member in
                    var member = member
                    member.value = member.value.forgetting(variable)
                    return member
                }
            )
        }
        return node
    }
}

/// What CloudFormation makes of a template's intrinsic functions, as far as it is known before
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
                if member.isLoop {
                    var loop = member
                    loop.value.content = .unknown(member.key)
                    return loop
                }
                return self.resolved(member.value).map { value in
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

    /// The call as an author would write it: `!Ref Branch`.
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

/// A valid value in the place of one that is only known at deployment.
///
/// So the rest of a rule can be checked; findings about the value itself are not passed on. Each property whose
/// values are limited has a case of its own.
enum StandIn {
    private static let plain = "unknown"

    /// A value for a property, such as `Target.CodePipeline.RoleArn`.
    static func value(of property: String, source: String) -> JSON {
        if let list = RuleProperty.list(property) { return list }
        switch property.split(separator: ".").last.map(String.init) ?? "" {
        case "Source" where property == "Source": return .string("github")
        case "Repository":
            return .string(source == "codecommit" ? plain : "\(plain)/\(plain)")
        case "WhenPathsUnknown": return .string("start")
        case "Forks", "Drafts": return .string("skip")
        case "Order": return .string("newest")
        case "Supersede": return .string("false")
        case "RoleArn": return .string("arn:aws:iam::123456789012:role/\(plain)")
        case "Region": return .string("us-east-1")
        case let name where name.hasSuffix("SecretArn"):
            let place = "arn:aws:secretsmanager:us-east-1:123456789012:secret"
            return .string("\(place):\(plain)-AbCdEf")
        case "Server": return .string("https://\(plain).example.com")
        case "Image": return .string("\(plain):\(plain)")
        case "CABundle":
            return .string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
        case "Variables", "Environment": return .object([])
        case "Target":
            return JSON(["CodePipeline": JSON(["Name": .string(plain)])])
        default: return .string(property.hasPrefix("Events[") ? "push" : plain)
        }
    }
}

/// What is known of a rule's properties beside what checks them.
enum RuleProperty {
    /// Those that are a list, with one that is valid.
    fileprivate static func list(_ property: String) -> JSON? {
        switch property {
        case "Events": .array([.string("push")])
        case _ where RuleDefinition.patternLists.contains(property): .array([])
        default: nil
        }
    }

    /// Whether it is true or false.
    static func isFlag(_ property: String) -> Bool { property == "Supersede" }

    /// A property and the one that it belongs with: of `ExcludePaths[1]`, `Paths` and
    /// `ExcludePaths`.
    static func related(to property: String) -> [String] {
        let name = String(property.prefix { $0 != "[" && $0 != "." })
        let included = name.hasPrefix("Exclude") ? String(name.dropFirst(7)) : name
        let related = [included, "Exclude" + included]
        return included == "Paths" || included == "PathExpressions"
            ? ["Paths", "ExcludePaths", "PathExpressions"] : related
    }
}
