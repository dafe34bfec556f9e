internal import AWS
internal import Codec
internal import Platform

/// What a text of a target must look like.
enum TargetText {
    /// The name of a pipeline.
    case pipelineName
    /// The name of a pipeline's action.
    case actionName
    /// The name of a pipeline's variable.
    case variableName
    /// The name of a build project.
    case projectName
    /// The name of a build's environment variable.
    case environmentVariable
    /// The name or ARN of an event bus.
    case eventBus
    /// The source of an event.
    case eventSource
    /// The detail type of an event.
    case detailType
    /// The ARN of an IAM role.
    case roleARN
    /// The name of a region.
    case region
    /// The name of an EKS cluster.
    case clusterName
    /// The URL of an API server.
    case serverURL
    /// The ARN of a secret.
    case secretARN
    /// Certificates as PEM text.
    case certificates
    /// A name as RFC 1123 has a label of a host name.
    case dnsLabel
    /// A name as RFC 1123 has a host name.
    case dnsSubdomain
    /// A container image by its tag or digest.
    case image
    /// Anything.
    case any

    /// What was expected, in words.
    var expectation: String {
        switch self {
        case .pipelineName: "a pipeline's name (1 to 100 letters, digits or . @ - _)"
        case .actionName: "an action's name (1 to 100 letters, digits or . @ - _)"
        case .variableName: "a variable's name (1 to 128 letters, digits or @ - _)"
        case .projectName:
            "a build project's name (2 to 255 letters, digits or - _, the first no - or _)"
        case .environmentVariable:
            "a variable's name (letters, digits or _, the first no digit), not one of CODEBUILD_…"
        case .eventBus:
            "an event bus's name (1 to 256 letters, digits or . - _) or its ARN"
        case .eventSource: "an event's source (1 to 256 characters, not aws.…)"
        case .detailType: "an event's detail type (1 to 128 characters)"
        case .roleARN: "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name"
        case .region: "a region, such as eu-west-1"
        case .clusterName:
            "an EKS cluster's name (1 to 100 letters, digits or - _, the first no - or _)"
        case .serverURL: "the URL of an API server, such as https://api.example.com:6443"
        case .secretARN:
            "the ARN of a secret, such as "
                + "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"
        case .certificates: "certificates as PEM text (-----BEGIN CERTIFICATE-----…)"
        case .dnsLabel: "a name of 1 to 63 lower-case letters, digits or -, no - first or last"
        case .dnsSubdomain:
            "a name of 1 to 253 lower-case letters, digits or - ., a letter or digit first, last "
                + "and beside each ."
        case .image: "an image with its tag or digest, such as octo/app:1.2"
        case .any: "a string"
        }
    }

    /// The most code points that such a text has.
    ///
    /// Limits: the API reference of each service; of a Kubernetes name RFC 1123. No registry takes
    /// as long an image.
    var longest: Int {
        switch self {
        case .pipelineName, .actionName, .clusterName: 100
        case .variableName, .detailType: 128
        case .projectName, .environmentVariable: 255
        case .eventBus: 1_600
        case .eventSource: 256
        case .roleARN, .secretARN: 2_048
        case .region, .dnsLabel: 63
        case .dnsSubdomain: 253
        case .image: 1_024
        case .serverURL, .certificates, .any: Budget.object.limit
        }
    }

    /// Whether a text looks like that.
    func accepts(_ text: String) -> Bool {
        let bytes = [UInt8](text.utf8)
        guard bytes.count <= longest || text.unicodeScalars.count <= longest else { return false }
        switch self {
        case .pipelineName, .actionName: return bytes.isName(also: ".@-_")
        case .variableName: return bytes.isName(also: "@-_")
        case .projectName:
            return bytes.count >= 2 && bytes.isName(also: "-_") && !"-_".utf8.contains(bytes[0])
        case .environmentVariable:
            // The names that begin so are CodeBuild's own (CodeBuild user guide, "Environment
            // variables in build environments").
            return bytes.isName(also: "_") && !bytes[0].isASCIIDigit
                && !bytes.starts(with: "CODEBUILD_".utf8)
        case .eventBus:
            return bytes.isName(upTo: 256, also: ".-_") || isEventBusARN(text)
        // The sources that begin so are AWS's own (EventBridge user guide, "Events").
        case .eventSource:
            return !bytes.isEmpty && !bytes.starts(with: "aws.".utf8)
        case .detailType: return !bytes.isEmpty
        case .roleARN: return isRoleARN(text)
        // It becomes part of a host name.
        case .region:
            let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            return parts.count >= 3 && parts.allSatisfy { Array($0).isName(upTo: 32, also: "") }
                && !bytes.contains { $0.isASCIIUppercase }
        case .clusterName:
            return bytes.isName(also: "-_") && !"-_".utf8.contains(bytes[0])
        case .serverURL: return HTTPSURL(text) != nil
        case .secretARN: return isSecretARN(text)
        case .certificates: return isPEM(bytes)
        case .dnsLabel: return isLabel(bytes[...])
        case .dnsSubdomain:
            let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            return labels.allSatisfy(isLabel)
        case .image:
            guard let image = ImageReference(text) else { return false }
            return image.tag != nil || image.digest != nil
        case .any: return true
        }
    }

    /// `arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf`
    /// (Secrets Manager, GetSecretValue).
    private func isSecretARN(_ text: String) -> Bool {
        guard let arn = ARN(text), arn.isValid(for: "secretsmanager") else { return false }
        return TargetText.region.accepts(arn.region)
            && arn.hasResource("secret:", upTo: 519, also: "/_+=.@-")
    }

    /// `arn:aws:events:eu-west-1:123456789012:event-bus/name` (PutEventsRequestEntry).
    private func isEventBusARN(_ text: String) -> Bool {
        guard let arn = ARN(text), arn.isValid(for: "events") else { return false }
        return TargetText.region.accepts(arn.region)
            && arn.hasResource("event-bus/", upTo: 256, also: ".-_")
    }

    /// `arn:aws:iam::123456789012:role/path/name` (STS, AssumeRole).
    private func isRoleARN(_ text: String) -> Bool {
        guard let arn = ARN(text), arn.isValid(for: "iam") else { return false }
        return arn.region.isEmpty && arn.hasResource("role/", upTo: 576, also: "/+=,.@-_")
    }

    /// One or more certificates, each between its lines (RFC 7468).
    private func isPEM(_ bytes: [UInt8]) -> Bool {
        let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
        let begins = lines.count { $0.starts(with: "-----BEGIN CERTIFICATE-----".utf8) }
        let ends = lines.count { $0.starts(with: "-----END CERTIFICATE-----".utf8) }
        return begins > 0 && begins == ends
    }

    /// A label of a host name (RFC 1123), of any length.
    private func isLabel(_ bytes: ArraySlice<UInt8>) -> Bool {
        Array(bytes).isName(upTo: 253, also: "-") && !bytes.contains { $0.isASCIIUppercase }
            && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
    }
}

extension ARN {
    /// `aws` or `aws-…`, the service, and an account of 12 digits.
    fileprivate func isValid(for service: String) -> Bool {
        (partition == "aws" || partition.utf8.starts(with: "aws-".utf8))
            && [UInt8](partition.utf8).isName(upTo: 32, also: "-")
            && self.service == service
            && account.utf8.count == 12 && account.utf8.allSatisfy { $0.isASCIIDigit }
    }

    /// Whether the resource is of that type and the rest of it is a name.
    fileprivate func hasResource(_ type: String, upTo maximum: Int, also others: String) -> Bool {
        resource.utf8.starts(with: type.utf8)
            && Array(resource.utf8.dropFirst(type.utf8.count)).isName(upTo: maximum, also: others)
    }
}

extension [UInt8] {
    /// Whether these are letters, digits and some other bytes, at least one of them.
    fileprivate func isName(upTo maximum: Int = .max, also others: String) -> Bool {
        guard !isEmpty, count <= maximum else { return false }
        let others = [UInt8](others.utf8)
        return allSatisfy { $0.isASCIILetterOrDigit || others.contains($0) }
    }
}
