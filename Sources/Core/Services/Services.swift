internal import AWS
package import Platform

/// What a function works with: the world outside, passed in so that tests decide it.
package struct Services {
    let client: AWSClient
    let apis: APIClient
    let s3: S3
    let prefix: String
    let clock: WallClock
    let random: Randomness
    let log: Logger
    let metrics: Metrics

    /// Joins a configuration with a transport, a clock, randomness and a log.
    ///
    /// - Parameters:
    ///   - functionName: the function's name in Lambda, of whose metrics are written
    ///   - attemptLimit: milliseconds that one attempt of a call may take
    package init(
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
        self.prefix = configuration.prefix
        self.clock = clock
        self.random = random
        self.log = log
        self.metrics = Metrics(functionName: functionName, log: log)
    }

    /// Puts a JSON object below the prefix, whatever is there.
    func put(_ key: String, _ body: [UInt8]) -> AWSCall {
        s3.putObject("\(prefix)/\(key)", body, contentType: "application/json")
    }
}
