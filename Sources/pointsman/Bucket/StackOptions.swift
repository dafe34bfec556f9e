import AWS
import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// Whose keys AWS is called with, and where.
struct AWSOptions: ParsableArguments {
    @Option(help: "The profile of ~/.aws/config that AWS is called with (AWS_PROFILE).")
    var profile: String?

    @Option(help: "The region (AWS_REGION, AWS_DEFAULT_REGION, else the profile's).")
    var region: String?

    /// Finds region and keys, and makes a client of them.
    ///
    /// - Parameter attemptLimit: Milliseconds that one attempt of a call may take.
    func access(
        environment: Environment = .process,
        attemptLimit: Int = 10_000
    ) throws(Failure) -> AWSAccess {
        let retries = RetryNotice(try HTTPClient.ofTool(environment).transport)
        let (region, found) = try find(environment, retries.transport)
        do throws(ConfigurationError) {
            let client = AWSClient(
                region: region,
                credentials: found.credentials,
                endpoints: try Endpoints(environment: environment),
                transport: retries.transport,
                clock: retries.clock,
                random: .system,
                attemptLimit: attemptLimit
            )
            return AWSAccess(client: client, clock: retries.clock, expires: found.expires)
        } catch {
            throw Failure("calling AWS: \(error)")
        }
    }

    /// The region, and the keys.
    func find(
        _ environment: Environment,
        _ transport: Transport
    ) throws(Failure) -> (region: String, credentials: FoundCredentials) {
        let clock = WallClock.system
        let search = CredentialSearch(
            environment: environment,
            profile: profile,
            region: region,
            transport: transport,
            direct: HTTPClient(clock: clock).transport,
            clock: clock
        )
        return try search.find()
    }
}

/// A client of AWS with the user's keys.
struct AWSAccess {
    let client: AWSClient
    let clock: WallClock
    /// When the keys end; `nil` of keys that do not.
    let expires: Timestamp?

    /// Milliseconds before their end in which keys are no longer used.
    private static let margin = 120_000

    /// Whether the keys end so soon that a command which goes on has to find others.
    var hasEnded: Bool {
        expires.map { clock.now().adding(milliseconds: Self.margin) >= $0 } ?? false
    }
}

/// The stack, for commands that read from its bucket: by its name, or by the bucket's.
///
/// What the command line does not say the environment may: `POINTSMAN_STACK`, else
/// `POINTSMAN_BUCKET` and `POINTSMAN_PREFIX`.
struct StackOptions: ParsableArguments {
    @Option(
        name: .customLong("stack"),
        help: "The stack, whose outputs name its bucket and its functions (POINTSMAN_STACK)."
    )
    var name: String?

    @Option(help: "The stack's bucket (POINTSMAN_BUCKET).")
    var bucket: String?

    @Option(
        help: """
            What all keys in the bucket begin with (POINTSMAN_PREFIX; default: \
            \(Bucket.usualPrefix)).
            """
    )
    var prefix: String?

    @OptionGroup var aws: AWSOptions

    func validate() throws {
        if name != nil, bucket != nil || prefix != nil {
            let other = bucket == nil ? "--prefix" : "--bucket"
            throw ValidationError("either --stack or \(other): a stack names its own")
        }
    }

    /// Whether the command line says which stack.
    var isGiven: Bool { name != nil || bucket != nil }

    /// Whether the command line or the environment does.
    var isKnown: Bool { place() != nil }

    /// What all keys begin with, as far as that is known without asking AWS.
    var keyPrefix: String {
        if case .bucket(_, let prefix) = place() { return prefix }
        return prefix ?? Bucket.usualPrefix
    }

    /// Where the stack is to be found.
    enum Place: Equatable {
        case stack(String)
        case bucket(String, prefix: String)
    }

    /// Where the command line, else the environment, says that the stack is.
    func place(_ environment: Environment = .process) -> Place? {
        if let bucket { return .bucket(bucket, prefix: prefix ?? Bucket.usualPrefix) }
        if let name = name ?? environment["POINTSMAN_STACK"] { return .stack(name) }
        return environment["POINTSMAN_BUCKET"].map { bucket in
            .bucket(
                bucket,
                prefix: prefix ?? environment["POINTSMAN_PREFIX"] ?? Bucket.usualPrefix
            )
        }
    }

    /// Finds the keys, the region and the bucket.
    ///
    /// - Parameter attemptLimit: Milliseconds that one attempt of a call may take.
    func open(attemptLimit: Int = 10_000) throws(Failure) -> Bucket {
        guard let place = place() else { throw Failure("name the stack with --stack or --bucket") }
        let access = try aws.access(attemptLimit: attemptLimit)
        switch place {
        case .bucket(let name, let prefix): return Bucket(name, prefix: prefix, access: access)
        case .stack(let name):
            let stack = try Stack(name, access)
            return Bucket(
                stack.bucket,
                prefix: stack.prefix,
                access: access,
                evaluateFunction: stack.evaluateFunction
            )
        }
    }
}
