internal import AWS
internal import Codec
internal import Platform

/// What a function works with: the world outside, passed in so that tests decide it.
struct Services {
    let client: AWSClient
    let apis: APIClient
    let s3: S3
    let keys: BucketKeys
    let clock: WallClock
    let random: Randomness
    let log: Logger
    let metrics: Metrics

    /// Joins a configuration with a transport, a clock, randomness and a log.
    ///
    /// - Parameters:
    ///   - functionName: the function's name in Lambda, of whose metrics are written
    ///   - attemptLimit: milliseconds that one attempt of a call may take
    init(
        _ configuration: Configuration,
        transport: Transport,
        clock: WallClock,
        random: Randomness,
        log: Logger,
        functionName: String?,
        attemptLimit: Int
    ) {
        self.client = AWSClient(
            region: configuration.region,
            credentials: configuration.credentials,
            endpoints: configuration.endpoints,
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: attemptLimit
        )
        self.apis = APIClient(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: attemptLimit
        )
        self.s3 = S3(bucket: configuration.bucket)
        self.keys = BucketKeys(prefix: configuration.prefix)
        self.clock = clock
        self.random = random
        self.log = log
        self.metrics = Metrics(functionName: functionName, log: log)
    }

    /// Puts a JSON object, whatever is there.
    func put(_ key: String, _ body: [UInt8]) -> AWSCall {
        s3.putObject(key, body, contentType: "application/json")
    }
}

/// What every function is told by its environment, read once before the first invocation.
package struct Configuration {
    /// The bucket of rules, ledger, changes and decisions (`S3_BUCKET`).
    var bucket: String
    /// What all keys in it begin with (`S3_PREFIX`), without a slash at the end.
    var prefix: String
    /// Where calls go and what they are signed with.
    var region: String
    /// The keys that calls are signed with.
    var credentials: Credentials
    /// Where the services are.
    var endpoints: Endpoints

    /// Reads the environment and notes every variable at fault; with any of them it is not to
    /// be used.
    init(_ environment: Environment, noting problems: inout [ConfigurationError]) {
        self.bucket = environment.required("S3_BUCKET", noting: &problems)
        let prefix = environment.required("S3_PREFIX", noting: &problems)
        if prefix.utf8.first == UInt8(ascii: "/") {
            problems.append(ConfigurationError("S3_PREFIX", "begins with a slash"))
        }
        self.prefix = Self.withoutFinalSlash(prefix)
        self.region = environment.required("AWS_REGION", noting: &problems)
        if !region.utf8.isEmpty, Endpoints().endpoint(of: .s3, region: region) == nil {
            problems.append(ConfigurationError("AWS_REGION", "is not the name of a region"))
        }
        self.credentials = Credentials(
            accessKeyID: environment.required("AWS_ACCESS_KEY_ID", noting: &problems),
            secretAccessKey: Secret(
                environment.required("AWS_SECRET_ACCESS_KEY", noting: &problems)
            ),
            sessionToken: environment["AWS_SESSION_TOKEN"].map { Secret($0) }
        )
        do throws(ConfigurationError) {
            self.endpoints = try Endpoints(environment: environment)
        } catch {
            self.endpoints = Endpoints()
            problems.append(error)
        }
    }

    /// A prefix of keys as it is used, however it was given.
    package static func withoutFinalSlash(_ prefix: String) -> String {
        guard prefix.utf8.last == UInt8(ascii: "/") else { return prefix }
        return String(decoding: prefix.utf8.dropLast(), as: UTF8.self)
    }
}

extension Environment {
    /// The value of a variable, or an empty one and a note that it is missing.
    func required(_ name: String, noting problems: inout [ConfigurationError]) -> String {
        if let value = self[name] { return value }
        problems.append(ConfigurationError(name, "is missing"))
        return ""
    }
}

/// Writes a function's metrics, at most one line for each invocation.
struct Metrics {
    /// The function's name in Lambda; without one nobody reads metrics.
    let functionName: String?
    let log: Logger

    private static let namespace = "Pointsman"

    func write(_ metrics: [EmbeddedMetrics.Metric]) {
        guard let functionName, !metrics.isEmpty else { return }
        log.write(EmbeddedMetrics(namespace: Self.namespace, function: functionName, metrics))
    }
}
