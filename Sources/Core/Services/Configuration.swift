package import AWS
internal import Platform

/// What every function is told by its environment, read once before the first invocation.
package struct Configuration {
    /// The bucket of rules, ledger, changes and decisions (`S3_BUCKET`).
    package var bucket: String
    /// What all keys in it begin with (`S3_PREFIX`), without a slash at the end.
    package var prefix: String
    /// Where calls go and what they are signed with.
    package var region: String
    /// The keys that calls are signed with.
    package var credentials: Credentials
    /// Where the services are.
    package var endpoints: Endpoints

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

    private static func withoutFinalSlash(_ prefix: String) -> String {
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
