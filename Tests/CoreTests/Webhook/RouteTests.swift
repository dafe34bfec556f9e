import Codec
import Platform
import Testing

@testable import Core

@Suite struct RouteTests {
    private func line(
        _ path: String,
        method: String = "POST",
        contentType: String? = "application/json",
        dockerHub: Bool = true,
        others: [(String, String)] = []
    ) -> String {
        let headers = (contentType.map { [("Content-Type", $0)] } ?? []) + others
        let event = functionURLEvent(method: method, path: path, headers: headers, body: [])
        guard case .http(let request) = try? Event(event) else { return "no HTTP event" }
        do throws(WebhookResponse) {
            let delivery = try request.route(among: dockerHub ? [gitHub, .dockerHub] : [gitHub])
            return delivery.token.map { String(decoding: $0.revealed, as: UTF8.self) } ?? "github"
        } catch {
            return "\(error.status) \(error.outcome): \(error.reason)"
        }
    }

    @Test(arguments: [
        ("/github", "github"),
        ("/ghorg/push", "github"),
        ("/prod/github", "github"),
        ("/a/b/ghorg/push", "github"),
        ("/github/", "github"),
        ("/prod//ghorg//push//", "github"),
        ("github", "github"),
        ("/dockerhub/token", "token"),
        ("/prod/dockerhub/t-1/", "t-1"),
        ("/dockerhub/a%2Fb%3D", "a/b="),
        ("/dockerhub/a+b", "a+b"),
        ("/dockerhub/github", "github"),
        ("", "404 rejected: no such route"),
        ("/", "404 rejected: no such route"),
        ("/push", "404 rejected: no such route"),
        ("/ghorg", "404 rejected: no such route"),
        ("/ghorg/push/x", "404 rejected: no such route"),
        ("/github/x", "404 rejected: no such route"),
        ("/GitHub", "404 rejected: no such route"),
        ("/xgithub", "404 rejected: no such route"),
        ("/dockerhub", "404 rejected: no such route"),
        ("/dockerhub/", "404 rejected: no such route"),
        ("/dockerhub/%zz", "404 rejected: no such route"),
        ("/dockerhub/token/x", "404 rejected: no such route"),
    ])
    func `the last segments of the path decide`(path: String, expected: String) {
        #expect(line(path) == expected)
    }

    @Test func `without a token there is no Docker Hub route`() {
        #expect(line("/dockerhub/token", dockerHub: false) == "404 rejected: no such route")
    }

    @Test(arguments: [
        ("GET", "/github", "405 rejected: expected POST, found 'GET'"),
        ("PUT", "/ghorg/push", "405 rejected: expected POST, found 'PUT'"),
        ("post", "/github", "405 rejected: expected POST, found 'post'"),
        ("HEAD", "/dockerhub/token", "405 rejected: expected POST, found 'HEAD'"),
        ("GET", "/", "404 rejected: no such route"),
    ])
    func `a route that is known takes POST alone`(method: String, path: String, expected: String) {
        #expect(line(path, method: method) == expected)
    }

    @Test(arguments: [
        ("application/json", "github"),
        ("application/json; charset=utf-8", "github"),
        ("Application/JSON;charset=utf-8", "github"),
        ("application/x-www-form-urlencoded", "github"),
        (" application/x-www-form-urlencoded ; a=b", "github"),
        (nil, "415 rejected: no content type"),
        (
            "",
            "415 rejected: the content type '' is not application/json or application/x-www-form-urlencoded"
        ),
        (
            "text/plain",
            "415 rejected: the content type 'text/plain' is not application/json or application/x-www-form-urlencoded"
        ),
        (
            "application/jsonp",
            "415 rejected: the content type 'application/jsonp' is not application/json or application/x-www-form-urlencoded"
        ),
    ])
    func `JSON and forms are taken, whatever the parameters`(type: String?, expected: String) {
        #expect(line("/github", contentType: type) == expected)
    }

    static let gitea = "400 malformed: the request is Gitea's, whose route is POST …/gitea"
    static let forgejo = "400 malformed: the request is Forgejo's, whose route is POST …/gitea"
    static let gogs = "400 malformed: the request is that of Gogs, which is not supported"

    /// What each of them sends besides X-GitHub-Event and X-GitHub-Delivery.
    @Test(arguments: [
        (["X-Gitea-Event", "X-Gogs-Event"], gitea),
        (["x-gitea-signature"], gitea),
        (["X-GITEA-DELIVERY"], gitea),
        (["X-Gogs-Event", "X-Gitea-Event", "X-Forgejo-Event"], forgejo),
        (["x-forgejo-delivery"], forgejo),
        (["X-Gogs-Event", "X-Gogs-Signature"], gogs),
        (["X-Gitea"], "github"),
        (["X-Giteas-Event"], "github"),
        (["Gitea-X-Gitea-Event"], "github"),
        (["X-GitHub-Event"], "github"),
    ])
    func `who sends GitHub's headers and is not GitHub is told the route`(
        names: [String],
        expected: String
    ) {
        let others = names.map { ($0, "push") }
        #expect(line("/github", others: others) == expected)
        #expect(line("/ghorg/push", others: others) == expected)
        #expect(line("/dockerhub/token", others: others) == "token")
    }

    @Test func `a header of many values tells it too`() throws {
        let event =
            Array(
                #"{"httpMethod":"POST","path":"/github","headers":{"content-type":"application/json"},"#
                    .utf8
            )
            + Array(
                #""multiValueHeaders":{"content-type":["application/json"],"X-Gitea-Event":["push"]},"#
                    .utf8
            ) + Array(#""body":"{}"}"#.utf8)
        #expect(WebhookResult(of: event).line == Self.gitea)
    }

    @Test func `a body that is not the base64 it is said to be is malformed`() {
        let json =
            #"{"httpMethod":"POST","path":"/github","headers":{"content-type":"application/json","#
            + #""X-GitHub-Delivery":"a-1"},"body":"?","isBase64Encoded":true}"#
        let reason = "the body is not the base64 that the event says it is"
        #expect(
            WebhookResult(of: Array(json.utf8)) == .refused(.malformed(reason, delivery: "a-1"))
        )
    }
}
