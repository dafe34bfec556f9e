/// What the region's name says about where AWS's endpoints are.
enum Partition {
    /// The end of every endpoint's host name, as the SDKs' `partitions.json` has it.
    static func dnsSuffix(ofRegion region: String) -> String {
        for partition in all where region.utf8.starts(with: partition.regionPrefix.utf8) {
            return partition.dnsSuffix
        }
        return commonDNSSuffix
    }

    /// The ends of the host names of all partitions.
    static var dnsSuffixes: [String] { [commonDNSSuffix] + all.map { $0.dnsSuffix } }

    /// Whether a text can be a region's name; what cannot must not become part of a host.
    static func isRegion(_ text: String) -> Bool {
        isHostLabel(text)
    }

    /// Whether a text is one lower-case label of a host name (RFC 1123, section 2.1).
    static func isHostLabel(_ text: String) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 63 else { return false }
        guard bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
            return false
        }
        return bytes.allSatisfy { byte in
            (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || byte == UInt8(ascii: "-")
        }
    }

    private static var commonDNSSuffix: String { "amazonaws.com" }

    /// The partitions other than `aws` and `aws-us-gov`, which share one suffix.
    private static var all: [(regionPrefix: String, dnsSuffix: String)] {
        [
            ("cn-", "amazonaws.com.cn"),
            ("eusc-", "amazonaws.eu"),
            ("us-iso-", "c2s.ic.gov"),
            ("us-isob-", "sc2s.sgov.gov"),
            ("eu-isoe-", "cloud.adc-e.uk"),
            ("us-isof-", "csp.hci.ic.gov"),
        ]
    }
}
