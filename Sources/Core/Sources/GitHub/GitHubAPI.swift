internal import Codec
internal import Platform

/// GitHub's REST API: calls as values, without the token that `GitHubAccess` adds, and what their
/// answers say (https://docs.github.com/en/rest).
struct GitHubAPI: Sendable {
    /// Where it is: `https://api.github.com`, or `https://host/api/v3` of an Enterprise Server.
    private let url: HTTPSURL

    /// The API at that URL.
    init(url: HTTPSURL) {
        self.url = url
    }

    private func call(
        _ operation: String,
        of resource: String,
        _ method: String,
        _ target: String,
        _ body: [UInt8] = [],
        succeedsWith status: Int = 200,
        isRepeatable: Bool = true,
        largestResponse: Int = APICall.usualLargestResponse
    ) -> APICall {
        var headers: HTTPHeaders = [
            "Accept": "application/vnd.github+json",
            // Without one GitHub refuses every request.
            "User-Agent": Version.userAgent,
            "X-GitHub-Api-Version": "2022-11-28",
        ]
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        return APICall(
            "github:\(operation)",
            of: resource,
            method: method,
            origin: url.origin,
            target: url.path + target,
            headers: headers,
            body: body,
            // Of a refusal the headers are read. A limit that was hit is not to be hit again at once.
            expectedStatuses: [status, 403, 429],
            isRepeatable: isRepeatable,
            largestResponse: largestResponse
        )
    }

    private static func path(of repository: String) -> String {
        "/repos/" + PercentEncoding.encode(repository, keepingSlash: true)
    }
}

/// What has changed (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files and
/// https://docs.github.com/en/rest/commits/commits#compare-two-commits).
extension GitHubAPI {
    /// A page of a pull request's files, 100 to a page, counted from 1.
    ///
    /// - Parameter repository: `owner/name`.
    func filesOfPullRequest(_ number: Int, of repository: String, page: Int) -> APICall {
        call(
            "ListPullRequestFiles",
            of: "\(repository)#\(number)",
            "GET",
            "\(Self.path(of: repository))/pulls/\(number)/files?per_page=100&page=\(page)",
            largestResponse: APICall.largestListOfFiles
        )
    }

    /// What has changed from the commit where two others parted to the second of those.
    ///
    /// All of its files are on the first page; that has one commit, for the commits are not read.
    ///
    /// - Parameter repository: `owner/name`.
    func comparison(of base: String, with head: String, in repository: String) -> APICall {
        let ends = [base, head].map { PercentEncoding.encode($0) }.joined("...")
        return call(
            "CompareCommits",
            of: repository,
            "GET",
            "\(Self.path(of: repository))/compare/\(ends)?per_page=1&page=1",
            largestResponse: APICall.largestListOfFiles
        )
    }
}

/// What becomes of a comment hangs on these.
extension GitHubAPI {
    /// What a user may do in a repository; of somebody who is unknown there GitHub says 404
    /// (https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user).
    ///
    /// - Parameter repository: `owner/name`.
    func permission(of login: String, in repository: String) -> APICall {
        call(
            "GetPermission",
            of: "\(login) in \(repository)",
            "GET",
            "\(Self.path(of: repository))/collaborators/\(PercentEncoding.encode(login))/permission"
        )
    }

    /// A pull request as it is now
    /// (https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request).
    ///
    /// - Parameter repository: `owner/name`.
    func pullRequest(_ number: Int, of repository: String) -> APICall {
        call(
            "GetPull",
            of: "\(repository)#\(number)",
            "GET",
            "\(Self.path(of: repository))/pulls/\(number)"
        )
    }
}

/// What a commit has come to.
extension GitHubAPI {
    /// Sets a commit's status for a context, which GitHub compares without regard to case
    /// (https://docs.github.com/en/rest/commits/statuses#create-a-commit-status).
    ///
    /// Of one commit and context the newest status counts, of 1,000 at most.
    ///
    /// - Parameters:
    ///   - repository: `owner/name`.
    ///   - targetURL: an `https` URL, of which the status is to be a link.
    ///   - description: at most 140 characters.
    func createStatus(
        of commit: String,
        in repository: String,
        state: CommitState,
        targetURL: String?,
        description: String,
        context: String
    ) -> APICall {
        let body = state.body(targetURL: targetURL, description: description, context: context)
        return call(
            "CreateStatus",
            of: "\(repository)@\(commit)",
            "POST",
            "\(Self.path(of: repository))/statuses/\(PercentEncoding.encode(commit))",
            body,
            succeedsWith: 201
        )
    }
}

/// What a commit has come to, in the words that GitHub has for it.
package enum CommitState: String, Sendable {
    case pending, success, failure, error

    /// What a status is set with, at GitHub and at Gitea.
    func body(targetURL: String?, description: String, context: String) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("state", rawValue)
            json.member("target_url", targetURL)
            json.member("description", description)
            json.member("context", context)
        }
        return json.bytes
    }
}

/// Where a GitHub App is installed, and its tokens
/// (https://docs.github.com/en/rest/apps/apps). These are called with the App's own token.
extension GitHubAPI {
    /// The installation that a purpose needs; the App itself needs none.
    func installation(for purpose: GitHubPurpose) -> APICall {
        call(
            "GetInstallation",
            of: purpose.owner,
            "GET",
            "/\(PercentEncoding.encode(purpose.owner, keepingSlash: true))/installation"
        )
    }

    /// A token of an installation that may do what a purpose needs and no more.
    func installationToken(of installation: Int, for purpose: GitHubPurpose) -> APICall {
        var json = JSONWriter()
        json.object { json in
            if let name = purpose.repository { json.strings("repositories", [name]) }
            json.object("permissions") { json in
                for permission in purpose.permissions {
                    json.member(permission.name, permission.value)
                }
            }
        }
        return call(
            "CreateInstallationAccessToken",
            of: "installation \(installation)",
            "POST",
            "/app/installations/\(installation)/access_tokens",
            json.bytes,
            succeedsWith: 201
        )
    }
}

/// What GitHub has delivered to a webhook
/// (https://docs.github.com/en/rest/repos/webhooks#list-deliveries-for-a-repository-webhook).
extension GitHubAPI {
    /// A page of a webhook's deliveries, 100 to a page, the newest first.
    ///
    /// - Parameter cursor: what the page before names as the next one; `nil` for the first.
    func deliveries(of hook: GitHubHook, cursor: String?) -> APICall {
        let next = cursor.map { "&cursor=" + PercentEncoding.encode($0) } ?? ""
        return call(
            "ListDeliveries",
            of: hook.name,
            "GET",
            "/\(hook.name)/deliveries?per_page=100\(next)"
        )
    }

    /// Has a delivery made once more, with the body that it had.
    ///
    /// It is not repeatable: a second call is a second redelivery.
    func redeliver(_ id: Int, of hook: GitHubHook) -> APICall {
        call(
            "Redeliver",
            of: "\(hook.name)/deliveries/\(id)",
            "POST",
            "/\(hook.name)/deliveries/\(id)/attempts",
            succeedsWith: 202,
            isRepeatable: false
        )
    }
}
