internal import AWS
internal import Platform

/// Asks GitHub's API for the changed paths of a change.
struct GitHubPaths {
    let access: GitHubAccess

    /// Reads `GITHUB_TOKEN_ARN` and `GITHUB_API_URL`; `nil` without the first.
    init?(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        let access = GitHubAccess(
            environment,
            services: services,
            attemptLimit: ProviderPaths.attemptLimit,
            noting: &problems
        )
        guard let access else { return nil }
        self.access = access
    }

    /// The change's paths with those that its event does not list; `nil` where there is nothing to
    /// ask for.
    func paths(of change: Change, deadline: Deadline) throws(APIProblem) -> ChangedPaths? {
        let files = GitHubFiles(of: change)
        guard !files.listings.isEmpty else { return nil }
        let paths = try read(files, change.repository, deadline: deadline).paths()
        if case .pullRequest(let number) = files.listings.first {
            let answer = access.send(
                [access.api.pullRequest(number, of: change.repository)],
                for: .paths(repository: change.repository),
                deadline: deadline
            )
            try ProviderPaths.requireHead(of: change, in: answer[0])
        }
        return paths
    }

    /// Reads all pages of all listings, in parallel as far as they are known of.
    private func read(
        _ files: GitHubFiles,
        _ repository: String,
        deadline: Deadline
    ) throws(APIProblem) -> GitHubFiles {
        var files = files
        var open = files.listings.indices.map { (listing: $0, page: 1) }
        while !open.isEmpty {
            let calls = open.map { entry in
                switch files.listings[entry.listing] {
                case .pullRequest(let number):
                    access.api.filesOfPullRequest(number, of: repository, page: entry.page)
                case .comparison(let base, let head):
                    access.api.comparison(of: base, with: head, in: repository)
                }
            }
            let answers = access.send(
                calls,
                for: .paths(repository: repository),
                deadline: deadline
            )
            var next: [(listing: Int, page: Int)] = []
            for (position, entry) in open.enumerated() {
                let response = try answers[position].get()
                do throws(ParsingError) {
                    try files.read(response.body, ofListingAt: entry.listing)
                } catch {
                    throw APIProblem(error)
                }
                // The last page that was asked for tells whether there are more.
                let isLast =
                    position == open.count - 1 || open[position + 1].listing != entry.listing
                guard isLast, case .pullRequest = files.listings[entry.listing] else { continue }
                let last = GitHubAPI.lastPage(by: response, whichIsOf: entry.page)
                next += (entry.page..<last).map { (listing: entry.listing, page: $0 + 1) }
            }
            open = next
        }
        return files
    }
}
