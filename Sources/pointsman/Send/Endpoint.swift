import Foundation

/// Where deliveries are sent: the URL of a webhook, in the parts that a request is made of.
struct Endpoint: Equatable {
    /// `https://abc.execute-api.eu-west-1.amazonaws.com`.
    var origin: String
    /// What stands before the route: a stage, a base path; without a slash at its end.
    var base: String

    /// Whether nobody on the way can read what is sent: by TLS, or since it stays on this machine.
    let isPrivate: Bool

    /// Reads a URL, with or without the route at its end.
    init(_ text: String) throws(Failure) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.encodedHost, !host.isEmpty,
            url.user == nil, url.query == nil, url.fragment == nil
        else {
            throw Failure("the URL is not http:// or https://, a host and a path alone")
        }
        isPrivate =
            scheme == "https"
            || ["localhost", "[::1]"].contains(host.lowercased())
            || host.wholeMatch(of: /127\.[0-9]+\.[0-9]+\.[0-9]+/) != nil
        origin = "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
        base = url.percentEncodedPath
        while base.hasSuffix("/") { base.removeLast() }
        for route in ["/github", "/ghorg/push", "/dockerhub"] where base.hasSuffix(route) {
            base.removeLast(route.count)
        }
        guard !base.contains("/dockerhub/") else {
            throw Failure(
                "the URL has the token of Docker Hub's route in it: leave off what is behind "
                    + "/dockerhub, and give the token as the secret"
            )
        }
    }
}
