import Codec
import Platform

/// One Deployment behind a Kubernetes API server, with the semantics that matter: tokens,
/// resource versions, and containers that a strategic merge adds where it knows them not.
final class FakeKubernetes {
    static let origin = "https://kubernetes.test:6443"
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"

    /// The secret's value with a token.
    static func secret(_ token: String, server: String = origin, also members: String = "")
        -> String
    {
        #"{"server":"\#(server)","token":"\#(token)"\#(members)}"#
    }

    /// What the token must be.
    var accepts: (_ token: String) -> Bool = { $0 == "T0ken" }
    var containers = [("proxy", "envoyproxy/envoy:v1.30"), ("app", "octo/app:1")]
    var version = 41
    private(set) var requests: [HTTPRequest] = []
    /// How often the image of a container has changed.
    private(set) var rollouts = 0
    /// Runs before a PATCH is looked at: what somebody else does at that moment.
    var beforePatch: () -> Void = {}

    static let path = "/apis/apps/v1/namespaces/shop/deployments/web"

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        requests.append(request)
        let token = request.headers["Authorization"]?.dropFirst("Bearer ".count) ?? ""
        guard accepts(String(token)) else {
            return Self.status(401, "Unauthorized", "Unauthorized")
        }
        switch (request.method, request.target) {
        case ("GET", Self.path): return HTTPResponse(status: 200, body: deployment)
        case ("PATCH", Self.path + "?fieldManager=pointsman"): return patched(request)
        default:
            return Self.status(404, "NotFound", "deployments.apps \"web\" not found")
        }
    }

    private func patched(_ request: HTTPRequest) -> HTTPResponse {
        beforePatch()
        guard request.headers["Content-Type"] == "application/strategic-merge-patch+json",
            let patch = try? JSON(parsing: request.body)
        else { return Self.status(415, "UnsupportedMediaType", "not a patch") }
        if let state = patch["metadata"]?["resourceVersion"]?.string, state != "\(version)" {
            return Self.status(409, "Conflict", "the object has been modified")
        }
        for container in patch["spec"]?["template"]?["spec"]?["containers"]?.array ?? [] {
            let (name, image) = (container["name"]?.string ?? "", container["image"]?.string ?? "")
            if let index = containers.firstIndex(where: { $0.0 == name }) {
                if containers[index].1 != image { rollouts += 1 }
                containers[index].1 = image
            } else {
                containers.append((name, image))
            }
        }
        version += 1
        return HTTPResponse(status: 200, body: deployment)
    }

    private var deployment: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("kind", "Deployment")
            json.key("metadata")
            json.object { $0.member("resourceVersion", "\(version)") }
            json.key("spec")
            json.object { json in
                json.key("template")
                json.object { json in
                    json.key("spec")
                    json.object { json in
                        json.key("containers")
                        json.array { json in
                            for (name, image) in containers {
                                json.object { json in
                                    json.member("name", name)
                                    json.member("image", image)
                                }
                            }
                        }
                    }
                }
            }
        }
        return json.bytes
    }

    static func status(_ code: Int, _ reason: String, _ message: String) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.member("kind", "Status")
            json.member("status", "Failure")
            json.member("message", message)
            json.member("reason", reason)
            json.member("code", code)
        }
        return HTTPResponse(status: code, body: json.bytes)
    }
}
