import Codec
import Platform

/// A BuildConfig's generic webhook, as openshift-apiserver has it.
final class FakeOpenShift {
    static let origin = "https://openshift.test:6443"
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hook-AbCdEf"

    /// The webhook's secret.
    var secret = "S3cr3tHook"
    /// The BuildConfig's ref.
    var ref = "main"
    /// What it answers first, whatever it is asked.
    var answers: [HTTPResponse] = []
    private(set) var requests: [HTTPRequest] = []
    /// The commits that were built, in order.
    private(set) var builds: [String] = []

    static func path(_ secret: String) -> String {
        "/apis/build.openshift.io/v1/namespaces/shop/buildconfigs/web/webhooks/\(secret)/generic"
    }

    var url: String { Self.origin + Self.path(secret) }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        requests.append(request)
        if !answers.isEmpty { return answers.removeFirst() }
        guard request.target == Self.path(secret) else {
            return Self.status(401, "Failure", "the webhook \"generic\" for \"web\" did not accept")
        }
        let git = (try? JSON(parsing: request.body))?["git"]
        let pushed = git?["ref"]?.string ?? ""
        guard pushed == ref || pushed == "refs/heads/\(ref)" else {
            return Self.status(200, "Success", Self.skipping(pushed))
        }
        builds.append(git?["commit"]?.string ?? "")
        return HTTPResponse(status: 200, body: Array(Self.build("web-\(builds.count)").utf8))
    }

    static func skipping(_ ref: String) -> String {
        "skipping build. Branch reference from \"\(ref)\" does not match configuration"
    }

    static func build(_ name: String) -> String {
        #"{"kind":"Build","apiVersion":"build.openshift.io/v1","metadata":{"name":"\#(name)"}}"#
            + "\n"
    }

    static func status(_ code: Int, _ status: String, _ message: String) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.member("kind", "Status")
            json.member("status", status)
            json.member("message", message)
            json.member("reason", code == 401 ? "Unauthorized" : nil)
            json.member("code", code)
        }
        return HTTPResponse(status: code, body: json.bytes)
    }
}
