import Platform
import Testing

@Suite struct HTTPSURLTests {
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
