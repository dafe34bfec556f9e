internal import AWS
internal import Codec
internal import Platform

/// Where a provider's API is, and the token that it is called with: Gitea's and GitLab's, which have no
/// tokens for a single purpose.
final class TokenAccess {
    /// Where the API is.
    let url: HTTPSURL

    private let arn: String
    private let client: AWSClient
    private let apis: APIClient
    private let clock: WallClock
    private let secrets: SecretCache

    /// Reads `GITEA_TOKEN_ARN` and `GITEA_API_URL`, or those of another provider; `nil` without the
    /// first.
    ///
    /// There is no usual URL: a token must not be sent to a server that nobody has named.
    ///
    /// - Parameters:
    ///   - provider: what the variables begin with: `GITEA`.
    ///   - attemptLimit: milliseconds that one attempt of a call may take; `nil` for what the
    ///     function's other calls may.
    init?(
        _ provider: String,
        _ environment: Environment,
        services: Services,
        attemptLimit: Int? = nil,
        noting problems: inout [ConfigurationError]
    ) {
        guard let arn = environment["\(provider)_TOKEN_ARN"] else { return nil }
        let variable = "\(provider)_API_URL"
        guard let text = environment[variable] else {
            problems.append(
                ConfigurationError(variable, "is missing, and \(provider)_TOKEN_ARN is there")
            )
            return nil
        }
        guard let url = HTTPSURL(text) else {
            problems.append(ConfigurationError(variable, "is not an https:// URL"))
            return nil
        }
        self.url = url
        self.arn = arn
        client = services.client
        apis =
            attemptLimit.map { services.apis.limitingAttempts(toMilliseconds: $0) }
            ?? services.apis
        clock = services.clock
        secrets = SecretCache(clock: clock)
    }

    /// What calls are sent with.
    var calls: CallsWithToken {
        CallsWithToken(
            apis: apis,
            clock: clock,
            token: { [self] (deadline, wasKept) throws(APIProblem) in
                try token(deadline: deadline, &wasKept)
            },
            forget: { [self] in secrets.remove(arn, asRole: nil) }
        )
    }

    private func token(deadline: Deadline, _ wasKept: inout Bool) throws(APIProblem) -> Secret {
        let (secret, wasCached) = try mapError(
            try secrets.read(arn, by: client, deadline: deadline)
        ) { APIProblem(unreadableToken: $0) }
        wasKept = wasCached
        // Files, and what is pasted, end with a line break.
        let token = secret.trimmed
        guard !token.revealed.isEmpty else {
            secrets.remove(arn, asRole: nil)
            throw APIProblem(.refused, "the secret \(arn) is empty")
        }
        return token
    }
}

extension APIProblem {
    /// The secret that holds a token cannot be read.
    init(unreadableToken error: CallError) {
        self.init(error.isRetryable ? .failed : .refused, "the token cannot be read: \(error)")
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
