/// The name of a resource, `arn:partition:service:region:account:resource`
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
package struct ARN: Equatable, Sendable {
    package let partition: String
    package let service: String
    /// Empty for a resource of no region, such as a role.
    package let region: String
    /// Empty for a resource of no account, such as a bucket.
    package let account: String
    /// Everything after the account; it may have colons.
    package let resource: String

    /// `nil` if the text does not begin with `arn:` or has fewer than six parts.
    ///
    /// What the parts hold is not checked.
    package init?(_ text: String) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: ":"),
            maxSplits: 5,
            omittingEmptySubsequences: false
        )
        .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 6, parts[0] == "arn" else { return nil }
        partition = parts[1]
        service = parts[2]
        region = parts[3]
        account = parts[4]
        resource = parts[5]
    }
}
