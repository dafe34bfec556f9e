internal import AWS
internal import Codec

/// What a text of a target must look like; those of one target alone are in its own file.
struct TargetText {
    /// What was expected, in words.
    let expectation: String
    /// The most code points that such a text has.
    let maximumLength: Int
    private let isValid: (_ text: String, _ bytes: [UInt8]) -> Bool

    init(
        _ expectation: String,
        upTo maximumLength: Int = Budget.object.limit,
        isValid: @escaping (_ text: String, _ bytes: [UInt8]) -> Bool
    ) {
        self.expectation = expectation
        self.maximumLength = maximumLength
        self.isValid = isValid
    }

    /// Letters, digits and some other bytes, at least one of them.
    static func name(_ expectation: String, upTo maximumLength: Int, also others: String) -> Self {
        TargetText(expectation, upTo: maximumLength) { $1.isName(also: others) }
    }

    func accepts(_ text: String) -> Bool {
        let bytes = [UInt8](text.utf8)
        guard bytes.count <= maximumLength || text.unicodeScalars.count <= maximumLength
        else { return false }
        return isValid(text, bytes)
    }

    static var any: TargetText { TargetText("a string") { _, _ in true } }

    /// The name of a region; it becomes part of a host name.
    static var region: TargetText {
        TargetText("a region, such as eu-west-1", upTo: 63) { _, bytes in
            let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            return parts.count >= 3 && parts.allSatisfy { Array($0).isName(upTo: 32, also: "") }
                && !bytes.contains { $0.isASCIIUppercase }
        }
    }

    /// STS API reference, AssumeRole.
    static var roleARN: TargetText {
        TargetText(
            "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/name",
            upTo: 2_048
        ) { text, _ in
            guard let arn = ARN(text), arn.isValid(for: "iam") else { return false }
            return arn.region.isEmpty && arn.hasResource("role/", upTo: 576, also: "/+=,.@-_")
        }
    }

    /// Secrets Manager API reference, GetSecretValue.
    static var secretARN: TargetText {
        TargetText(
            "the ARN of a secret, such as "
                + "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf",
            upTo: 2_048
        ) { text, _ in
            guard let arn = ARN(text), arn.isValid(for: "secretsmanager") else { return false }
            return region.accepts(arn.region)
                && arn.hasResource("secret:", upTo: 519, also: "/_+=.@-")
        }
    }

    /// One or more certificates, each between its lines (RFC 7468).
    static var certificates: TargetText {
        TargetText("certificates as PEM text (-----BEGIN CERTIFICATE-----…)") { _, bytes in
            let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
            let begins = lines.count { $0.starts(with: "-----BEGIN CERTIFICATE-----".utf8) }
            let ends = lines.count { $0.starts(with: "-----END CERTIFICATE-----".utf8) }
            return begins > 0 && begins == ends
        }
    }
}

extension ARN {
    /// `aws` or `aws-…`, the service, and an account of 12 digits.
    func isValid(for service: String) -> Bool {
        (partition == "aws" || partition.utf8.starts(with: "aws-".utf8))
            && [UInt8](partition.utf8).isName(upTo: 32, also: "-")
            && self.service == service
            && account.utf8.count == 12 && account.utf8.allSatisfy { $0.isASCIIDigit }
    }

    /// Whether the resource is of that type and the rest of it is a name.
    func hasResource(_ type: String, upTo maximum: Int, also others: String) -> Bool {
        resource.utf8.starts(with: type.utf8)
            && Array(resource.utf8.dropFirst(type.utf8.count)).isName(upTo: maximum, also: others)
    }
}

extension [UInt8] {
    /// Whether these are letters, digits and some other bytes, at least one of them.
    func isName(upTo maximum: Int = .max, also others: String) -> Bool {
        guard !isEmpty, count <= maximum else { return false }
        let others = [UInt8](others.utf8)
        return allSatisfy { $0.isASCIILetterOrDigit || others.contains($0) }
    }
}
