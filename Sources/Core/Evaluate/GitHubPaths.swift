internal import AWS
internal import Platform

/// Completes the changed paths of GitHub's changes, for which it asks GitHub's API.
struct GitHubPaths {
    private let tokenARN: String
    private let url: HTTPSURL
    private let services: Services
    private let apis: APIClient
    private let secrets: SecretCache

    /// Milliseconds that all of it may take, and no more than a third of what there is: an
    /// evaluation is to get on without GitHub's API.
    static let patience = 12_000
    /// Milliseconds that one attempt of a call may take.
    static let attemptLimit = 5_000

    /// Why paths could not be had.
    private struct Failure: Error {
        var reason: String
        /// GitHub does not take the token.
        var isOfToken = false
    }

    /// Reads `GITHUB_TOKEN_ARN` and `GITHUB_API_URL`; `nil` without the first.
    ///
    /// The URL is never one that an event names: a token is sent there.
    init?(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        guard let tokenARN = environment["GITHUB_TOKEN_ARN"] else { return nil }
        guard let url = HTTPSURL(environment["GITHUB_API_URL"] ?? "https://api.github.com") else {
            problems.append(ConfigurationError("GITHUB_API_URL", "is not an https:// URL"))
            return nil
        }
        self.tokenARN = tokenARN
        self.url = url
        self.services = services
        self.apis = services.apis.limitingAttempts(toMilliseconds: Self.attemptLimit)
        self.secrets = SecretCache(clock: services.clock)
    }

    /// The change's paths with those that its event does not list; `nil` where there is nothing to
    /// ask for.
    ///
    /// What cannot be had leaves the paths incomplete and never fails.
    func paths(of change: Change, deadline: Deadline) -> ChangedPaths? {
        let files = GitHubFiles(of: change)
        guard !files.listings.isEmpty else { return nil }
        let now = services.clock.now()
        let deadline = deadline.limited(
            toMilliseconds: min(Self.patience, deadline.remaining(at: now) / 3),
            from: now
        )
        do throws(Failure) {
            return try read(files, change.repository, deadline: deadline).paths()
        } catch {
            return files.paths(without: error.reason)
        }
    }

    /// Reads all listings; where a kept token is refused, once more with a fresh one.
    private func read(
        _ files: GitHubFiles,
        _ repository: String,
        deadline: Deadline
    ) throws(Failure) -> GitHubFiles {
        while true {
            let (token, wasCached) = try token(deadline: deadline)
            do throws(Failure) {
                return try read(files, repository, token, deadline: deadline)
            } catch {
                guard error.isOfToken else { throw error }
                secrets.remove(tokenARN, asRole: nil)
                guard wasCached else { throw error }
            }
        }
    }

    private func token(deadline: Deadline) throws(Failure) -> (token: Secret, wasCached: Bool) {
        let secret: Secret
        let wasCached: Bool
        do throws(CallError) {
            (secret, wasCached) = try secrets.read(
                tokenARN,
                by: services.client,
                deadline: deadline
            )
        } catch {
            throw Failure(reason: "the token cannot be read: \(error)")
        }
        // Files, and what is pasted, end with a line break.
        let token = secret.trimmed
        guard !token.revealed.isEmpty else { throw Failure(reason: "the token is empty") }
        return (token, wasCached)
    }

    /// Reads all pages of all listings, in parallel as far as they are known of.
    private func read(
        _ files: GitHubFiles,
        _ repository: String,
        _ token: Secret,
        deadline: Deadline
    ) throws(Failure) -> GitHubFiles {
        var files = files
        let api = GitHubAPI(url: url, token: token)
        var open = files.listings.indices.map { (listing: $0, page: 1) }
        while !open.isEmpty {
            let calls = open.map { entry in
                switch files.listings[entry.listing] {
                case .pullRequest(let number):
                    api.filesOfPullRequest(number, of: repository, page: entry.page)
                case .comparison(let base, let head):
                    api.comparison(of: base, with: head, in: repository)
                }
            }
            let answers = apis.send(calls, deadline: deadline)
            var next: [(listing: Int, page: Int)] = []
            for (position, entry) in open.enumerated() {
                let response = try Self.success(answers[position], to: calls[position])
                do throws(ParsingError) {
                    try files.read(response.body, ofListingAt: entry.listing)
                } catch {
                    throw Failure(reason: error.description)
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

    private static func success(
        _ answer: Result<HTTPResponse, CallError>,
        to call: APICall
    ) throws(Failure) -> HTTPResponse {
        do throws(CallError) {
            return try GitHubAPI.successful(answer.get(), to: call)
        } catch {
            throw Failure(reason: error.description, isOfToken: error.status == 401)
        }
    }
}

extension SecretCache {
    /// A secret's current version, read as the function itself, and whether it was cached.
    func read(
        _ arn: String,
        by client: AWSClient,
        deadline: Deadline
    ) throws(CallError) -> (secret: Secret, wasCached: Bool) {
        if let secret = secret(arn, asRole: nil) { return (secret, true) }
        let call = Self.call(arn)
        let response = try client.send(call, deadline: deadline)
        return (try insert(arn, asRole: nil, of: call, response), false)
    }
}
