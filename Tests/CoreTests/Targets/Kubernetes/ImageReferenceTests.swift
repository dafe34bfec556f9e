import Testing

@testable import Core

@Suite struct `An image's name` {
    static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("nginx", "docker.io/library/nginx", nil as String?),
        ("nginx:1.27", "docker.io/library/nginx", "1.27"),
        ("library/nginx:1", "docker.io/library/nginx", "1"),
        ("octo/app:V1_2-x.y", "docker.io/octo/app", "V1_2-x.y"),
        ("docker.io/nginx:1", "docker.io/library/nginx", "1"),
        ("index.docker.io/octo/app:1", "docker.io/octo/app", "1"),
        ("docker.io/octo/app:1", "docker.io/octo/app", "1"),
        ("localhost/app:1", "localhost/app", "1"),
        ("localhost:5000/app", "localhost:5000/app", nil),
        ("registry.test:443/a/b/c:1", "registry.test:443/a/b/c", "1"),
        ("[::1]:5000/app:1", "[::1]:5000/app", "1"),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app", "1"
        ),
        ("octo/my--app_x__y.z:1", "docker.io/octo/my--app_x__y.z", "1"),
    ])
    func `is read as Docker reads it`(text: String, repository: String, tag: String?) throws {
        let image = try #require(ImageReference(text))
        #expect(image.text == text)
        #expect(image.repository == repository)
        #expect(image.tag == tag)
        #expect(image.digest == nil)
        #expect(ImageReference("\(text)@\(Self.digest)")?.digest == Self.digest)
    }

    @Test(arguments: [
        "", ":1", "/app:1", "octo/:1", "octo//app:1", "octo/App:1", "octo/-app:1", "octo/app-:1",
        "octo/a___b:1", "octo/a._b:1", "octo/app:", "octo/app:-1", "octo/app:1 ", "octo/app:é",
        "octo/app@", "octo/app@sha256:0a", "octo/app@sha256",
        "octo/app@sha256:\(String(repeating: "z", count: 64))",
        "octo/app:\(String(repeating: "1", count: 129))", String(repeating: "a", count: 256),
    ])
    func `is no other text`(text: String) {
        #expect(ImageReference(text) == nil)
    }

    @Test(arguments: [
        ("nginx:1", "docker.io/library/nginx:1", true),
        ("nginx", "nginx:latest", true),
        ("nginx:1", "nginx:2", false),
        ("nginx:1", "octo/nginx:1", false),
        ("nginx:1@\(digest)", "nginx:1", false),
        ("nginx@\(digest)", "library/nginx@\(digest)", true),
        ("nginx@\(digest)", "nginx:latest@\(digest)", false),
    ])
    func `may be another's in other words`(one: String, other: String, isSame: Bool) throws {
        let one = try #require(ImageReference(one))
        let other = try #require(ImageReference(other))
        #expect(one.isSame(as: other) == isSame)
        #expect(other.isSame(as: one) == isSame)
    }
}
