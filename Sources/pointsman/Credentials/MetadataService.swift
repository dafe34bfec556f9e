import Codec
import Foundation
import Platform

/// The services of a container and of an instance that hand out its role's keys.
struct MetadataService {
    let environment: Environment
    /// Never by a proxy: these services are on the machine, or next to it.
    let transport: Transport
    let clock: WallClock

    /// Milliseconds that one request may take: off EC2 nobody answers at all.
    private static let patience = 1_000

    /// The keys of a task of ECS or a pod of EKS; `nil` where no service is named.
    ///
    /// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>.
    func container() throws(Failure) -> FoundCredentials? {
        let (relative, full) = (
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        )
        let variable: String
        let text: String
        if let path = environment[relative] {
            (variable, text) = (relative, "http://169.254.170.2" + path)
        } else if let url = environment[full] {
            (variable, text) = (full, url)
        } else {
            return nil
        }
        guard let url = try? HTTPURL(text), url.isHTTPS || Self.mayHearToken(url.host) else {
            throw Failure(
                "\(variable) is not https://, nor http:// of this machine or of ECS or EKS"
            )
        }
        var headers = HTTPHeaders()
        if let file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            headers["Authorization"] = try SecretSource.file(file).read().text
        } else if let token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] {
            headers["Authorization"] = token
        }
        let answer = try get("GET", url.origin, url.path, headers)
        return try keys(answer, from: url.origin)
    }

    /// The keys of the instance's role; `nil` where `AWS_EC2_METADATA_DISABLED` says not to ask.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html>.
    func instance() throws(Failure) -> FoundCredentials? {
        guard let origin = try instanceOrigin() else { return nil }
        let headers = try session(origin)
        let folder = "/latest/meta-data/iam/security-credentials/"
        let names = try get("GET", origin, folder, headers)
        let role = String(decoding: names, as: UTF8.self).split(whereSeparator: \.isNewline).first
        guard let role else { throw Failure("\(origin): the instance has no role") }
        let path = folder + PercentEncoding.encode(String(role), keepingSlash: false)
        var found = try keys(get("GET", origin, path, headers), from: origin)
        found.isInstance = true
        return found
    }

    /// The region that the instance is in.
    func region() throws(Failure) -> String? {
        guard let origin = try instanceOrigin() else { return nil }
        let name = try get("GET", origin, "/latest/meta-data/placement/region", session(origin))
        return String(decoding: name, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func instanceOrigin() throws(Failure) -> String? {
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        let variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
        let isIPv6 = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
        let usual = isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
        guard let url = try? HTTPURL(environment[variable] ?? usual) else {
            throw Failure("\(variable) is no URL")
        }
        return url.origin
    }

    /// The header that a session with the instance's service is held by.
    private func session(_ origin: String) throws(Failure) -> HTTPHeaders {
        let token = try get(
            "PUT",
            origin,
            "/latest/api/token",
            ["X-aws-ec2-metadata-token-ttl-seconds": "300"]
        )
        return ["X-aws-ec2-metadata-token": String(decoding: token, as: UTF8.self)]
    }

    private func get(
        _ method: String,
        _ origin: String,
        _ target: String,
        _ headers: HTTPHeaders
    ) throws(Failure) -> [UInt8] {
        let request = HTTPRequest(
            method: method,
            origin: origin,
            target: target.isEmpty ? "/" : target,
            headers: headers,
            largestResponse: 65_536
        )
        let deadline = Deadline(clock.now().adding(milliseconds: Self.patience))
        switch transport.perform([request], deadline)[0] {
        case .success(let response):
            guard response.status == 200 else {
                throw Failure("\(method) \(origin): status \(response.status)")
            }
            return response.body
        case .failure(let error):
            throw Failure("\(error)")
        }
    }

    private func keys(_ answer: [UInt8], from origin: String) throws(Failure) -> FoundCredentials {
        do throws(Failure) {
            return try FoundCredentials(printed: answer)
        } catch {
            throw Failure("\(origin) \(error)")
        }
    }

    /// Whether a token may be sent to a host without TLS: this machine, and the addresses of ECS and EKS.
    private static func mayHearToken(_ host: String) -> Bool {
        Secret.staysHere(sentTo: host)
            || ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"].contains(host.lowercased())
    }
}
