import Codec
import Platform
import Testing

/// A test case of RFC 4231 or RFC 2202.
struct HMACCase: CustomTestStringConvertible, Sendable {
    var name: String
    var key: [UInt8]
    var message: [UInt8]
    var code: String

    var testDescription: String { name }

    init(_ name: String, key: [UInt8], _ message: String, _ code: String) {
        self.init(name, key: key, Array(message.utf8), code)
    }

    init(_ name: String, key: [UInt8], _ message: [UInt8], _ code: String) {
        self.name = name
        self.key = key
        self.message = message
        self.code = code
    }
}

private func run(_ byte: UInt8, _ count: Int) -> [UInt8] {
    [UInt8](repeating: byte, count: count)
}

@Suite struct HMACTests {
    @Test(arguments: [
        HMACCase(
            "RFC 4231 case 1",
            key: run(0x0b, 20),
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        HMACCase(
            "RFC 4231 case 2",
            key: Array("Jefe".utf8),
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        HMACCase(
            "RFC 4231 case 3",
            key: run(0xaa, 20),
            run(0xdd, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        HMACCase(
            "RFC 4231 case 4",
            key: Array(1...25),
            run(0xcd, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        HMACCase(
            "RFC 4231 case 6",
            key: run(0xaa, 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        HMACCase(
            "RFC 4231 case 7",
            key: run(0xaa, 131),
            "This is a test using a larger than block-size key and a larger than block-size"
                + " data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
        HMACCase(
            "GitHub's documentation",
            key: Array("It's a Secret to Everybody".utf8),
            "Hello, World!",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        ),
    ])
    func `HMAC-SHA256 is that of the standard`(_ testCase: HMACCase) {
        let code = HMAC.sha256(key: testCase.key, message: testCase.message)
        #expect(Hex.lower(code) == testCase.code)
    }

    @Test(arguments: [
        HMACCase(
            "RFC 2202 case 1",
            key: run(0x0b, 20),
            "Hi There",
            "b617318655057264e28bc0b6fb378c8ef146be00"
        ),
        HMACCase(
            "RFC 2202 case 2",
            key: Array("Jefe".utf8),
            "what do ya want for nothing?",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        HMACCase(
            "RFC 2202 case 3",
            key: run(0xaa, 20),
            run(0xdd, 50),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
        ),
        HMACCase(
            "RFC 2202 case 4",
            key: Array(1...25),
            run(0xcd, 50),
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
        ),
        HMACCase(
            "RFC 2202 case 6",
            key: run(0xaa, 80),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
        HMACCase(
            "RFC 2202 case 7",
            key: run(0xaa, 80),
            "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
        ),
    ])
    func `HMAC-SHA1 is that of the standard`(_ testCase: HMACCase) {
        #expect(Hex.lower(HMAC.sha1(key: testCase.key, message: testCase.message)) == testCase.code)
    }
}
