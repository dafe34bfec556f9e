internal import Codec
internal import Platform

/// GitLab's REST API: calls as values, without the token that `TokenAccess` adds
/// (https://docs.gitlab.com/api/rest/).
struct GitLabAPI {
    /// Where it is: `https://host/api/v4`.
    let url: HTTPSURL

    private func call(
        _ operation: String,
        of resource: String,
        _ method: String,
        in project: String,
        _ target: String,
        _ body: [UInt8] = [],
        expecting statuses: [Int] = [200],
        largestResponse: Int = APICall.usualLargestResponse
    ) -> APICall {
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": Version.userAgent]
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        return APICall(
            "gitlab:\(operation)",
            of: resource,
            method: method,
            origin: url.origin,
            target: "\(url.path)/projects/\(PercentEncoding.encode(project))\(target)",
            headers: headers,
            body: body,
            expectedStatuses: statuses + [403, 429],
            isRepeatable: true,
            largestResponse: largestResponse
        )
    }

    /// What differs between two commits, whatever their histories are
    /// (https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits).
    func comparison(of before: String, with after: String, in project: String) -> APICall {
        let ends = [before, after].map { PercentEncoding.encode($0) }
        return call(
            "Compare",
            of: project,
            "GET",
            in: project,
            "/repository/compare?from=\(ends[0])&to=\(ends[1])&straight=true",
            largestResponse: APICall.largestListOfFiles
        )
    }

    /// A merge request (https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request).
    func mergeRequest(_ number: Int, of project: String) -> APICall {
        call(
            "GetMergeRequest",
            of: "\(project)!\(number)",
            "GET",
            in: project,
            "/merge_requests/\(number)"
        )
    }

    /// A page of what differs in a merge request, counted from 1.
    ///
    /// Some versions of GitLab fail where
    /// more than 30 to a page are asked for
    /// (https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs).
    func diffsOfMergeRequest(_ number: Int, of project: String, page: Int) -> APICall {
        call(
            "ListMergeRequestDiffs",
            of: "\(project)!\(number)",
            "GET",
            in: project,
            "/merge_requests/\(number)/diffs?per_page=30&page=\(page)",
            largestResponse: APICall.largestListOfFiles
        )
    }

    /// A longer URL is refused (`app/models/generic_commit_status.rb`).
    private static let longestURL = 255

    /// Sets a commit's status for a name
    /// (https://docs.gitlab.com/api/commits/#set-commit-pipeline-status).
    ///
    /// The response is 400 where GitLab does not go from the status before to this one, and 409 while
    /// somebody else is setting it.
    ///
    /// - Parameters:
    ///   - state: `pending`, `running`, `success`, `failed` or `canceled`.
    ///   - ref: the branch or tag that the status is about, too.
    func createStatus(
        of commit: String,
        in project: String,
        state: String,
        ref: String?,
        targetURL: String?,
        description: String,
        context: String
    ) -> APICall {
        var json = JSONWriter()
        json.object { json in
            json.member("state", state)
            json.member("ref", ref)
            json.member("name", context)
            let isTaken = (targetURL?.utf8.count ?? 0) <= Self.longestURL
            json.member("target_url", isTaken ? targetURL : nil)
            json.member("description", description)
        }
        return call(
            "CreateStatus",
            of: "\(project)@\(commit)",
            "POST",
            in: project,
            "/statuses/\(PercentEncoding.encode(commit))",
            json.bytes,
            expecting: [201, 400, 409]
        )
    }

    /// Whether a status stays as it is: `Cannot transition status via :enqueue from :pending`.
    static func isRefusedTransition(_ response: HTTPResponse) -> Bool {
        let message = (try? JSON(parsing: response.body))?["message"]?.string ?? ""
        return message.utf8.starts(with: "Cannot transition status".utf8)
    }
}

/// A merge request as GitLab's API shows it, as far as its files depend on it.
package struct GitLabMergeRequestState {
    /// The head that its differences are of; `nil` while they are being made.
    let head: String?
    /// How many files differ: `12`, or `1000+` where not all are listed.
    let count: String?

    /// Reads one; throws if it is not one.
    package init(_ body: [UInt8]) throws(ParsingError) {
        let json = try mapError(try JSON(parsing: body)) { (error: JSONError) in
            ParsingError.unreadable("merge request", error)
        }
        guard json["iid"]?.int != nil else { throw .lacks("merge request", "iid") }
        head = json["diff_refs"]?["head_sha"]?.string
        count = json["changes_count"]?.string
    }

    /// Whether its differences are those of a change's commit.
    func isOf(_ change: Change) -> Bool { head.map { isSame($0, change.after ?? "") } ?? false }
}

/// The files that GitLab's API lists of a change.
package struct GitLabFiles {
    private var builder: PathListBuilder
    /// How many were listed.
    private(set) var count = 0

    /// A list of that many may leave others out.
    static let most = 1_000

    /// Begins with what is known already.
    package init(_ known: ChangedPaths) {
        builder = PathListBuilder(known.paths)
    }

    /// Reads a comparison: whether GitLab has stopped before its end.
    package mutating func readComparison(_ body: [UInt8]) throws(ParsingError) -> Bool {
        var isCut = false
        var hasFiles = false
        do throws(JSONError) {
            var reader = JSONReader(body)
            try reader.object { (key, value) throws(JSONError) in
                switch key {
                case "compare_timeout": isCut = try value.optionalBool() ?? false
                case "diffs":
                    hasFiles = true
                    try readFiles(&value)
                default: break
                }
            }
            try reader.end()
        } catch {
            throw .unreadable("comparison", error)
        }
        guard hasFiles else { throw .lacks("comparison", "diffs") }
        return isCut
    }

    /// Reads a page of a merge request's files.
    package mutating func readPage(_ body: [UInt8]) throws(ParsingError) {
        do throws(JSONError) {
            var reader = JSONReader(body)
            try readFiles(&reader)
            try reader.end()
        } catch {
            throw .unreadable("list of files", error)
        }
    }

    private mutating func readFiles(_ reader: inout JSONReader) throws(JSONError) {
        try reader.array { (file) throws(JSONError) in
            count += 1
            try file.object { (key, value) throws(JSONError) in
                guard key == "old_path" || key == "new_path", try value.kind() != .null else {
                    return
                }
                try builder.append(&value)
            }
        }
    }

    /// All paths.
    ///
    /// - Parameter incomplete: why they are not all; `nil` if they are.
    package consuming func paths(_ known: ChangedPaths, incomplete: String?) -> ChangedPaths {
        ChangedPaths(paths: builder.list(), incomplete: incomplete, commits: known.commits)
    }

    /// Whether no more of them are taken.
    var areTooMany: Bool { builder.isFull }
}
