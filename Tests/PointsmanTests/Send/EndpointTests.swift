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
        "", "a.example", "ftp://a.example", "https://", "https://me@a.example",
        "https://a.example?x=1", "https://a.example#x",
    ])
    func `is nothing else`(text: String) {
        let words = "the URL is not http:// or https://, a host and a path alone"
        #expect(throws: Failure(words)) { try Endpoint(text) }
    }
}
