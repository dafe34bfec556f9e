import AWS
import Codec
import Foundation
import Platform

/// Finds the user's keys and region where the AWS CLI finds them.
///
/// In the CLI's order: the environment, a profile, the container, the instance. Whatever can be had of
/// a profile only by signing in or by taking a role on, the CLI itself is asked for
/// (https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html).
final class CredentialSearch {
    private let environment: Environment
    /// The profile that the command line names: then the environment's keys do not count.
    private let named: String?
    private let namedRegion: String?
    /// For the web: what is sent to AWS.
    private let transport: Transport
    private let metadata: MetadataService
    private let clock: WallClock
    private lazy var files = SharedFiles(environment: environment)

    /// Seconds that another program may take: somebody may have to confirm a sign-in.
    private static let patience = 120

    /// - Parameters:
    ///   - profile: The profile that the command line names.
    ///   - region: The region that the command line names.
    ///   - transport: What reaches AWS.
    ///   - direct: What reaches the machine's own services, by no proxy.
    init(
        environment: Environment,
        profile: String? = nil,
        region: String? = nil,
        transport: Transport,
        direct: Transport,
        clock: WallClock
    ) {
        self.environment = environment
        named = profile
        namedRegion = region
        self.transport = transport
        self.clock = clock
        metadata = MetadataService(environment: environment, transport: direct, clock: clock)
    }

    /// The region, and the keys; the error says which sources were asked, and why each gave nothing.
    func find() throws(Failure) -> (region: String, credentials: FoundCredentials) {
        let region = region
        let found: FoundCredentials
        do throws(Failure) {
            found = try credentials(region)
        } catch {
            throw Failure("finding AWS credentials: \(error)")
        }
        if let region { return (region, found) }
        if found.isInstance, let region = try? metadata.region(), !region.isEmpty {
            return (region, found)
        }
        throw Failure(
            "finding the AWS region: neither AWS_REGION nor AWS_DEFAULT_REGION is set, and profile "
                + "'\(profileName)' has none: name it with --region"
        )
    }

    private var region: String? {
        namedRegion ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
            ?? files.profile(profileName)?["region"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private var chosenProfile: String? {
        named ?? environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
    }

    private var profileName: String { chosenProfile ?? "default" }

    private func credentials(_ region: String?) throws(Failure) -> FoundCredentials {
        var reasons: [String] = []
        if named == nil {
            if let found = try environmentKeys() { return found }
            reasons.append("AWS_ACCESS_KEY_ID is not set")
            if let found = try webIdentity(region) { return found }
        }
        let profile = files.profile(profileName)
        if let found = profile.flatMap(Self.staticKeys) { return found }
        let places = files.paths.joined(separator: " nor ")
        if profile == nil {
            let problem =
                files.problems.isEmpty ? "" : " (\(files.problems.joined(separator: "; ")))"
            let reason = "profile '\(profileName)' is neither in \(places)\(problem)"
            guard chosenProfile == nil else { throw Failure(reason) }
            reasons.append(reason)
        } else {
            reasons.append("profile '\(profileName)' has no keys")
        }
        let way = profile.flatMap(Self.way)
        switch exportedByCLI() {
        case .success(let found): return found
        case .failure(let reason):
            if let command = profile?["credential_process"], way == nil {
                return try keys(printedBy: command)
            }
            if let way {
                throw Failure(
                    "profile '\(profileName)' \(way), which takes version 2 of the AWS CLI: \(reason)"
                )
            }
            reasons.append("\(reason)")
        }
        if let found = try metadata.container() { return found }
        reasons.append("no container's service is named (AWS_CONTAINER_CREDENTIALS_FULL_URI)")
        do throws(Failure) {
            if let found = try metadata.instance() { return found }
            reasons.append("AWS_EC2_METADATA_DISABLED is set")
        } catch {
            reasons.append("the instance's service: \(error)")
        }
        throw Failure(reasons.joined(separator: "; "))
    }

    private func environmentKeys() throws(Failure) -> FoundCredentials? {
        let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        switch (environment[id], environment[secret]) {
        case (nil, nil): return nil
        case (.some, nil): throw Failure("\(id) is set, and \(secret) is not")
        case (nil, .some): throw Failure("\(secret) is set, and \(id) is not")
        case (let id?, let secret?):
            return FoundCredentials(id, secret, token: environment["AWS_SESSION_TOKEN"])
        }
    }

    /// The keys that stand in a profile, if nothing else in it comes first.
    private static func staticKeys(_ profile: [String: String]) -> FoundCredentials? {
        guard way(profile) == nil, let id = profile["aws_access_key_id"],
            let secret = profile["aws_secret_access_key"], !id.isEmpty, !secret.isEmpty
        else { return nil }
        return FoundCredentials(id, secret, token: profile["aws_session_token"])
    }

    /// How keys are to be had by a profile that leaves this to the AWS CLI, in words.
    private static func way(_ profile: [String: String]) -> String? {
        if profile["role_arn"] != nil { return "takes a role on" }
        let hasSignOn = profile["sso_session"] != nil || profile["sso_start_url"] != nil
        if hasSignOn { return "signs in by IAM Identity Center" }
        return profile["login_session"] == nil ? nil : "signs in by `aws login`"
    }

    /// What the AWS CLI makes of the same environment and profile.
    private func exportedByCLI() -> Result<FoundCredentials, Failure> {
        guard let program = ProgramRun.path(of: "aws", in: environment["PATH"]) else {
            return .failure(Failure("the AWS CLI is not installed"))
        }
        let arguments = ["configure", "export-credentials", "--format", "process"]
        do throws(Failure) {
            let run = try ProgramRun(
                program,
                arguments + (named.map { ["--profile", $0] } ?? []),
                seconds: Self.patience
            )
            guard run.status != 0 else {
                return .success(try FoundCredentials(printed: run.output))
            }
            // Version 1 has no such command.
            guard !run.errors.contains("Invalid choice") else {
                throw Failure("the AWS CLI is version 1, which exports none")
            }
            throw Failure("the AWS CLI: \(run.reason)")
        } catch {
            return .failure(error)
        }
    }

    /// The keys that a profile's `credential_process` prints.
    private func keys(printedBy command: String) throws(Failure) -> FoundCredentials {
        do throws(Failure) {
            let run = try ProgramRun("/bin/sh", ["-c", command], seconds: Self.patience)
            guard run.status == 0 else { throw Failure("failed: \(run.reason)") }
            return try FoundCredentials(printed: run.output)
        } catch {
            throw Failure("the credential_process of profile '\(profileName)' \(error)")
        }
    }

    /// The keys of the role that `AWS_ROLE_ARN` names, for the token in a file: a pod's, a job's.
    ///
    /// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>.
    private func webIdentity(_ region: String?) throws(Failure) -> FoundCredentials? {
        guard let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"],
            let role = environment["AWS_ROLE_ARN"]
        else { return nil }
        let token = try SecretSource.file(file).read()
        let endpoint: HTTPURL?
        do throws(ConfigurationError) {
            endpoint = try Endpoints(environment: environment)
                .endpoint(of: .sts, region: region ?? "us-east-1")
        } catch {
            throw Failure("\(error)")
        }
        guard let endpoint else { throw Failure("'\(region ?? "")' is not the name of a region") }
        let call = AWSCall.form(
            .sts,
            "AssumeRoleWithWebIdentity",
            version: "2011-06-15",
            of: role,
            [
                NamedValue("RoleArn", role),
                NamedValue("RoleSessionName", environment["AWS_ROLE_SESSION_NAME"] ?? "pointsman"),
                NamedValue("WebIdentityToken", token.text),
            ]
        )
        // It is not signed: the token is what proves who asks.
        let request = HTTPRequest(
            method: call.method,
            origin: endpoint.origin,
            target: endpoint.path + call.path,
            headers: call.headers,
            body: call.body
        )
        let deadline = Deadline(clock.now().adding(milliseconds: 10_000))
        let doing = "taking \(role) on with the token in \(file)"
        switch transport.perform([request], deadline)[0] {
        case .failure(let error): throw Failure("\(doing): \(error)")
        case .success(let response):
            let answer = try? XML(parsing: response.body)
            guard let keys = answer?["AssumeRoleWithWebIdentityResult"]?["Credentials"],
                let id = keys["AccessKeyId"]?.text, let secret = keys["SecretAccessKey"]?.text
            else {
                let code = answer?["Error"]?["Code"]?.text ?? "no keys"
                throw Failure("\(doing): \(code) (status \(response.status))")
            }
            return FoundCredentials(
                id,
                secret,
                token: keys["SessionToken"]?.text,
                expires: keys["Expiration"]?.text
            )
        }
    }
}

/// Keys that AWS is called with.
struct FoundCredentials: Sendable {
    var credentials: Credentials
    /// When they end; `nil` of keys that do not.
    var expires: Timestamp?
    /// Whether they are the instance's own, which then tells its region too.
    var isInstance = false
}

extension FoundCredentials {
    /// - Parameter expires: In ISO 8601.
    init(_ id: String, _ secret: String, token: String?, expires: String? = nil) {
        credentials = Credentials(
            accessKeyID: id,
            secretAccessKey: Secret(secret),
            sessionToken: token.map { Secret($0) }
        )
        self.expires = expires.flatMap { Timestamp(iso8601: $0) }
    }

    /// Reads keys as programs and metadata services print them.
    ///
    /// Programs call the token `SessionToken`, services `Token`
    /// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html,
    /// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html).
    /// The error never has a part of the text, which may be a secret.
    init(printed text: [UInt8]) throws(Failure) {
        guard let json = try? JSON(parsing: text) else { throw Failure("printed no JSON") }
        guard let id = json["AccessKeyId"]?.string, let secret = json["SecretAccessKey"]?.string
        else {
            let code = json["Code"]?.string ?? json["code"]?.string
            throw Failure("gave no keys" + (code.map { " (\($0))" } ?? ""))
        }
        self.init(
            id,
            secret,
            token: (json["SessionToken"] ?? json["Token"])?.string,
            expires: json["Expiration"]?.string
        )
    }
}
