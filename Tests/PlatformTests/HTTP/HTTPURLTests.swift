import Platform
import Testing

@Suite struct HTTPURLTests {
    @Test(arguments: [
        ("https://api.test", "https://api.test", ""),
        ("HTTPS://api.test:6443/", "https://api.test:6443", ""),
        ("https://127.0.0.1:6443/a/b%20c//", "https://127.0.0.1:6443", "/a/b%20c"),
        ("https://[::1]/a", "https://[::1]", "/a"),
    ])
    func `is an origin and a path`(text: String, origin: String, path: String) throws {
        let url = try #require(HTTPSURL(text))
        #expect(url.origin == origin)
        #expect(url.path == path)
    }

    @Test(arguments: [
        ("https://api.test", "https://api.test:443", true),
        ("https://api.test:0443/a", "HTTPS://API.test/b", true),
        ("https://api.test:6443", "https://API.TEST:6443", true),
        ("https://[::1]", "https://[::1]:443", true),
        ("https://[::A]:6443", "https://[::a]:6443", true),
        ("https://api.test", "https://api.test:6443", false),
        ("https://api.test", "https://api.test.evil.test", false),
        ("https://api.test", "https://evil.test/api.test", false),
        ("https://[::1]", "https://[::1]:1", false),
    ])
    func `has the same origin as another with its host and port`(
        one: String,
        other: String,
        isSame: Bool
    ) throws {
        let (one, other) = (try #require(HTTPSURL(one)), try #require(HTTPSURL(other)))
        #expect(one.hasSameOrigin(as: other) == isSame)
        #expect(other.hasSameOrigin(as: one) == isSame)
    }

    @Test(arguments: [
        "", "https://", "https:///a", "http://api.test", "api.test", "https://api.test?a",
        "https://api.test/#a", "https://user@api.test", "https://api.test/a b",
        "https://api.test/é",
        "https://api.test:0", "https://api.test:65536", "https://api.test\\@evil.test",
        "https://api.test/a\nb",
    ])
    func `is no other text`(text: String) {
        #expect(HTTPSURL(text) == nil)
    }
}
