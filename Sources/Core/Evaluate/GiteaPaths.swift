internal import AWS
internal import Codec
internal import Platform

/// Asks Gitea's API for the changed paths of a change.
struct GiteaPaths {
    let access: TokenAccess

    private var api: GiteaAPI { GiteaAPI(url: access.url) }

    /// Pages that are read of a pull request's files: a server may make them as small as it likes.
    static let mostPages = 200

    /// The change's paths with those that the API lists; `nil` where there is nothing to ask for.
    func paths(of change: Change, deadline: Deadline) throws(APIProblem) -> ChangedPaths? {
        switch change.kind {
        case .push:
            // A branch that was created has nothing to be compared with.
            guard let before = change.before, let after = change.after, !isSame(before, after)
            else { return nil }
            return try push(change, before, after, deadline: deadline)
        case .pullRequest:
            guard let number = change.pullRequest?.number else { return nil }
            let paths = try pullRequest(number, change, deadline: deadline)
            let call = api.pullRequest(number, of: change.repository)
            try ProviderPaths.requireHead(
                of: change,
                in: access.calls.send([call], deadline: deadline)[0]
            )
            return paths
        case .tag, .mergeGroup, .image: return nil
        }
    }

    /// Both directions are asked for: what a forced push took away is what the commit before has beyond the
    /// one after.
    private func push(
        _ change: Change,
        _ before: String,
        _ after: String,
        deadline: Deadline
    ) throws(APIProblem) -> ChangedPaths {
        var files = GiteaFiles(change.paths)
        let calls = [
            api.comparison(of: before, with: after, in: change.repository),
            api.comparison(of: after, with: before, in: change.repository),
        ]
        for answer in access.calls.send(calls, deadline: deadline) {
            let body = try answer.get().body
            try mapError(try files.readComparison(body)) { APIProblem($0) }
            guard !files.areTooMany else { throw .tooManyPaths(of: "Gitea") }
        }
        return files.pathsOfPush(change.paths)
    }

    private func pullRequest(
        _ number: Int,
        _ change: Change,
        deadline: Deadline
    ) throws(APIProblem) -> ChangedPaths {
        var files = GiteaFiles(change.paths)
        var total: Int?
        for page in 1...Self.mostPages {
            let call = api.filesOfPullRequest(number, of: change.repository, page: page)
            let response = try access.calls.send(call, deadline: deadline)
            let count = try mapError(try files.readPage(response.body)) { APIProblem($0) }
            total = response.headers["x-total-count"].flatMap { Int($0) } ?? total
            let hasMore =
                response.headers["x-hasmore"].map { equalsIgnoringASCIICase($0, "true") }
                ?? (count > 0)
            guard hasMore, count > 0 else { return files.pathsOfPullRequest(ofAll: total) }
            guard !files.areTooMany else { throw .tooManyPaths(of: "Gitea") }
        }
        throw APIProblem(.failed, "Gitea lists more than \(Self.mostPages) pages of files")
    }
}
