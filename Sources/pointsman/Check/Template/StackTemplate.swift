/// A CloudFormation template, of which only those resources count that declare rules.
struct StackTemplate {
    /// A resource that declares a rule.
    struct Declaration {
        var logicalID: String
        var idRange: Range<Int>
        var type: String
        /// Its properties as they are written.
        var properties: SourceNode
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
            if member.key.hasPrefix("Fn::ForEach::"), let parts = member.value.list,
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
            guard let type = member.value["Type"]?.scalar?.text else { return [] }
            let none = SourceNode(content: .map([]), range: member.keyRange)
            let properties = member.value["Properties"] ?? none
            guard types.contains(type) || (type == generalType && properties.looksLikeRule) else {
                return []
            }
            return [
                Declaration(
                    logicalID: member.key,
                    idRange: member.keyRange,
                    type: type,
                    properties: properties
                )
            ]
        }
    }
}

extension SourceNode {
    /// Whether its properties are those of a rule, Pointsman's or TrainingPeaks'.
    var looksLikeRule: Bool {
        guard let members else { return false }
        let names = Set(members.map(\.key))
        return RuleFile.mostTelling.isSubset(of: names)
            || names.intersection(RuleFile.ofMonoRepoRule).count >= 2
    }

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
