import ArgumentParser
import Platform

/// The bucket of a stack, for commands that may read from it.
struct BucketOptions: ParsableArguments {
    @Option(help: "The stack's bucket (S3_BUCKET).")
    var bucket: String?

    @Option(help: "What all keys in it begin with (S3_PREFIX).")
    var prefix = RuleFolder.prefix

    /// The bucket; `nil` where none is named.
    ///
    /// - Parameter attemptLimit: Milliseconds that one attempt of a call may take.
    func open(attemptLimit: Int = 10_000) throws(Failure) -> Bucket? {
        guard let bucket else { return nil }
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
