import Codec
import Core

/// A rule that a template declares, as far as it is known before the stack is deployed.
struct DeclaredRule {
    /// Its name in the template.
    let logicalID: String
    /// What is known of it.
    let knowledge: Knowledge

    enum Knowledge {
        /// All that decides about a change; of the target some properties may be known later.
        case rule(Object)
        /// Why it would be refused.
        case invalid(String)
        /// Why it cannot be decided about.
        case undecided(String)
    }

    struct Object {
        var bytes: [UInt8]
        /// Where it lies: the key of a rule of TrainingPeaks' mono-repo trigger follows from its content.
        var key: String
        /// The properties of the target that stand-ins are in the place of.
        var later: [String]
    }

    init(_ declaration: StackTemplate.Declaration, in file: CheckedFile, keys: BucketKeys) {
        logicalID = declaration.logicalID
        guard let rule = RuleVariants(declaration, in: file).first else {
            knowledge = .invalid("it has no properties")
            return
        }
        var later: [String] = []
        for (property, node) in rule.properties.leaves() where node.isUnknown {
            if RuleDeclaration.ofCloudFormation.contains(property) { continue }
            guard property.hasPrefix("Target") else {
                let name = property.isEmpty ? "what it says" : property
                knowledge = .undecided("\(name) is known at deployment only")
                return
            }
            later.append(property)
        }
        let hanging = (declaration.properties.members ?? []).first { member in
            !member.key.hasPrefix("Target")
                && !RuleDeclaration.ofCloudFormation.contains(member.key)
                && !Intrinsics.conditions(in: member.value).isEmpty
        }
        if let hanging {
            knowledge = .undecided("\(hanging.key) depends on the template's conditions")
            return
        }
        do throws(InvalidRule) {
            let declared = try rule.declared(.none, keys: keys)
            let content = try? JSON(parsing: declared.object)
            let place = content.flatMap { RuleDefinition.place($0) }
            let isMonoRepo = content.flatMap { MonoRepoRule.key($0, keys: keys) } != nil
            knowledge = .rule(
                Object(
                    bytes: declared.object,
                    key: isMonoRepo
                        ? declared.key
                        : place.map {
                            keys.rule(declaration.logicalID, of: $0.source, $0.repository)
                        }
                            ?? declared.key,
                    later: later
                )
            )
        } catch {
            knowledge = .invalid(error.description)
        }
    }
}
