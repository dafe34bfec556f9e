internal import AWS
package import Codec
internal import Platform

/// A rule as a stack's template declares it.
package struct RuleDeclaration {
    /// The properties, without those that CloudFormation itself reads.
    let properties: JSON
    /// Whether they are those of the mono-repo trigger.
    let isMonoRepo: Bool

    /// A rule that may be written: where, and what.
    package struct Checked: Equatable, Sendable {
        package let key: String
        /// Its object: the same bytes for the same rule.
        package let object: [UInt8]
    }

    /// A key has at most 1,024 bytes
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).
    private static let longestKey = 1_024
    /// The properties that CloudFormation itself reads.
    package static let ofCloudFormation = ["ServiceToken", "ServiceTimeout"]

    /// Takes a resource's properties.
    ///
    /// The type says whose they are. One that does not leaves it to the properties: they are those
    /// of the mono-repo trigger if one of its four is there and `Target` is not.
    package init(resourceType: String, properties: JSON) {
        switch resourceType {
        case "Custom::PipelineTrigger": isMonoRepo = false
        case "Custom::MonoRepoTrigger": isMonoRepo = true
        default:
            isMonoRepo =
                properties["Target"] == nil
                && MonoRepoRule.propertyNames.contains { properties[$0] != nil }
        }
        guard let members = properties.members else {
            self.properties = properties
            return
        }
        self.properties = .object(members.filter { !Self.ofCloudFormation.containsText($0.key) })
    }

    /// The key of the rule, where the properties tell it: whether they are valid or not.
    package func key(of resource: StackResource, keys: BucketKeys) -> String? {
        guard let key = place(of: resource, keys: keys), key.utf8.count <= Self.longestKey
        else { return nil }
        return isMonoRepo && !keys.isMonoRepoRule(key) ? nil : key
    }

    /// Checks the properties; reports all that is wrong with them.
    ///
    /// - Parameter ownSecrets: what no target may name.
    package func check(
        of resource: StackResource,
        keys: BucketKeys,
        ownSecrets: OwnSecrets
    ) throws(InvalidRule) -> Checked {
        let target =
            isMonoRepo
            ? try MonoRepoRule(properties).target : try RuleDefinition.read(properties).target
        let problems = ownSecrets.problems(of: target)
        guard problems.isEmpty else { throw InvalidRule(problems: RuleProblems(problems)) }
        guard let key = key(of: resource, keys: keys) else {
            let name = isMonoRepo ? "GitHubRepo" : "Repository"
            let place = place(of: resource, keys: keys) ?? ""
            throw InvalidRule(problems: [
                RuleProblem(name, "no rule can be kept under '\(clipped(place))'")
            ])
        }
        let object = stored.encoded()
        if let breach = Budget.object.breach(by: object.count) {
            throw InvalidRule(problems: [RuleProblem("", breach, kind: .budget)])
        }
        return Checked(key: key, object: object)
    }

    /// Whether an object that the mono-repo trigger wrote says the same: the four values count,
    /// not the order and the white space in which that function wrote them.
    func isSaid(by object: [UInt8]) -> Bool {
        guard isMonoRepo, let stored = try? JSON(parsing: object) else { return false }
        return MonoRepoRule.propertyNames.allSatisfy { name in
            guard let one = stored[name]?.string, let other = properties[name]?.string else {
                return false
            }
            return isSame(one, other)
        }
    }

    /// What the key would be, whether anything may lie there or not.
    private func place(of resource: StackResource, keys: BucketKeys) -> String? {
        if isMonoRepo { return MonoRepoRule.key(properties, keys: keys) }
        return RuleDefinition.place(properties).map { place in
            keys.rule(resource.ruleName, of: place.source, place.repository)
        }
    }

    /// The rule as it is stored.
    ///
    /// CloudFormation promises no order of properties: they are sorted, all the way down.
    private var stored: JSON {
        guard isMonoRepo else { return sorted(properties) }
        var members: [JSON.Member] = []
        for name in MonoRepoRule.propertyNames {
            if let value = properties[name] { members.append(JSON.Member(key: name, value: value)) }
        }
        return .object(members)
    }
}

/// The same value, its members by their names' bytes; of two with one name the last.
private func sorted(_ value: JSON) -> JSON {
    switch value {
    case .array(let elements): return .array(elements.map { sorted($0) })
    case .object(let members):
        let last = members.lastOfEachName.map {
            JSON.Member(key: $0.key, value: sorted($0.value))
        }
        return .object(last.inOrder(of: last.map { Array($0.key.utf8) }))
    default: return value
    }
}

/// A resource of a stack: who declares a rule.
package struct StackResource: Equatable, Sendable {
    let stackID: String
    let logicalID: String
    private let stackName: String

    /// Reads the two names; throws what is wrong with them.
    package init(stackID: String, logicalID: String) throws(RuleProblem) {
        let stack = (ARN(stackID)?.resource ?? "").utf8.split(separator: UInt8(ascii: "/"))
        guard stack.count == 3, stack[0].elementsEqual("stack".utf8), stack[1].allSatisfy(isOfName)
        else {
            throw RuleProblem("StackId", "expected the ARN of a stack, found '\(clipped(stackID))'")
        }
        guard !logicalID.utf8.isEmpty, logicalID.utf8.allSatisfy(isOfName) else {
            throw RuleProblem(
                "LogicalResourceId",
                "expected letters and digits, found '\(clipped(logicalID))'"
            )
        }
        self.stackID = stackID
        self.logicalID = logicalID
        stackName = String(decoding: Array(stack[1]), as: UTF8.self)
    }

    /// What the resource's rule is called in its folder: `{stack}-{logical id}-{8 digits}`.
    ///
    /// The digits are of the SHA-256 of both ids, with a newline between, so that no other
    /// stack of that name has the same.
    var ruleName: String {
        let digest = SHA256.hash([UInt8]("\(stackID)\n\(logicalID)".utf8))
        return "\(stackName)-\(logicalID)-\(Hex.lower([UInt8](digest.prefix(4))))"
    }
}

/// CloudFormation's own names have letters, digits and, a stack's, hyphens.
private func isOfName(_ byte: UInt8) -> Bool {
    byte.isASCIILetterOrDigit || "-_.".utf8.contains(byte)
}
