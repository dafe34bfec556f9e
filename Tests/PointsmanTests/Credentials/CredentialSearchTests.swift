import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import pointsman

struct CredentialSearchTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s1"]
    private static let away = ["AWS_EC2_METADATA_DISABLED": "true"]

    /// A search with no variable but those, and no file but those below its home.
    private func search(
        _ variables: [String: String] = [:],
        profile: String? = nil,
        region: String? = "eu-west-1",
        files: [String: String] = [:],
        reaching transport: Transport = HTTPClient().transport,
        _ body: (CredentialSearch, TemporaryFolder) throws -> Void
    ) throws {
        let home = try TemporaryFolder(files)
        let all = variables.mapValues { $0.replacing("HOME", with: home.path) }
            .merging(["HOME": home.path]) { $1 }
        let search = CredentialSearch(
            environment: Environment { all[$0] },
            profile: profile,
            region: region,
            transport: transport,
            direct: HTTPClient().transport,
            clock: .system
        )
        try body(search, home)
    }

    private func expect(
        _ id: String,
        _ secret: String,
        token: String? = nil,
        region: String = "eu-west-1",
        of search: CredentialSearch
    ) throws {
        let (found, keys) = try search.find()
        #expect(found == region)
        #expect(keys.credentials.accessKeyID == id)
        #expect(keys.credentials.secretAccessKey == Secret(secret))
        #expect(keys.credentials.sessionToken == token.map { Secret($0) })
    }

    private func expect(failure: String, of search: CredentialSearch, _ home: TemporaryFolder) {
        let error = #expect(throws: Failure.self) { try search.find() }
        #expect(home.naming(error?.description ?? "") == failure)
    }

    @Test func `keys in the environment come first`() throws {
        let files = [
            ".aws/credentials": "[default]\naws_access_key_id=A\naws_secret_access_key=B\n"
        ]
        try search(Self.keys, files: files) { search, _ in
            try expect("AKIA1", "s1", of: search)
        }
        try search(Self.keys.merging(["AWS_SESSION_TOKEN": "t"]) { $1 }) { search, _ in
            try expect("AKIA1", "s1", token: "t", of: search)
        }
    }

    @Test(arguments: [
        (["AWS_ACCESS_KEY_ID": "a"], "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"),
        (
            ["AWS_SECRET_ACCESS_KEY": "a"],
            "AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not"
        ),
    ])
    func `half of the keys is an error`(variables: [String: String], reason: String) throws {
        try search(variables) { search, home in
            expect(failure: "finding AWS credentials: \(reason)", of: search, home)
        }
    }

    private static let dev = [
        ".aws/config": "[profile dev]\nregion = eu-north-1\n",
        ".aws/credentials":
            "[dev]\naws_access_key_id = AKIA2\naws_secret_access_key = s/2+=\naws_session_token = t\n",
    ]

    @Test func `a profile has its keys and its region`() throws {
        try search(["AWS_PROFILE": "dev"], region: nil, files: Self.dev) { search, _ in
            try expect("AKIA2", "s/2+=", token: "t", region: "eu-north-1", of: search)
        }
        // One that the command line names goes before the environment's keys, as with the CLI.
        try search(Self.keys, profile: "dev", region: nil, files: Self.dev) { search, _ in
            try expect("AKIA2", "s/2+=", token: "t", region: "eu-north-1", of: search)
        }
        try search(
            Self.keys.merging(["AWS_PROFILE": "dev"]) { $1 },
            region: nil,
            files: Self.dev
        ) { search, _ in
            try expect("AKIA1", "s1", region: "eu-north-1", of: search)
        }
    }

    @Test(arguments: [
        (nil, ["AWS_DEFAULT_REGION": "b"], "b"),
        (nil, ["AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"], "a"),
        ("c", ["AWS_REGION": "a"], "c"), (nil, [:], "eu-north-1"),
    ])
    func `the region is the command line's, the environment's or the profile's`(
        named: String?,
        variables: [String: String],
        region: String
    ) throws {
        try search(variables, profile: "dev", region: named, files: Self.dev) { search, _ in
            try expect("AKIA2", "s/2+=", token: "t", region: region, of: search)
        }
    }

    @Test func `a region that nothing tells is an error`() throws {
        try search(Self.keys, region: nil) { search, home in
            expect(
                failure:
                    "finding the AWS region: neither AWS_REGION nor AWS_DEFAULT_REGION is set, "
                    + "and profile 'default' has none: name it with --region",
                of: search,
                home
            )
        }
    }

    @Test func `a profile that is named and is not there is an error`() throws {
        try search(["AWS_PROFILE": "prod"], files: Self.dev) { search, home in
            expect(
                failure:
                    "finding AWS credentials: profile 'prod' is neither in DIR/.aws/config nor "
                    + "DIR/.aws/credentials",
                of: search,
                home
            )
        }
    }

    @Test func `where no source has keys, each says why`() throws {
        try search(Self.away) { search, home in
            expect(
                failure:
                    "finding AWS credentials: AWS_ACCESS_KEY_ID is not set; profile 'default' is "
                    + "neither in DIR/.aws/config nor DIR/.aws/credentials; the AWS CLI is not "
                    + "installed; no container's service is named "
                    + "(AWS_CONTAINER_CREDENTIALS_FULL_URI); AWS_EC2_METADATA_DISABLED is set",
                of: search,
                home
            )
        }
        let port = try LoopbackServer.unusedPort()
        let service = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(port)/"]
        try search(service, files: [".aws/config": "[default]\nregion = r\n"]) { search, home in
            let error = #expect(throws: Failure.self) { try search.find() }
            let text = error?.description ?? ""
            #expect(
                text.contains("; profile 'default' has no keys; the AWS CLI is not installed; ")
            )
            #expect(
                text.contains("; the instance's service: PUT http://127.0.0.1:\(port): "),
                "\(text)"
            )
        }
    }

    @Test(arguments: [
        ("role_arn = arn:aws:iam::1:role/r\nsource_profile = b", "takes a role on"),
        ("sso_session = s", "signs in by IAM Identity Center"),
        ("sso_start_url = https://a", "signs in by IAM Identity Center"),
        ("login_session = arn", "signs in by `aws login`"),
        ("role_arn = r\naws_access_key_id = a\naws_secret_access_key = b", "takes a role on"),
    ])
    func `what only the AWS CLI can do is said`(settings: String, way: String) throws {
        let files = [".aws/config": "[profile dev]\n\(settings)\n"]
        try search(["AWS_PROFILE": "dev"].merging(Self.away) { $1 }, files: files) { search, home in
            expect(
                failure:
                    "finding AWS credentials: profile 'dev' \(way), which takes version 2 of the "
                    + "AWS CLI: the AWS CLI is not installed",
                of: search,
                home
            )
        }
    }

    @Test func `a profile's own program prints its keys`() throws {
        let print = #"echo '{"Version":1,"AccessKeyId":"AKIA3","SecretAccessKey":"s3","#
        let files = [
            ".aws/config":
                "[profile dev]\ncredential_process = \(print)\"Expiration\":\"2026-03-14T10:00:00Z\"}'\n"
        ]
        try search(profile: "dev", files: files) { search, _ in
            try expect("AKIA3", "s3", of: search)
            #expect(try search.find().credentials.expires?.iso8601 == "2026-03-14T10:00:00Z")
        }
    }

    @Test(arguments: [
        ("echo no >&2; echo it is over >&2; exit 3", "failed: it is over"),
        ("exit 3", "failed: status 3"), ("true", "printed no JSON"),
        ("echo secret", "printed no JSON"),
        (#"echo '{"AccessKeyId":"a","Code":"Expired"}'"#, "gave no keys (Expired)"),
        ("echo '{}'", "gave no keys"),
    ])
    func `a profile's program that prints none is an error`(
        command: String,
        reason: String
    ) throws {
        let files = [".aws/config": "[profile dev]\ncredential_process = \(command)\n"]
        try search(profile: "dev", files: files) { search, home in
            expect(
                failure:
                    "finding AWS credentials: the credential_process of profile 'dev' \(reason)",
                of: search,
                home
            )
        }
    }

    /// A metadata service that wants what the real one wants.
    private static func instance(_ request: LoopbackServer.Request) -> LoopbackServer.Action {
        let token = "X-aws-ec2-metadata-token"
        if request.method == "PUT", request.target == "/latest/api/token",
            request.headers["\(token)-ttl-seconds"] != nil
        {
            return .text("a-session")
        }
        guard request.headers[token] == "a-session" else { return .status(401) }
        switch request.target {
        case "/latest/meta-data/iam/security-credentials/": return .text("a role\n")
        case "/latest/meta-data/iam/security-credentials/a%20role":
            return .text(
                #"{"Code":"Success","AccessKeyId":"ASIA4","SecretAccessKey":"s4","Token":"t4","#
                    + #""Expiration":"2026-03-14T10:00:00Z"}"#
            )
        case "/latest/meta-data/placement/region": return .text("eu-south-1")
        default: return .status(404)
        }
    }

    @Test func `an instance has its role's keys and its region`() throws {
        let service = try LoopbackServer(Self.instance)
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": service.origin]
        try search(variables, region: nil) { search, _ in
            try expect("ASIA4", "s4", token: "t4", region: "eu-south-1", of: search)
            #expect(try search.find().credentials.expires?.iso8601 == "2026-03-14T10:00:00Z")
        }
    }

    @Test(.thorough) func `an instance whose service does not answer is waited for a second`()
        throws
    {
        let service = try LoopbackServer { _ in .never }
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": service.origin]
        let began = Date()
        try search(variables) { search, _ in
            #expect(throws: Failure.self) { try search.find() }
        }
        #expect(began.timeIntervalSinceNow > -10)
    }

    private static let container = #"{"AccessKeyId":"ASIA5","SecretAccessKey":"s5","Token":"t5"}"#

    @Test func `a container's service is shown the token of its file`() throws {
        let service = try LoopbackServer { request in
            request.headers["Authorization"] == "a-token" && request.target == "/v1/keys?a=b"
                ? .text(Self.container) : .status(403)
        }
        let url = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": service.origin + "/v1/keys?a=b"]
        let file = url.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "HOME/token"]) { $1 }
        try search(file, files: ["token": "a-token\n"]) { search, _ in
            try expect("ASIA5", "s5", token: "t5", of: search)
        }
        let given = url.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-token"]) { $1 }
        try search(given) { search, _ in
            try expect("ASIA5", "s5", token: "t5", of: search)
        }
        try search(url) { search, home in
            expect(
                failure: "finding AWS credentials: GET \(service.origin): status 403",
                of: search,
                home
            )
        }
    }

    @Test(arguments: ["http://evil.example/keys", "ftp://127.0.0.1/", "no URL"])
    func `no token goes to a container's service elsewhere`(url: String) throws {
        let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]
        try search(variables) { search, home in
            expect(
                failure:
                    "finding AWS credentials: AWS_CONTAINER_CREDENTIALS_FULL_URI is not https://, "
                    + "nor http:// of this machine or of ECS or EKS",
                of: search,
                home
            )
        }
    }

    private static let pod = [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod",
        "AWS_ROLE_SESSION_NAME": "a-pod",
    ]

    @Test func `a pod's token is exchanged for its role's keys`() throws {
        let sts = try LoopbackServer { request in
            let fields = request.text.split(separator: "&").sorted()
            let expected = [
                "Action=AssumeRoleWithWebIdentity", "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpod",
                "RoleSessionName=a-pod", "Version=2011-06-15", "WebIdentityToken=a-token",
            ]
            guard fields.elementsEqual(expected, by: { $0 == $1 }) else { return .status(400) }
            return .text(
                "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                    + "<AccessKeyId>ASIA6</AccessKeyId><SecretAccessKey>s6</SecretAccessKey>"
                    + "<SessionToken>t6</SessionToken><Expiration>2026-03-14T10:00:00Z</Expiration>"
                    + "</Credentials></AssumeRoleWithWebIdentityResult>"
                    + "</AssumeRoleWithWebIdentityResponse>"
            )
        }
        let variables = Self.pod.merging(["AWS_ENDPOINT_URL_STS": sts.origin]) { $1 }
        try search(variables, files: ["token": "a-token"]) { search, _ in
            try expect("ASIA6", "s6", token: "t6", of: search)
        }
    }

    @Test func `a token that is refused is an error, and is not shown`() throws {
        let sts = try LoopbackServer { _ in
            .text(
                "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>",
                status: 400
            )
        }
        let variables = Self.pod.merging(["AWS_ENDPOINT_URL_STS": sts.origin]) { $1 }
        try search(variables, files: ["token": "a-token"]) { search, home in
            expect(
                failure:
                    "finding AWS credentials: taking arn:aws:iam::1:role/pod on with the token in "
                    + "DIR/token: ExpiredTokenException (status 400)",
                of: search,
                home
            )
        }
    }
}
