/// Which secret a text names, however it is written: by an ARN, with or without the six characters
/// that Secrets Manager adds to it, in any region, or by its name.
struct SecretName {
    /// `nil` where only the name is known.
    private let account: [UInt8]?
    private let name: [UInt8]

    /// Reads what a `SecretId` may be (Secrets Manager API reference, GetSecretValue).
    init(_ text: String) {
        let parts = Array(text.utf8).split(
            separator: UInt8(ascii: ":"),
            maxSplits: 6,
            omittingEmptySubsequences: false
        )
        guard parts.count == 7, parts[0].elementsEqual("arn".utf8) else {
            account = nil
            name = Array(text.utf8)
            return
        }
        account = Array(parts[4])
        name = Array(parts[6])
    }

    /// Whether both may be the same secret, or a replica of it in another region.
    ///
    /// Six letters or digits at a name's end may be the name's own or Secrets Manager's, and a name
    /// alone may be of any account: in doubt they are the same.
    func mayBe(_ other: SecretName) -> Bool {
        if let account, let otherAccount = other.account, account != otherAccount { return false }
        return name == other.name || name == other.shortened || shortened == other.name
            || (shortened != nil && shortened == other.shortened)
    }

    /// The name alone, without what may be Secrets Manager's addition.
    var plain: String { String(decoding: shortened ?? name, as: UTF8.self) }

    /// The name without what may be Secrets Manager's addition: `-` and six letters or digits.
    private var shortened: [UInt8]? {
        guard name.count > 7, name[name.count - 7] == UInt8(ascii: "-"),
            name.suffix(6).allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(lowercased(byte))
            })
        else { return nil }
        return Array(name.dropLast(7))
    }
}
