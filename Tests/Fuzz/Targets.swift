import Codec
import Core
import Platform

/// What reads input from outside; each says whether it took the input.
enum Targets {
    private static let secret = Secret("fuzz")
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    static func envelope(_ input: [UInt8]) -> Bool {
        parse(input) != nil
    }

    static func json(_ input: [UInt8]) -> Bool {
        guard let value = try? JSON(parsing: input) else { return false }
        guard (try? JSON(parsing: value.encoded())) == value else {
            fatalError("a value is not read as it was written")
        }
        return true
    }

    static func delivery(_ input: [UInt8]) -> Bool {
        ["push", "pull_request", "merge_group", "issue_comment", "ping"].contains { name in
            parse(envelope(of: input, event: name)) != nil
        }
    }

    static func dockerHub(_ input: [UInt8]) -> Bool {
        parse(envelope(of: input, path: "/dockerhub/fuzz")) != nil
    }

    static func gitea(_ input: [UInt8]) -> Bool {
        ["push", "pull_request"].contains { parse(giteaEvent(of: input, $0)) != nil }
    }

    static func gitLab(_ input: [UInt8]) -> Bool {
        ["Push Hook", "Merge Request Hook"].contains { parse(gitLabEvent(of: input, $0)) != nil }
    }

    static func handOver(_ input: [UInt8]) -> Bool {
        guard let handOver = try? EvaluateRequest(input),
            let change = try? handOver.parse(receivedAt: now).changes.first
        else { return false }
        let written = EvaluateRequest.change(change).encoded()
        guard case .change(change)? = try? EvaluateRequest(written) else {
            fatalError("a change is not read as it was written")
        }
        return true
    }

    static func form(_ input: [UInt8]) -> Bool {
        let form = FormFields(input)
        return form.value(named: "payload") != nil || form.all() != nil
    }

    static func glob(_ input: [UInt8]) -> Bool {
        guard let glob = try? Glob(String(decoding: input, as: UTF8.self)) else { return false }
        _ = glob.matches(input)
        _ = glob.matches(Array(repeating: UInt8(ascii: "a"), count: 4_096))
        return true
    }

    static func rule(_ input: [UInt8]) -> Bool {
        let keys = ["p/rules/github/octo/mono/r.json", "p/mono-main-p-00000000.json"]
        let rules = keys.map { Rule(key: $0, prefix: "p", object: input) }
        for change in [change, pullRequest] {
            let decisions = RuleSet(rules).decide(change)
            for decision in decisions { _ = try? Start(decision, of: change) }
        }
        return rules.contains { $0.problems.isEmpty }
    }

    /// Whether any use of a secret is let through: then by its own word.
    static func targetSecret(_ input: [UInt8]) -> Bool {
        guard let server = HTTPSURL("https://api.example.com:6443") else { return false }
        let secret = TargetSecret(Secret(input), arn: "arn")
        let uses: [TargetSecret.Use] = [.url, .serverToken(server), .token]
        return uses.contains { use in
            do throws(TargetSecret.Refusal) {
                return try !secret.value(for: use, of: "octo/mono").revealed.isEmpty
            } catch {
                let message = Array(error.description.utf8)
                if input.count > 24,
                    message.indices.contains(where: { message[$0...].starts(with: input) })
                {
                    fatalError("a refusal holds the secret")
                }
                return false
            }
        }
    }

    static let change: Change = {
        let paths = [
            "services/api/main.go", "a.tf", "src/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "ä/ω",
        ]
        let list = JSON.array(paths.map(JSON.string)).encoded()
        let push = """
            {"ref":"refs/heads/main","before":"\(String(repeating: "a", count: 40))",\
            "after":"\(String(repeating: "b", count: 40))","commits":[{"added":[],"removed":[],\
            "modified":\(String(decoding: list, as: UTF8.self))}],"repository":{"full_name":"octo/mono"}}
            """
        guard let handOver = try? EvaluateRequest(Array(push.utf8)),
            let change = try? handOver.parse(receivedAt: now).changes.first
        else { fatalError("the push of the rule target cannot be described") }
        return change
    }()

    static let pullRequest: Change = {
        let event = """
            {"action":"labeled","number":7,"label":{"name":"ci/api"},"pull_request":{"number":7,\
            "labels":[{"name":"bug"},{"name":"ci/api"}],"head":{"ref":"topic","sha":\
            "\(String(repeating: "b", count: 40))","repo":{"full_name":"octo/mono"}},"base":{"ref":\
            "main","sha":"\(String(repeating: "a", count: 40))","repo":{"full_name":"octo/mono"}},\
            "draft":false,"merged":false},"repository":{"full_name":"octo/mono"}}
            """
        let request = envelope(of: Array(event.utf8), event: "pull_request")
        guard let change = parse(request)?.changes.first else {
            fatalError("the pull request of the files target cannot be described")
        }
        return change
    }()

    /// A delivery as an HTTP API hands it over, signed as GitHub does.
    static func envelope(
        of body: [UInt8],
        path: String = "/github",
        event: String = "push"
    ) -> [UInt8] {
        let code = Hex.lower(HMAC.sha256(key: secret.revealed, message: body))
        let headers = [("x-github-event", event), ("x-hub-signature-256", "sha256=\(code)")]
        return envelope(of: body, path: path, headers)
    }

    /// The same, signed as Gitea does.
    static func giteaEvent(of body: [UInt8], _ event: String = "push") -> [UInt8] {
        let code = Hex.lower(HMAC.sha256(key: secret.revealed, message: body))
        let headers = [("x-gitea-event", event), ("x-gitea-signature", code)]
        return envelope(of: body, path: "/gitea", headers)
    }

    /// The same, with the secret beside it as GitLab sends it.
    static func gitLabEvent(of body: [UInt8], _ event: String = "Push Hook") -> [UInt8] {
        let token = String(decoding: secret.revealed, as: UTF8.self)
        let headers = [("x-gitlab-event", event), ("x-gitlab-token", token)]
        return envelope(of: body, path: "/gitlab", headers)
    }

    private static func envelope(
        of body: [UInt8],
        path: String,
        _ headers: [(String, String)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("version", "2.0")
            json.member("rawPath", path)
            json.key("headers")
            json.object { json in
                json.member("content-type", "application/json")
                for (name, value) in headers { json.member(name, value) }
            }
            json.key("requestContext")
            json.object { json in
                json.key("http")
                json.object { $0.member("method", "POST") }
            }
            // Mutated bytes need not be UTF-8, which a JSON string must be.
            json.member("body", Base64.encode(body))
            json.member("isBase64Encoded", true)
        }
        return json.bytes
    }

    /// The whole way of `webhook` up to the change.
    static func parse(_ event: [UInt8]) -> ParsedDelivery? {
        switch try? Event(event) {
        case .http(let request)?:
            guard let delivery = try? request.route(among: Provider.all(allowingSHA1: true)) else {
                return nil
            }
            return try? delivery.verified(by: [secret], at: now)?
                .parse(receivedAt: now)
        case .direct(let invocation)?:
            return try? invocation.verified().parse(receivedAt: now)
        case nil:
            return nil
        }
    }
}
