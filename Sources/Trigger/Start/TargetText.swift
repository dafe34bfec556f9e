/// What a text of a target must look like.
enum TargetText {
    /// The name of a pipeline.
    case pipelineName
    /// The name of a pipeline's action.
    case actionName
    /// The name of a pipeline's variable.
    case variableName
    /// The ARN of an IAM role.
    case roleARN
    /// The name of a region.
    case region

    /// What was expected, in words.
    var expectation: String {
        switch self {
        case .pipelineName: "a pipeline's name (1 to 100 letters, digits or . @ - _)"
        case .actionName: "an action's name (1 to 100 letters, digits or . @ - _)"
        case .variableName: "a variable's name (1 to 128 letters, digits or @ - _)"
        case .roleARN: "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name"
        case .region: "a region, such as eu-west-1"
        }
    }

    /// Whether a text looks like that.
    func accepts(_ text: String) -> Bool {
        let bytes = [UInt8](text.utf8)
        switch self {
        case .pipelineName, .actionName: return bytes.isName(upTo: 100, also: ".@-_")
        case .variableName: return bytes.isName(upTo: 128, also: "@-_")
        case .roleARN: return isRoleARN(bytes)
        // It becomes part of a host name.
        case .region:
            let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            return parts.count >= 3 && parts.allSatisfy { Array($0).isName(upTo: 32, also: "") }
                && bytes.allSatisfy { $0 == lowercased($0) }
        }
    }

    /// `arn:aws:iam::123456789012:role/path/name`, at most 2048 bytes (STS, AssumeRole).
    private func isRoleARN(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(
            separator: UInt8(ascii: ":"),
            maxSplits: 5,
            omittingEmptySubsequences: false
        )
        guard parts.count == 6, bytes.count <= 2_048 else { return false }
        return parts[0].elementsEqual("arn".utf8)
            && (parts[1].elementsEqual("aws".utf8) || parts[1].starts(with: "aws-".utf8))
            && Array(parts[1]).isName(upTo: 32, also: "-")
            && parts[2].elementsEqual("iam".utf8) && parts[3].isEmpty
            && parts[4].count == 12 && parts[4].allSatisfy { (0x30...0x39).contains($0) }
            && parts[5].starts(with: "role/".utf8)
            && Array(parts[5].dropFirst(5)).isName(upTo: 576, also: "/+=,.@-_")
    }
}

extension [UInt8] {
    /// Whether these are letters, digits and some other bytes, at least one of them.
    fileprivate func isName(upTo maximum: Int, also others: String) -> Bool {
        guard !isEmpty, count <= maximum else { return false }
        let others = [UInt8](others.utf8)
        return allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(lowercased(byte))
                || others.contains(byte)
        }
    }
}
