import Codec
import Platform
import Testing

@testable import Core

@Suite struct DeliveryTests {
    private static let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test(arguments: [
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("A", "A"),
        (String(repeating: "a", count: 64), String(repeating: "a", count: 64)),
        (String(repeating: "a", count: 65), hash),
        ("", hash),
        ("a/b", hash),
        ("..", hash),
        ("a b", hash),
        ("é", hash),
        ("a\n", hash),
        ("a_b", hash),
        (nil, hash),
    ])
    func `the id is GitHub's where that is a plain token, else the body's hash`(
        header: String?,
        expected: String
    ) {
        let headers: HTTPHeaders = header.map { ["X-GITHUB-DELIVERY": $0] } ?? [:]
        let delivery = Delivery(
            provider: gitHub,
            headers: headers,
            format: .json,
            body: Array("abc".utf8)
        )
        #expect(delivery.id == expected)
    }

    @Test func `Docker Hub has no ids, so the body's hash is the id whatever a header says`() {
        let delivery = Delivery(
            provider: .dockerHub,
            token: Secret("t"),
            headers: ["X-GitHub-Delivery": "A"],
            format: .json,
            body: Array("abc".utf8)
        )
        #expect(delivery.id == Self.hash)
        #expect(delivery.verified(by: [Secret("t")], at: moment)?.id == Self.hash)
    }
}
