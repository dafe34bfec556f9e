internal import AWS
internal import Codec
package import Platform

/// Calls of GitHub's API with what `GITHUB_TOKEN_ARN` names: a token, or a GitHub App.
///
/// Of an App, each purpose has a token of its own, which may do that and no more.
package final class GitHubAccess {
    /// Makes the calls that are sent here.
    let api: GitHubAPI

    private let source: Source
    private let apis: APIClient
    private let clock: WallClock
    private let secrets: SecretCache
    /// An App's installations, by whose they are.
    private var installations = ExpiringCache<[UInt8], Int>()
    /// An App's tokens, by what they may be used for.
    private var tokens = ExpiringCache<[UInt8], Secret>()

    /// Where the token or the App comes from.
    private enum Source {
        /// A secret of Secrets Manager.
        case secret(arn: String, AWSClient)
        /// The value itself, and what it is called.
        case literal(Secret, name: String)

        /// What messages call it.
        var name: String {
            switch self {
            case .secret(let arn, _): "the secret \(arn)"
            case .literal(_, let name): name
            }
        }
    }

    /// Milliseconds before its end in which a token is not used: what was begun is to be finished.
    static let tokenReserve = 300_000
    /// Milliseconds for which an installation's number is kept: as long as a token is valid.
    static let installationLifetime = 3_600_000

    /// Where the API is: `GITHUB_API_URL`, or GitHub's own; `nil` if that is not an `https://` URL.
    ///
    /// It is never one that an event names: a token is sent there.
    package static func url(_ environment: Environment) -> HTTPSURL? {
        HTTPSURL(environment["GITHUB_API_URL"] ?? "https://api.github.com")
    }

    /// Reads `GITHUB_TOKEN_ARN` and `GITHUB_API_URL`; `nil` without the first.
    ///
    /// - Parameter attemptLimit: milliseconds that one attempt of a call may take; `nil` for what
    ///   the function's other calls may.
    init?(
        _ environment: Environment,
        services: Services,
        attemptLimit: Int? = nil,
        noting problems: inout [ConfigurationError]
    ) {
        guard let arn = environment["GITHUB_TOKEN_ARN"] else { return nil }
        guard let url = Self.url(environment) else {
            problems.append(ConfigurationError("GITHUB_API_URL", "is not an https:// URL"))
            return nil
        }
        api = GitHubAPI(url: url)
        source = .secret(arn: arn, services.client)
        apis =
            attemptLimit.map { services.apis.limitingAttempts(toMilliseconds: $0) }
            ?? services.apis
        clock = services.clock
        secrets = SecretCache(clock: clock)
    }

    /// Calls with a token, or an App, that somebody gives to a command.
    ///
    /// - Parameter name: what messages call it.
    package init(
        url: HTTPSURL,
        token: Secret,
        named name: String,
        transport: Transport,
        clock: WallClock,
        random: Randomness
    ) {
        api = GitHubAPI(url: url)
        source = .literal(token, name: name)
        apis = APIClient(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: 10_000
        )
        self.clock = clock
        secrets = SecretCache(clock: clock)
    }

    /// Sends a call; a limit is waited for, if there is time.
    ///
    /// - Parameter attemptLimit: milliseconds that the call may take each time.
    func send(
        _ call: APICall,
        for purpose: GitHubPurpose,
        deadline: Deadline,
        attemptLimit: Int? = nil
    ) throws(APIProblem) -> HTTPResponse {
        try calls(for: purpose).send(call, deadline: deadline, attemptLimit: attemptLimit)
    }

    /// Sends calls in parallel, with a token for the purpose: one result for each, in their order.
    func send(
        _ calls: [APICall],
        for purpose: GitHubPurpose,
        deadline: Deadline
    ) -> [Result<HTTPResponse, APIProblem>] {
        self.calls(for: purpose).send(calls, deadline: deadline)
    }

    private func calls(for purpose: GitHubPurpose) -> CallsWithToken {
        CallsWithToken(
            apis: apis,
            clock: clock,
            token: { [self] (deadline, wasKept) throws(APIProblem) in
                try token(for: purpose, deadline: deadline, &wasKept)
            },
            forget: { [self] in forget(purpose) }
        )
    }

    /// Makes the next attempt read the secret, and make the purpose's token, anew.
    private func forget(_ purpose: GitHubPurpose) {
        if case .secret(let arn, _) = source { secrets.remove(arn, asRole: nil) }
        tokens.remove(purpose.key)
    }
}

/// How a token comes about.
extension GitHubAccess {
    /// - Parameter wasKept: whether it, or what it is made with, was kept.
    private func token(
        for purpose: GitHubPurpose,
        deadline: Deadline,
        _ wasKept: inout Bool
    ) throws(APIProblem) -> Secret {
        let app: GitHubApp
        switch try credential(deadline: deadline, &wasKept) {
        case .token(let token):
            guard case .app = purpose else { return token }
            throw APIProblem(
                .refused,
                "only a GitHub App may do this, and \(source.name) is a token"
            )
        case .app(let found): app = found
        }
        let now = clock.now()
        if let token = tokens.value(of: purpose.key, at: now) {
            wasKept = true
            return token
        }
        guard let own = app.token(at: now) else {
            throw APIProblem(.refused, "the GitHub App \(app.id) cannot sign with its key")
        }
        if case .app = purpose { return own }
        do throws(APIProblem) {
            return try installationToken(of: app, own, for: purpose, deadline: deadline)
        } catch {
            throw error.preceded(by: "the GitHub App \(app.id) has no token for \(purpose.owner)")
        }
    }

    private func credential(
        deadline: Deadline,
        _ wasKept: inout Bool
    ) throws(APIProblem) -> GitHubCredential {
        let secret: Secret
        switch source {
        case .literal(let value, _): secret = value
        case .secret(let arn, let client):
            do throws(CallError) {
                (secret, wasKept) = try secrets.read(arn, by: client, deadline: deadline)
            } catch {
                throw APIProblem(unreadableToken: error)
            }
        }
        do throws(GitHubCredential.Refusal) {
            return try GitHubCredential(secret, from: source.name)
        } catch {
            // The secret will be corrected: the next call is to read it anew.
            if case .secret(let arn, _) = source { secrets.remove(arn, asRole: nil) }
            throw APIProblem(.refused, error.reason)
        }
    }

    /// Makes a token for a purpose, with the App's own, and keeps it.
    private func installationToken(
        of app: GitHubApp,
        _ own: Secret,
        for purpose: GitHubPurpose,
        deadline: Deadline
    ) throws(APIProblem) -> Secret {
        let owner = Array(purpose.owner.utf8)
        let kept = installations.value(of: owner, at: clock.now())
        if let number = app.installation ?? kept {
            do throws(APIProblem) {
                return try makeToken(of: number, for: purpose, own, deadline: deadline)
            } catch {
                // 404: the App was installed anew since.
                guard app.installation == nil, error.status == 404 else { throw error }
                installations.remove(owner)
            }
        }
        let call = api.installation(for: purpose)
        let response = try apis.send([call], with: own, deadline: deadline, clock)[0].get()
        guard let number = (try? JSON(parsing: response.body))?["id"]?.int else {
            throw APIProblem(.failed, .unreadable(call, response, "the answer has no 'id'"))
        }
        let end = clock.now().adding(milliseconds: Self.installationLifetime)
        installations.insert(number, for: owner, until: end)
        return try makeToken(of: number, for: purpose, own, deadline: deadline)
    }

    private func makeToken(
        of installation: Int,
        for purpose: GitHubPurpose,
        _ own: Secret,
        deadline: Deadline
    ) throws(APIProblem) -> Secret {
        let call = api.installationToken(of: installation, for: purpose)
        let response = try apis.send([call], with: own, deadline: deadline, clock)[0].get()
        // An error would quote the token: nothing of the answer goes any further.
        let json = try? JSON(parsing: response.body)
        guard let token = json?["token"]?.string,
            let end = json?.timestamp("expires_at")
        else {
            let reason = "the answer has no 'token' or no 'expires_at'"
            throw APIProblem(.failed, .unreadable(call, response, reason))
        }
        let secret = Secret(token)
        tokens.insert(
            secret,
            for: purpose.key,
            until: end.adding(milliseconds: -Self.tokenReserve)
        )
        return secret
    }
}
