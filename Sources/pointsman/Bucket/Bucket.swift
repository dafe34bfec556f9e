import AWS
import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// The bucket of a stack, for commands that may read from it.
struct BucketOptions: ParsableArguments {
    @Option(help: "The stack's bucket (S3_BUCKET).")
    var bucket: String?

    @Option(help: "What all keys in it begin with (S3_PREFIX).")
    var prefix = Bucket.usualPrefix

    /// - Parameter attemptLimit: Milliseconds that one attempt of a call may take.
    func open(attemptLimit: Int = 10_000) throws(Failure) -> Bucket {
        guard let bucket else { throw Failure("name the stack's --bucket") }
        let clock = WallClock.system
        return try Bucket(
            bucket,
            prefix: prefix,
            environment: .process,
            transport: HTTPClient(caBundle: Environment.process["AWS_CA_BUNDLE"], clock: clock)
                .transport,
            clock: clock,
            attemptLimit: attemptLimit
        )
    }
}

/// The bucket that the functions work with, read by the same client as theirs.
struct Bucket {
    /// The prefix that `template.yaml` has unless an operator chooses another.
    static let usualPrefix = "mono-repo/config"

    let keys: BucketKeys
    /// What all keys begin with, without a slash at the end.
    var prefix: String { keys.prefix }
    private let s3: S3
    let client: AWSClient
    let clock: WallClock

    /// How long a command waits for AWS, in milliseconds.
    private static let patience = 60_000

    /// Takes the region and the keys from the environment; the error names what it lacks.
    ///
    /// - Parameter attemptLimit: Milliseconds that one attempt of a call may take.
    init(
        _ name: String,
        prefix: String,
        environment: Environment,
        transport: Transport,
        clock: WallClock,
        attemptLimit: Int = 10_000
    ) throws(Failure) {
        keys = BucketKeys(prefix: Configuration.withoutFinalSlash(prefix))
        s3 = S3(bucket: name)
        self.clock = clock
        guard let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] else {
            throw Failure("reading bucket '\(name)': AWS_REGION is missing")
        }
        guard let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        else { throw Self.noKeys(name, hasProfile: environment["AWS_PROFILE"] != nil) }
        do throws(ConfigurationError) {
            client = AWSClient(
                region: region,
                credentials: Credentials(
                    accessKeyID: id,
                    secretAccessKey: Secret(secret),
                    sessionToken: environment["AWS_SESSION_TOKEN"].map { Secret($0) }
                ),
                endpoints: try Endpoints(environment: environment),
                transport: transport,
                clock: clock,
                random: .system,
                attemptLimit: attemptLimit
            )
        } catch {
            throw Failure("reading bucket '\(name)': \(error)")
        }
    }

    private static func noKeys(_ name: String, hasProfile: Bool) -> Failure {
        let cause =
            hasProfile
            ? "AWS_PROFILE is not supported, only keys in the environment"
            : "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing"
        return Failure(
            "reading bucket '\(name)': \(cause); "
                + "`eval \"$(aws configure export-credentials --format env)\"` sets them"
        )
    }

    /// Tells which deliveries have a decision record.
    var decisionLookup: DecisionLookup { DecisionLookup(client: client, s3: s3, keys: keys) }

    private var deadline: Deadline { Deadline(clock.now().adding(milliseconds: Self.patience)) }

    /// The objects whose keys begin with a text, and do not have the delimiter after that.
    func objects(
        below beginning: String,
        delimiter: String? = nil
    ) throws(Failure) -> [S3.ListedObject] {
        let deadline = deadline
        do throws(CallError) {
            let call = s3.listObjects(prefix: beginning, delimiter: delimiter)
            let first = try S3.page(of: call, client.send(call, deadline: deadline))
            return try client.allObjects(
                from: first,
                in: s3,
                prefix: beginning,
                delimiter: delimiter,
                deadline: deadline
            )
        } catch {
            throw Failure("listing rules or decisions: \(error)")
        }
    }

    /// The content of objects, by their whole keys; `nil` for one that is not there.
    func contents(of keys: [String]) throws(Failure) -> [[UInt8]?] {
        do throws(CallError) {
            var contents: [[UInt8]?] = []
            for content in contentsOrFailures(of: keys) { contents.append(try content.get()) }
            return contents
        } catch {
            throw Failure("reading rules or decisions: \(error)")
        }
    }

    /// The same, each by itself.
    func contentsOrFailures(of keys: [String]) -> [Result<[UInt8]?, CallError>] {
        let calls = keys.map { s3.getObject($0) }
        let answers = client.send(calls, deadline: deadline)
        return zip(calls, answers).map { call, answer in
            do throws(CallError) {
                guard let object = try S3.object(ofGet: call, answer.get()) else {
                    return .success(nil)
                }
                return .success(object.body)
            } catch {
                return .failure(error)
            }
        }
    }
}
