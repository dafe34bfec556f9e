internal import CLibraries
internal import Codec

/// A private RSA key, which signs (RFC 8017) over OpenSSL.
///
/// A class: Embedded Swift has no `deinit` of a structure that another module uses.
@safe package final class RSAPrivateKey {
    private let key: OpaquePointer

    /// Reads a key in PEM (RFC 7468): PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE
    /// KEY`), neither encrypted.
    ///
    /// `nil` if it is none.
    package init?(pem: Secret) {
        guard let der = PEM.block(in: pem.revealed, named: Self.labels) else { return nil }
        // Why it is no key stays in OpenSSL's queue of this thread otherwise, where libcurl looks.
        defer { ERR_clear_error() }
        guard let key = unsafe Self.pkcs1(der) ?? Self.pkcs8(der) else { return nil }
        unsafe self.key = key
    }

    deinit {
        unsafe RSA_free(key)
    }

    private static let labels = ["PRIVATE KEY", "RSA PRIVATE KEY"]

    /// The signature of a message by RSASSA-PKCS1-v1_5 with SHA-256, which is `RS256` (RFC 7518,
    /// section 3.3); `nil` if the key is too short or not a whole one.
    package func signature(of message: [UInt8]) -> [UInt8]? {
        defer { ERR_clear_error() }
        let digest = SHA256.hash(message)
        let capacity = unsafe Int(max(0, RSA_size(key)))
        var isSigned = false
        let signature = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { space, count in
            var length: UInt32 = 0
            isSigned =
                unsafe RSA_sign(
                    NID_sha256,
                    digest,
                    UInt32(digest.count),
                    space.baseAddress,
                    &length,
                    key
                ) == 1
            count = isSigned ? Int(length) : 0
        }
        return isSigned ? signature : nil
    }

    /// RSAPrivateKey (RFC 8017, appendix A.1.2).
    private static func pkcs1(_ der: [UInt8]) -> OpaquePointer? {
        unsafe der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return unsafe d2i_RSAPrivateKey(nil, &position, bytes.count)
        }
    }

    /// PrivateKeyInfo (RFC 5208, section 5), of which a key of another algorithm holds no such key.
    private static func pkcs8(_ der: [UInt8]) -> OpaquePointer? {
        unsafe der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &position, bytes.count) else {
                return nil
            }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            var inner: UnsafePointer<UInt8>?
            var length: Int32 = 0
            guard unsafe PKCS8_pkey_get0(nil, &inner, &length, nil, info) == 1 else { return nil }
            return unsafe d2i_RSAPrivateKey(nil, &inner, Int(length))
        }
    }
}

/// Text that holds bytes in base64 between two lines that name them (RFC 7468).
private enum PEM {
    /// The bytes of the first block with one of those labels, whatever stands around it.
    static func block(in text: [UInt8], named labels: [String]) -> [UInt8]? {
        var lines = text.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }[...]
        var body: [UInt8]?
        var end: [UInt8] = []
        while let line = lines.popFirst()?.trimmed {
            if let begun = body {
                if line.elementsEqual(end) { return Base64.decode(begun) }
                body = begun + line
            } else if let label = labels.first(where: { line.elementsEqual(Self.line("BEGIN", $0)) }
            ) {
                body = []
                end = Self.line("END", label)
            }
        }
        return nil
    }

    private static func line(_ word: String, _ label: String) -> [UInt8] {
        Array("-----\(word) \(label)-----".utf8)
    }
}
