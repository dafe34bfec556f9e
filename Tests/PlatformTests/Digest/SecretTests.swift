@testable import Platform
import Testing

@Suite struct SecretTests {
    let secret = Secret("wJalrXUtnFEMI")

    @Test func `a secret prints stars in every way of printing`() {
        var dumped = ""
        dump(secret, to: &dumped)
        var holder = ""
        dump(Holder(secret: secret), to: &holder)
        #expect("\(secret)" == "***")
        #expect(secret.description == "***")
        #expect(secret.debugDescription == "***")
        #expect(String(describing: secret) == "***")
        #expect(String(reflecting: secret) == "***")
        #expect(String(describing: Holder(secret: secret)) == "Holder(secret: ***)")
        #expect(dumped == "- ***\n")
        #expect(holder.hasSuffix("Holder\n  - secret: ***\n"))
        #expect(Array(Mirror(reflecting: secret).children).isEmpty)
    }

    @Test func `a secret gives its bytes to who says so`() {
        #expect(secret.revealed == Array("wJalrXUtnFEMI".utf8))
        #expect(Secret([1, 2]).revealed == [1, 2])
    }

    @Test func `secrets are equal when their bytes are`() {
        #expect(secret == Secret("wJalrXUtnFEMI"))
        #expect(secret != Secret("wJalrXUtnFEMJ"))
    }

    @Test(arguments: [
        ("a wJalrXUtnFEMI and wJalrXUtnFEMIwJ", "wJalrXUtnFEMI", "a *** and ***wJ"),
        ("octo/app:1", "t", "octo/app:1"), ("octo/app:1", "to", "octo/app:1"),
        ("octo/app:1", "app", "octo/***:1"), ("octo/app:1", "", "octo/app:1"),
    ])
    func `a secret is hidden in what others say unless it may stand there by chance`(
        text: String,
        secret: String,
        hidden: String
    ) {
        #expect(Secret(secret).hidden(in: text) == hidden)
    }

    private struct Holder {
        var secret: Secret
    }
}

@Suite struct ConstantTimeTests {
    @Test(
        arguments: [
            ([], [], true),
            ([1], [1], true),
            ([1, 2, 3], [1, 2, 3], true),
            ([1, 2, 3], [1, 2, 4], false),
            ([0, 2, 3], [1, 2, 3], false),
            ([1, 2], [1, 2, 3], false),
            ([], [0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func `byte strings are equal when all of their bytes are`(
        one: [UInt8],
        other: [UInt8],
        expected: Bool
    ) {
        #expect(constantTimeEquals(one, other) == expected)
    }
}
