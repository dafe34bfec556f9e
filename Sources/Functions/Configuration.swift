public import AWS
public import Platform

/// What every function is told by its environment, read once before the first invocation.
public struct Configuration {
    /// The bucket of rules, ledger, changes and decisions (`S3_BUCKET`).
    public var bucket: String
    /// What all keys in it begin with (`S3_PREFIX`), without a slash at the end.
    public var prefix: String
    /// Where calls go and what they are signed with.
    public var region: String
    /// The keys that calls are signed with.
    public var credentials: Credentials
    /// Where the services are.
    public var endpoints: Endpoints

    /// Reads the environment; throws an error that names every variable at fault.
    public init(_ environment: Environment) throws(EnvironmentError) {
        var problems: [ConfigurationError] = []
        self.bucket = environment.required("S3_BUCKET", noting: &problems)
        self.prefix = Self.withoutFinalSlash(environment.required("S3_PREFIX", noting: &problems))
        self.region = environment.required("AWS_REGION", noting: &problems)
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
        if problems.isEmpty { problems += Self.malformed(region: region, prefix: prefix) }
        guard problems.isEmpty else { throw EnvironmentError(problems) }
    }

    private static func malformed(region: String, prefix: String) -> [ConfigurationError] {
        var problems: [ConfigurationError] = []
        if Endpoints().endpoint(of: .s3, region: region) == nil {
            problems.append(ConfigurationError("AWS_REGION", "is not the name of a region"))
        }
        if prefix.utf8.isEmpty || prefix.utf8.first == UInt8(ascii: "/") {
            problems.append(ConfigurationError("S3_PREFIX", "begins with a slash"))
        }
        return problems
    }

    private static func withoutFinalSlash(_ prefix: String) -> String {
        guard prefix.utf8.last == UInt8(ascii: "/") else { return prefix }
        return String(decoding: prefix.utf8.dropLast(), as: UTF8.self)
    }
}

/// Why a function cannot start: every variable at fault, so that one look mends all.
public struct EnvironmentError: Error, Equatable, CustomStringConvertible {
    /// The variables at fault.
    public let problems: [ConfigurationError]

    init(_ problems: [ConfigurationError]) {
        self.problems = problems
    }

    /// `S3_BUCKET is missing; S3_PREFIX is missing`.
    public var description: String {
        problems.map { $0.description }.joined(separator: "; ")
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
