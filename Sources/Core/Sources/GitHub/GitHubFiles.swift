internal import Codec

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
    private var builder: PathListBuilder
    /// How many files each of the listings has.
    private var counts: [Int]
    /// A file without a name was read.
    private var hasNameless = false

    /// The files of a change; none has been read yet.
    package init(of change: Change) {
        known = change.paths
        listings = change.paths.incomplete == nil ? [] : Self.listings(for: change)
        counts = listings.map { _ in 0 }
        builder = PathListBuilder(known.paths)
    }

    private static func listings(for change: Change) -> [Listing] {
        guard change.source == .github else { return [] }
        switch change.kind {
        case .pullRequest:
            return change.pullRequest.map { [.pullRequest(number: $0.number)] } ?? []
        case .push, .mergeGroup:
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
