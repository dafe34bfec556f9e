internal import Codec
internal import Platform

/// GitHub's REST API: calls as values, and what their answers say beside the files
/// (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files and
/// https://docs.github.com/en/rest/commits/commits#compare-two-commits).
struct GitHubAPI: Sendable {
    /// Where it is: `https://api.github.com`, or `https://host/api/v3` of an Enterprise Server.
    private let url: HTTPSURL
    /// What it is called with.
    private let token: Secret

    /// The most pages that a pull request's files have: 30 of 100 files.
    private static let mostPages = 30

    /// The API at that URL, called with a token that may read the repository's contents and pull
    /// requests.
    init(url: HTTPSURL, token: Secret) {
        self.url = url
        self.token = token
    }

    /// A page of a pull request's files, 100 to a page, counted from 1.
    ///
    /// - Parameter repository: `owner/name`.
    func filesOfPullRequest(_ number: Int, of repository: String, page: Int) -> APICall {
        get(
            "ListPullRequestFiles",
            of: "\(repository)#\(number)",
            "\(Self.path(of: repository))/pulls/\(number)/files?per_page=100&page=\(page)"
        )
    }

    /// What has changed from the commit where two others parted to the second of those.
    ///
    /// All of its files are on the first page; that has one commit, for the commits are not read.
    ///
    /// - Parameter repository: `owner/name`.
    func comparison(of base: String, with head: String, in repository: String) -> APICall {
        let ends = [base, head].map { PercentEncoding.encode($0) }.joined(separator: "...")
        return get(
            "CompareCommits",
            of: repository,
            "\(Self.path(of: repository))/compare/\(ends)?per_page=1&page=1"
        )
    }

    private func get(_ operation: String, of resource: String, _ target: String) -> APICall {
        APICall(
            "github:\(operation)",
            of: resource,
            method: "GET",
            origin: url.origin,
            target: url.path + target,
            headers: [
                "Accept": "application/vnd.github+json",
                // Without one GitHub refuses every request.
                "User-Agent": Version.userAgent,
                "X-GitHub-Api-Version": "2022-11-28",
            ],
            bearerToken: token,
            // Of these the headers are read. A limit that was hit is not to be hit again at once.
            expectedStatuses: [200, 403, 429],
            isRepeatable: true,
            largestResponse: APICall.largestListOfFiles
        )
    }

    private static func path(of repository: String) -> String {
        "/repos/" + PercentEncoding.encode(repository, keepingSlash: true)
    }

    /// The last page that is known of by an answer, by its `Link` header; no URL of that is used
    /// (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
    static func lastPage(by response: HTTPResponse, whichIsOf page: Int) -> Int {
        let header = response.headers["Link"] ?? ""
        var last = page
        for link in header.utf8.split(separator: UInt8(ascii: ",")) {
            let parts = link.split(separator: UInt8(ascii: ";"))
            guard let target = parts.first else { continue }
            let relations = parts.dropFirst().map { String(decoding: $0, as: UTF8.self) }
            if relations.contains(where: { $0.utf8.elementsEqual(" rel=\"next\"".utf8) }) {
                last = max(last, page + 1)
            } else if relations.contains(where: { $0.utf8.elementsEqual(" rel=\"last\"".utf8) }) {
                last = max(last, number(ofPageAt: target) ?? page)
            }
        }
        return min(last, mostPages)
    }

    /// The number in `<https://…?per_page=100&page=3>`.
    private static func number(ofPageAt target: Substring.UTF8View) -> Int? {
        guard let query = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let fields = target[query...].dropFirst().prefix { $0 != UInt8(ascii: ">") }
        for field in fields.split(separator: UInt8(ascii: "&"))
        where field.starts(with: "page=".utf8) {
            return Int(String(decoding: field.dropFirst(5), as: UTF8.self))
        }
        return nil
    }

    /// The response, or the error that its status says, with what it tells of a limit that was hit
    /// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
    static func successful(
        _ response: HTTPResponse,
        to call: APICall
    ) throws(CallError) -> HTTPResponse {
        guard response.status != 200 else { return response }
        var error = CallError(call, response)
        error.isRetryable = false
        if response.headers["x-ratelimit-remaining"] == "0" {
            error.code = "RateLimited"
            error.message = "the token's requests are used up"
            if let reset = response.headers["x-ratelimit-reset"].flatMap({ Int($0) }),
                (0...4_102_444_800).contains(reset)
            {
                error.message += " until \(Timestamp(milliseconds: reset * 1_000).iso8601)"
            }
        } else if let seconds = response.headers["retry-after"].flatMap({ Int($0) }) {
            error.code = "RateLimited"
            error.message = "the token's requests are too many, for \(seconds) s"
        }
        throw error
    }
}

/// The files that GitHub's API lists of a change whose event does not list them all.
///
/// <https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files> and
/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits> give the limits.
package struct GitHubFiles {
    /// A list that can be asked for.
    enum Listing: Equatable, Sendable {
        /// The files of a pull request as it is now.
        case pullRequest(number: Int)
        /// The files that differ between a commit and the one at which its history and another
        /// commit's part.
        case comparison(base: String, head: String)

        /// A list of this many files may leave others out.
        fileprivate var most: Int {
            switch self {
            case .pullRequest: 3_000
            case .comparison: 300
            }
        }

        fileprivate var name: String {
            switch self {
            case .pullRequest: "a pull request"
            case .comparison: "a comparison"
            }
        }
    }

    /// What is to be asked for; nothing where the paths are known, or GitHub cannot know them.
    let listings: [Listing]
    private let known: ChangedPaths
    private var builder = PathListBuilder()
    /// How many files each of the listings has.
    private var counts: [Int]
    /// A file without a name was read.
    private var hasNameless = false

    /// The files of a change; none has been read yet.
    package init(of change: Change) {
        known = change.paths
        listings = change.paths.incomplete == nil ? [] : Self.listings(for: change)
        counts = listings.map { _ in 0 }
        for index in known.paths.indices { builder.append(Array(known.paths.utf8(at: index))) }
    }

    private static func listings(for change: Change) -> [Listing] {
        guard change.source == .github else { return [] }
        switch change.kind {
        case .pullRequest:
            return change.pullRequest.map { [.pullRequest(number: $0.number)] } ?? []
        case .push:
            // A branch that was created has nothing to be compared with.
            guard let before = change.before, let after = change.after else { return [] }
            let forth = Listing.comparison(base: before, head: after)
            // What a forced push took away is what the commit before has beyond the one after.
            return change.forced ? [forth, .comparison(base: after, head: before)] : [forth]
        case .tag, .image:
            return []
        }
    }

    /// Reads a page of the listing at that index.
    package mutating func read(
        _ page: [UInt8],
        ofListingAt index: Int
    ) throws(ParsingError) {
        var count: Int?
        do throws(JSONError) {
            var reader = JSONReader(page)
            switch listings[index] {
            case .pullRequest:
                count = try readFiles(&reader)
            case .comparison:
                try reader.object { (key, value) throws(JSONError) in
                    guard key == "files" else { return }
                    count = try readFiles(&value)
                }
            }
            try reader.end()
        } catch {
            throw .unreadable("list of files", error)
        }
        guard let count else { throw .lacks("list of files", "files") }
        guard !hasNameless else { throw .lacks("list of files", "filename") }
        counts[index] += count
    }

    /// The paths of the event and those that were read.
    package consuming func paths() -> ChangedPaths {
        var incomplete: String?
        for (listing, count) in zip(listings, counts) where count >= listing.most {
            incomplete = "GitHub lists no more than \(listing.most) files of \(listing.name)"
        }
        return ChangedPaths(paths: builder.list(), incomplete: incomplete, commits: known.commits)
    }

    /// The paths of the event, where the others could not be had for that reason.
    consuming func paths(without reason: String) -> ChangedPaths {
        var paths = known
        paths.incomplete =
            "\(known.incomplete ?? "not all are known"), and GitHub could not be asked for them: "
            + reason.cut(to: Self.mostOfReason)
        return paths
    }

    /// How many characters of a reason are kept: some are another server's words.
    private static let mostOfReason = 300

    /// Reads an array of files; how many there are.
    private mutating func readFiles(_ reader: inout JSONReader) throws(JSONError) -> Int {
        var count = 0
        try reader.array { (file) throws(JSONError) in
            var path: [UInt8]?
            var earlierPath: [UInt8]?
            var status: String?
            try file.object { (key, value) throws(JSONError) in
                switch key {
                case "filename": path = try value.utf8()
                case "previous_filename": earlierPath = try value.utf8()
                case "status": status = try value.optionalString()
                default: break
                }
            }
            count += 1
            if let path { builder.append(path) } else { hasNameless = true }
            // What a copy was made of has not changed.
            if let earlierPath, status == "renamed" { builder.append(earlierPath) }
        }
        return count
    }
}
