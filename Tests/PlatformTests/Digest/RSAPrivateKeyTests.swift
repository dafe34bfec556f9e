import Codec
import Platform
import TestSupport
import Testing

@Suite struct RSAPrivateKeyTests {
    /// What `openssl dgst -sha256 -sign` makes of the message; PKCS#1 v1.5 makes always the same.
    private static let signature =
        "ZK+QfVX5SqwfN2ey1ST4++UEf3CQ/EaCSjpppquFLIR4K1V25yECXnlJu/EyprV6tnd5hZ2C"
        + "anhp5RRoh+9Z6ujPmDWaY+p+W3aUDObMom7oZrqrfug3xYQJ+tfncaSZLTFNvCNMDGlsT+Fe"
        + "DXE5f78PB9AjjaVYU+SlwbE9fO4o4NoN/WO5Uo5cY9Ol7rh1q1HPXoxRMD4zNmJkiDb11UkX"
        + "XvxfCZbEAUqQKP7oFeVCV4vy+YYMnXnmlyo85ibMs0/ix6P5fCR0igmiT/5noP2FnvTAF14N"
        + "YYjP1FGapX0NmjMEsew1ks70oZzMtoumF3mnYHuJ5782rTcTLSfWHw=="

    @Test(arguments: [
        ("PKCS#1", SampleKey.pkcs1),
        ("PKCS#8", SampleKey.pkcs8),
        ("with Windows' line breaks", SampleKey.pkcs1.replacing("\n", with: "\r\n")),
        ("with white space around the lines", SampleKey.pkcs8.replacing("\n", with: " \n\n\t")),
        ("with words before and behind it", "Key:\n\(SampleKey.pkcs1)\nend\n"),
        ("behind its public half", "\(SampleKey.publicHalf)\n\(SampleKey.pkcs8)"),
    ])
    func `a key signs as OpenSSL's command does`(form: String, pem: String) {
        let signature = Self.sign("Mend the points", pem)
        #expect(signature.map(Base64.encode) == Self.signature, "\(form)")
    }

    private static func sign(_ message: String, _ pem: String) -> [UInt8]? {
        guard let key = RSAPrivateKey(pem: Secret(pem)) else { return nil }
        return key.signature(of: Array(message.utf8))
    }

    @Test(arguments: [
        ("nothing", ""),
        ("a text", "ghp_T0ken"),
        ("a public key", SampleKey.publicHalf),
        ("no end", String(SampleKey.pkcs1.dropLast(5))),
        ("another end", SampleKey.pkcs1.replacing("END RSA", with: "END EC")),
        ("an end of its own only", SampleKey.pkcs1.replacing("BEGIN RSA", with: "BEGIN")),
        (
            "a line that is missing",
            SampleKey.pkcs1.split(separator: "\n").enumerated()
                .filter { $0.offset != 7 }.map(\.element).joined(separator: "\n")
        ),
        ("a character that base64 has not", SampleKey.pkcs8.replacing("M", with: "*")),
        ("no bytes", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"),
        ("bytes that are no DER", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        (
            "a key of a curve",
            """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgF3rnflyrwKtOHSjq
            oCuBUKermdi0/kRlNU3gR3Tsan+hRANCAARzrO/xNruQYS73XI7FZGgGpL/ZgDIE
            H+BztpkIAJ+Aa7ptkdbp614+3cVbuzP45mCYU/jEn2tXVtUPzEV03KXa
            -----END PRIVATE KEY-----
            """
        ),
        (
            "one that is encrypted",
            SampleKey.pkcs1.replacing(
                "KEY-----\nM",
                with: "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nM"
            )
        ),
    ])
    func `anything else is no key`(what: String, pem: String) {
        #expect(Self.sign("Mend the points", pem) == nil, "\(what)")
    }

    @Test func `a key that is too short signs nothing`() {
        guard let key = RSAPrivateKey(pem: Secret(SampleKey.tiny)) else {
            Issue.record("it is a key all the same")
            return
        }
        #expect(key.signature(of: [1]) == nil)
    }
}
