import Codec
import Core
import Platform

/// An event that the user wants explained: from a file, or from standard input.
///
/// It is one of: a recorded request as in `events/`; an event of API Gateway, of a Function URL,
/// of a CodeCommit trigger or of EventBridge; a payload alone of GitHub, Gitea, GitLab or Docker Hub; a
/// hand-over `{"change": …}`. Who sent it is not checked: the file is the
/// user's own.
struct EventFile {
    let name: String
    let parsed: ParsedDelivery

    /// The changes to be decided about; the test of a trigger stands for the next push.
    var changes: [Change]

    init(_ file: InputFile, receivedAt: Timestamp) throws(Failure) {
        try self.init(name: file.name, bytes: file.bytes, receivedAt: receivedAt)
    }

    init(name: String, bytes: [UInt8], receivedAt: Timestamp) throws(Failure) {
        self.name = name
        do {
            parsed = try SavedEvent(bytes).parse(receivedAt: receivedAt)
            changes =
                parsed.changes.isEmpty ? parsed.tests.map(\.likelyChange) : parsed.changes
        } catch let error as JSONError {
            throw Failure("reading \(name): \(error.description(in: bytes))")
        } catch {
            throw Failure("reading \(name): \(error)")
        }
    }
}

/// What an event is, told by the members that it has.
private enum SavedEvent {
    /// A request of a provider: recorded, passed on by AWS, or put together around its payload.
    case request(HTTPEvent)
    /// An invocation by AWS itself.
    case direct(DirectInvocation)
    /// What `webhook` hands over, or a `push` payload alone, as `evaluate` takes them.
    case handOver(EvaluateRequest)

    init(_ bytes: [UInt8]) throws {
        let names = try Self.memberNames(bytes)
        func has(_ all: String...) -> Bool { all.allSatisfy(names.contains) }
        if has("rules", "attempts") {
            throw Failure("it is a decision record, not an event: `pointsman why` shows it")
        } else if has("key"), names.count == 1 {
            throw Failure("it only names an object in S3: read that object and explain it instead")
        } else if let provider = ProviderPayload(bytes, names) {
            self = .request(
                RecordedRequest(path: provider.path, headers: provider.headers, body: bytes).event
            )
        } else if has("change") || has("test") || (has("ref", "repository") && !has("ref_type")) {
            self = .handOver(try EvaluateRequest(bytes))
        } else if has("method", "headers", "body") {
            self = .request(try RecordedRequest(bytes).event)
        } else if Self.isRule(bytes) {
            throw Failure("it is a rule, not an event: `pointsman check` looks at it")
        } else if has("requestContext") || has("Records") || has("detail-type") || has("httpMethod")
        {
            switch try Event(bytes) {
            case .http(let request): self = .request(request)
            case .direct(let invocation): self = .direct(invocation)
            }
        } else {
            let found = names.isEmpty ? "nothing" : names.sorted().prefix(5).joined(separator: ", ")
            throw Failure(
                "it is no event: expected a payload such as that of GitHub's push (ref, repository), "
                    + "a recorded request (method, headers, body), an event of AWS or a change "
                    + "that was handed over; it has \(found)"
            )
        }
    }

    private static func isRule(_ bytes: [UInt8]) -> Bool {
        guard let properties = try? JSON(parsing: bytes) else { return false }
        return RuleDefinition.place(properties) != nil && properties["Target"] != nil
            || MonoRepoRule.key(properties, keys: BucketKeys(prefix: "")) != nil
    }

    func parse(receivedAt: Timestamp) throws -> ParsedDelivery {
        switch self {
        case .request(let request):
            return try Self.delivery(request).vouchedFor().parse(receivedAt: receivedAt)
        case .direct(let invocation):
            return try invocation.verified().parse(receivedAt: receivedAt)
        case .handOver(let handOver):
            return try handOver.parse(receivedAt: receivedAt)
        }
    }

    private static func delivery(_ request: HTTPEvent) throws(Failure) -> Delivery {
        do throws(WebhookResponse) {
            return try request.route(among: Provider.all(allowingSHA1: true))
        } catch {
            throw Failure("the webhook answers \(error.status), \(error.reason)")
        }
    }

    private static func memberNames(_ bytes: [UInt8]) throws(JSONError) -> Set<String> {
        var names: Set<String> = []
        var reader = JSONReader(bytes)
        try reader.object { (key, value) throws(JSONError) in
            names.insert(key.string)
            try value.skip()
        }
        try reader.end()
        return names
    }
}

/// Where a provider's payload that stands alone would be posted to, and with which headers.
///
/// It is told by the members that no other has. GitHub's `push` is none: `evaluate` takes it as it is.
struct ProviderPayload {
    let path: String
    let headers: HTTPHeaders

    /// - Parameter names: the payload's members.
    init?(_ payload: [UInt8], _ names: Set<String>) {
        func has(_ all: String...) -> Bool { all.allSatisfy(names.contains) }
        if has("object_kind") {
            guard let kind = (try? JSON(parsing: payload))?["object_kind"]?.string else {
                return nil
            }
            path = "/gitlab"
            headers = ["X-Gitlab-Event": Self.gitLabEvent(ofKind: kind)]
        } else if has("pull_request", "action") {
            let isGitea = has("commit_id")
            path = isGitea ? "/gitea" : "/github"
            headers = [isGitea ? "X-Gitea-Event" : "X-GitHub-Event": "pull_request"]
        } else if has("merge_group", "action") {
            path = "/github"
            headers = ["X-GitHub-Event": "merge_group"]
        } else if has("issue", "comment", "action") {
            path = "/github"
            headers = ["X-GitHub-Event": "issue_comment"]
        } else if has("ref", "total_commits") {
            path = "/gitea"
            headers = ["X-Gitea-Event": "push"]
        } else if has("push_data") {
            path = "/dockerhub/token"
            headers = HTTPHeaders()
        } else {
            return nil
        }
    }

    /// `Merge Request Hook` of `merge_request`.
    private static func gitLabEvent(ofKind kind: String) -> String {
        kind.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: " ") + " Hook"
    }
}

/// A request as `events/` keeps it: `{"method", "path", "headers", "body"}`.
struct RecordedRequest: Equatable {
    var method = "POST"
    /// What comes after the endpoint's URL.
    var path = "/github"
    var headers: HTTPHeaders
    /// The raw body: what the signature covers.
    var body: [UInt8] = []

    /// A provider's request around a payload.
    init(path: String = "/github", headers: HTTPHeaders = HTTPHeaders(), body: [UInt8]) {
        self.path = path
        self.headers = headers
        self.headers.append("Content-Type", "application/json")
        self.body = body
    }

    init(_ bytes: [UInt8]) throws(JSONError) {
        headers = HTTPHeaders()
        var reader = JSONReader(bytes)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "method": method = try value.string()
            case "path": path = try value.string()
            case "headers":
                try value.object { (key, value) throws(JSONError) in
                    headers.append(key.string, try value.string())
                }
            case "body": body = try value.utf8()
            default: break
            }
        }
        try reader.end()
    }

    /// The request as the webhook function is given it.
    var event: HTTPEvent { HTTPEvent(method: method, path: path, headers: headers, body: body) }
}

extension Path {
    var text: String { String(decoding: utf8, as: UTF8.self) }
}
