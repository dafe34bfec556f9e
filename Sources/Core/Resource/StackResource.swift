internal import Codec
internal import Platform

/// A resource of a stack: who declares a rule.
package struct StackResource: Equatable, Sendable {
    /// The stack's ARN.
    package let stackID: String
    /// The resource's name in its template.
    package let logicalID: String
    private let stackName: String

    /// Reads the two names; throws what is wrong with them.
    package init(stackID: String, logicalID: String) throws(RuleProblem) {
        let stack = stackID.utf8.split(separator: UInt8(ascii: "/"))
        guard stack.count == 3, stack[0].starts(with: "arn:".utf8),
            Array(stack[0].suffix(6)) == Array(":stack".utf8), stack[1].allSatisfy(isOfName)
        else {
            throw RuleProblem(
                "StackId",
                "expected the ARN of a stack, found '\(clipped(stackID))'"
            )
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
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(lowercased(byte))
        || "-_.".utf8.contains(byte)
}
