import ArgumentParser
import AWS
import Codec
import Foundation
import Platform

/// Which installation a command is about.
struct InstallationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The installation's bucket.", valueName: "name"))
    var bucket: String

    @Option(help: ArgumentHelp("What all keys in it begin with: S3_PREFIX.", valueName: "prefix"))
    var prefix: String = RuleFolder.prefix
}

/// An installation in AWS, reached as whoever runs the tool.
struct Installation {
    let client: AWSClient
    let s3: S3
    /// What all keys begin with, without a slash at the end.
    let prefix: String
    let clock: WallClock

    /// Milliseconds that one call may take; a function that is waited for takes a minute.
    static let attemptLimit = 75_000

    /// Takes region, keys and endpoints from the environment, as every AWS SDK does.
    init(
        _ options: InstallationOptions,
        environment: Environment = .process,
        clock: WallClock = .system
    ) throws(Failure) {
        func required(_ names: String...) throws(Failure) -> String {
            for name in names { if let value = environment[name] { return value } }
            throw Failure("\(names.joined(separator: " or ")) is not set; \(Self.hint)")
        }
        let endpoints: Endpoints
        do throws(ConfigurationError) {
            endpoints = try Endpoints(environment: environment)
        } catch {
            throw Failure(error.description)
        }
        let credentials = Credentials(
            accessKeyID: try required("AWS_ACCESS_KEY_ID"),
            secretAccessKey: Secret(try required("AWS_SECRET_ACCESS_KEY")),
            sessionToken: environment["AWS_SESSION_TOKEN"].map { Secret($0) }
        )
        client = AWSClient(
            region: try required("AWS_REGION", "AWS_DEFAULT_REGION"),
            credentials: credentials,
            endpoints: endpoints,
            transport: HTTPClient(caBundle: environment["AWS_CA_BUNDLE"], clock: clock).transport,
            clock: clock,
            random: .system,
            attemptLimit: Self.attemptLimit
        )
        s3 = S3(bucket: options.bucket)
        prefix = options.prefix.hasSuffix("/") ? String(options.prefix.dropLast()) : options.prefix
        self.clock = clock
    }

    private static let hint =
        #"`eval "$(aws configure export-credentials --format env)"` sets a profile's keys"#

    /// The moment that many milliseconds from now.
    func deadline(_ milliseconds: Int) -> Deadline {
        Deadline(clock.now().adding(milliseconds: milliseconds))
    }

    /// The object under a key; `nil` where there is none.
    func object(_ key: String) throws(Failure) -> [UInt8]? {
        let call = s3.getObject(key)
        do throws(CallError) {
            let response = try client.send(call, deadline: deadline(Self.attemptLimit))
            guard case .object(let object) = try S3.result(ofGet: call, response) else {
                return nil
            }
            return object.body
        } catch {
            throw Failure("reading \(key): \(error)")
        }
    }

    /// The keys that begin with any of the prefixes: at most a thousand of each.
    func keys(beginningWith prefixes: [String]) throws(Failure) -> [String] {
        let calls = prefixes.map { s3.listObjects(prefix: $0) }
        let answers = client.send(calls, deadline: deadline(Self.attemptLimit))
        var keys: [String] = []
        do throws(CallError) {
            for (call, answer) in zip(calls, answers) {
                keys += try S3.page(of: call, answer.get()).objects.map(\.key)
            }
        } catch {
            throw Failure("listing \(s3.bucket): \(error)")
        }
        return keys
    }
}
