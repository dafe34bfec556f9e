import Testing

@testable import pointsman

/// Where a delivery is sent.
@Suite struct EndpointTests {
    @Test(arguments: [
        ("https://a.example", "https://a.example", ""),
        ("https://a.example/", "https://a.example", ""),
        ("https://a.example/prod/github", "https://a.example", "/prod"),
        ("https://a.example/prod/ghorg/push/", "https://a.example", "/prod"),
        ("http://127.0.0.1:8080/dockerhub", "http://127.0.0.1:8080", ""),
        ("HTTP://[::1]:8080/x%20y", "http://[::1]:8080", "/x%20y"),
    ])
    func `is a URL with or without the route`(text: String, origin: String, base: String) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint.origin == origin)
        #expect(endpoint.base == base)
    }

    @Test(arguments: [
        ("https://a.example", true), ("HTTPS://a.example:8443", true), ("http://a.example", false),
        ("http://127.0.0.1:8080", true), ("http://127.1.2.3", true), ("http://LOCALHOST", true),
        ("http://[::1]:80", true), ("http://127.0.0.1.a.example", false),
        ("http://localhost.a.example", false), ("http://10.0.0.1", false),
    ])
    func `is private over TLS and on this machine`(text: String, isPrivate: Bool) throws {
        #expect(try Endpoint(text).isPrivate == isPrivate)
    }

    @Test(arguments: ["https://a.example/dockerhub/token", "https://a.example/x/dockerhub/t/"])
    func `has no token in it, which every user would see`(text: String) {
        let words =
            "the URL has the token of Docker Hub's route in it: leave off what is behind /dockerhub, "
            + "and give the token as the secret"
        #expect(throws: Failure(words)) { try Endpoint(text) }
    }

    @Test(arguments: [
        "", "a.example", "ftp://a.example", "https://", "https://me@a.example",
        "https://a.example?x=1", "https://a.example#x",
    ])
    func `is nothing else`(text: String) {
        let words = "the URL is not http:// or https://, a host and a path alone"
        #expect(throws: Failure(words)) { try Endpoint(text) }
    }
}
