import Foundation
import Testing

@testable import Codec

@Suite struct Base64Tests {
    /// RFC 4648, section 10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func `a vector of the RFC is encoded and decoded`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(Array(encoded.utf8)) == Array(text.utf8))
    }

    @Test(
        arguments: [
            ([0xFB, 0xFF], "-_8"), ([0xFF], "_w"), ([0xFF, 0xFF, 0xFF], "____"), ([], ""),
        ] as [([UInt8], String)]
    )
    func `the safe alphabet has no padding`(bytes: [UInt8], encoded: String) {
        #expect(Base64.encodeURLSafe(bytes) == encoded)
    }

    @Test func `bytes of every length and value come back, and agree with Foundation`() {
        var generator = SeededGenerator(seed: 1)
        for length in Array(0...260) + [1000, 4095, 4096, 4097] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Base64.encode(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            #expect(Base64.decode(Array(text.utf8)) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zm9", "Zm9vY", "Zm9vYg=", "=", "==", "===", "====", "Z===",
        "Zg=a",
        "=Zg=", "Z=g=", "Zg==Zg==", "Zm8=Zm8=", "Zm9v====", "Zm9v Zg==", " Zg==", "Zg==\n", "Zm\n9",
        "Zm9-", "Zm9_", "Zm9.", "Zm9\u{0}", "Zm9é", "@m9v", "[m9v", "`m9v", "{m9v", "/m9:", "Zh==",
        "Zm9=",
        "Zm8=\u{0}", "Zm9vZh==", "Zm9vZm9=", "\u{7F}m9v",
    ])
    func `anything else is refused`(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test func `a byte that is no digit is refused wherever it stands`() {
        let valid = Array(Base64.encode([UInt8](repeating: 0x5A, count: 96)).utf8)
        let digits = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for index in valid.indices {
            for byte in UInt8.min...UInt8.max where !digits.contains(byte) {
                var text = valid
                text[index] = byte
                if byte == UInt8(ascii: "="), index == valid.count - 1 { continue }
                #expect(Base64.decode(text) == nil)
            }
        }
    }
}
