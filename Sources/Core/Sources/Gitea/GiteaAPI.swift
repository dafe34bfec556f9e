internal import Codec
internal import Platform

/// Gitea's and Forgejo's REST API: calls as values, without the token that `TokenAccess` adds
/// (https://docs.gitea.com/api).
struct GiteaAPI {
    /// Where it is: `https://host/api/v1`.
    let url: HTTPSURL

    private func call(
        _ operation: String,
        of resource: String,
        _ method: String,
        in repository: String,
        _ target: String,
        _ body: [UInt8] = [],
        succeedsWith status: Int = 200,
        largestResponse: Int = APICall.usualLargestResponse
    ) -> APICall {
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": Version.userAgent]
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        let path = "/repos/" + PercentEncoding.encode(repository, keepingSlash: true)
        return APICall(
            "gitea:\(operation)",
            of: resource,
            method: method,
            origin: url.origin,
            target: url.path + path + target,
            headers: headers,
            body: body,
            expectedStatuses: [status, 403, 429],
            // A status that is set twice is the same status.
            isRepeatable: true,
            largestResponse: largestResponse
        )
    }

    /// The commits that lead from where two commits part to the second of them, each with its files; all of
    /// them are on one page.
    func comparison(of base: String, with head: String, in repository: String) -> APICall {
        let ends = [base, head].map { PercentEncoding.encode($0) }.joined("...")
        return call(
            "CompareCommits",
            of: repository,
            "GET",
            in: repository,
            "/compare/\(ends)?verification=false",
            largestResponse: APICall.largestListOfFiles
        )
    }

    /// A pull request as it is now.
    func pullRequest(_ number: Int, of repository: String) -> APICall {
        call(
            "GetPull",
            of: "\(repository)#\(number)",
            "GET",
            in: repository,
            "/pulls/\(number)"
        )
    }

    /// A page of a pull request's files, counted from 1.
    ///
    /// A server may make its pages smaller than 50.
    func filesOfPullRequest(_ number: Int, of repository: String, page: Int) -> APICall {
        call(
            "ListPullRequestFiles",
            of: "\(repository)#\(number)",
            "GET",
            in: repository,
            "/pulls/\(number)/files?limit=50&page=\(page)",
            largestResponse: APICall.largestListOfFiles
        )
    }

    /// Sets a commit's status for a context: of each context the newest counts.
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
            in: repository,
            "/statuses/\(PercentEncoding.encode(commit))",
            body,
            succeedsWith: 201
        )
    }
}

/// The files that Gitea's API lists of a change.
package struct GiteaFiles {
    private var builder: PathListBuilder
    /// How many files a pull request's pages have had.
    private var count = 0
    /// How many commits the comparisons have had.
    private var commits = 0
    /// Why not all are known.
    private var incomplete: String?

    /// Begins with what is known already.
    package init(_ known: ChangedPaths) {
        builder = PathListBuilder(known.paths)
    }

    /// Reads a comparison.
    package mutating func readComparison(_ body: [UInt8]) throws(ParsingError) {
        var total: Int?
        var count = 0
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.object { (key, value) throws(JSONError) in
                switch key {
                case "total_commits": total = try value.optionalInt()
                case "commits":
                    try value.elements { (commit) throws(JSONError) in
                        count += 1
                        try readCommit(&commit)
                    }
                default: break
                }
            }
            try reader.end()
        } catch {
            throw .unreadable("comparison", error)
        }
        guard let total else { throw .lacks("comparison", "total_commits") }
        if total != count { incomplete = "Gitea lists \(count) of \(total) commits" }
        commits += count
    }

    private mutating func readCommit(_ commit: inout JSONReader) throws(JSONError) {
        var hasFiles = false
        try commit.object { (key, value) throws(JSONError) in
            guard key == "files", try value.kind() != .null else { return }
            hasFiles = true
            _ = try readFiles(&value)
        }
        if !hasFiles { incomplete = "Gitea lists a commit without its files" }
    }

    /// Reads a page of a pull request's files: how many there are.
    package mutating func readPage(_ body: [UInt8]) throws(ParsingError) -> Int {
        do throws(JSONError) {
            var reader = JSONReader(body)
            let read = try readFiles(&reader)
            try reader.end()
            count += read
            return read
        } catch {
            throw .unreadable("list of files", error)
        }
    }

    private mutating func readFiles(_ reader: inout JSONReader) throws(JSONError) -> Int {
        var count = 0
        try reader.array { (file) throws(JSONError) in
            count += 1
            var status: String?
            var earlierPath: [UInt8]?
            try file.object { (key, value) throws(JSONError) in
                switch key {
                case "filename": try builder.append(&value)
                case "status": status = try value.optionalString()
                case "previous_filename":
                    if try value.kind() != .null { earlierPath = try value.utf8() }
                default: break
                }
            }
            // What a copy was made of has not changed.
            if let earlierPath, !earlierPath.isEmpty, status != "copied" {
                builder.append(earlierPath)
            }
        }
        return count
    }

    /// The paths of a push, when both comparisons are read.
    package consuming func pathsOfPush(_ known: ChangedPaths) -> ChangedPaths {
        // Commits that have nothing in common are compared as if they were the same.
        let reason = commits == 0 ? "Gitea finds nothing between the two commits" : incomplete
        return ChangedPaths(paths: builder.list(), incomplete: reason, commits: known.commits)
    }

    /// The paths of a pull request, when all pages are read.
    ///
    /// - Parameter total: how many files Gitea says there are; `nil` if it does not.
    consuming func pathsOfPullRequest(ofAll total: Int?) -> ChangedPaths {
        let reason =
            total.map { $0 == count ? nil : "Gitea lists \(count) of \($0) files" } ?? nil
        return ChangedPaths(paths: builder.list(), incomplete: reason)
    }

    /// Whether no more of them are taken.
    var areTooMany: Bool { builder.isFull }
}
