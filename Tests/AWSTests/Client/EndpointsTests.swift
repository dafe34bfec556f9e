import AWS
import Foundation
import Platform
import TestSupport
import Testing

@Suite struct EndpointsTests {
    private func endpoints(_ variables: [String: String]) throws -> Endpoints {
        try Endpoints(environment: Environment { variables[$0] })
    }

    @Test(arguments: [
        ("bucket", "https://bucket.s3.eu-west-1.amazonaws.com", ""),
        ("a.b", "https://s3.eu-west-1.amazonaws.com", "/a.b"),
        ("Old_Bucket", "https://s3.eu-west-1.amazonaws.com", "/Old_Bucket"),
        ("a/b?", "https://s3.eu-west-1.amazonaws.com", "/a%2Fb%3F"),
    ])
    func `a bucket is part of the host where its name can be`(
        bucket: String,
        origin: String,
        prefix: String
    ) throws {
        let endpoint = try #require(
            Endpoints().endpoint(of: .s3, region: "eu-west-1", bucket: bucket)
        )
        #expect(endpoint.origin == origin)
        #expect(endpoint.path == prefix)
    }

    @Test(arguments: [
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566", "", "127.0.0.1:4566"),
        ("http://127.0.0.1:4566/", "http://127.0.0.1:4566", "", "127.0.0.1:4566"),
        ("HTTPS://Example.com:443/aws//", "https://Example.com:443", "/aws", "Example.com"),
        ("http://a_b.example:80/x/y", "http://a_b.example:80", "/x/y", "a_b.example"),
        ("https://example.com:80", "https://example.com:80", "", "example.com:80"),
        ("http://[::1]:5000", "http://[::1]:5000", "", "[::1]:5000"),
        ("http://[::1]", "http://[::1]", "", "[::1]"),
    ])
    func `an override may have a port and a path`(
        url: String,
        origin: String,
        prefix: String,
        host: String
    ) throws {
        let endpoint = try #require(
            endpoints(["AWS_ENDPOINT_URL": url]).endpoint(of: .sts, region: "eu-west-1")
        )
        #expect(endpoint.origin == origin)
        #expect(endpoint.path == prefix)
        #expect(endpoint.hostHeader == host)
    }

    @Test(arguments: [
        ("127.0.0.1:4566", "does not begin with http:// or https://"),
        ("ftp://example.com", "does not begin with http:// or https://"),
        ("http:/example.com", "does not begin with http:// or https://"),
        ("http://", "has no valid host and port"),
        ("http:///path", "has no valid host and port"),
        ("http://:80", "has no valid host and port"),
        ("http://a:", "has no valid host and port"),
        ("http://a:0", "has no valid host and port"),
        ("http://a:65536", "has no valid host and port"),
        ("http://a:123456", "has no valid host and port"),
        ("http://a:8x", "has no valid host and port"),
        ("http://a%41", "has no valid host and port"),
        ("http://[::1", "has no valid host and port"),
        ("http://[]", "has no valid host and port"),
        ("http://[::1]x", "has no valid host and port"),
        ("http://user:secret@a", "has a user name"),
        ("http://a?b", "has a query or a fragment"),
        ("http://a/#b", "has a query or a fragment"),
        ("http://a b", "has a character that no URL has"),
        ("http://é", "has a character that no URL has"),
        ("http://a\r\nHost: b", "has a character that no URL has"),
    ])
    func `a malformed override is an error that names the variable`(url: String, reason: String) {
        for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER"] {
            #expect(throws: ConfigurationError(variable, reason)) {
                try endpoints([variable: url])
            }
        }
    }

    @Test(arguments: [
        (AWSService.s3, "AWS_ENDPOINT_URL_S3"),
        (.secretsManager, "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        (.lambda, "AWS_ENDPOINT_URL_LAMBDA"),
        (.sts, "AWS_ENDPOINT_URL_STS"),
        (.codeBuild, "AWS_ENDPOINT_URL_CODEBUILD"),
        (.codeCommit, "AWS_ENDPOINT_URL_CODECOMMIT"),
        (.eks, "AWS_ENDPOINT_URL_EKS"),
        (.eventBridge, "AWS_ENDPOINT_URL_EVENTBRIDGE"),
        (.codePipeline, "AWS_ENDPOINT_URL_CODEPIPELINE"),
    ])
    func `a service's own variable goes before the one for all`(
        service: AWSService,
        variable: String
    ) throws {
        let both = try endpoints([variable: "http://own", "AWS_ENDPOINT_URL": "http://all"])
        for other in AWSService.allCases {
            let origin = both.endpoint(of: other, region: "eu-west-1")?.origin
            #expect(origin == (other == service ? "http://own" : "http://all"))
        }
    }

    @Test func `a bucket goes into the path of an override`() throws {
        let endpoints = try endpoints(["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000/s3/"])
        let endpoint = try #require(
            endpoints.endpoint(of: .s3, region: "eu-west-1", bucket: "bucket")
        )
        #expect(endpoint.origin == "http://127.0.0.1:9000")
        #expect(endpoint.path == "/s3/bucket")
    }

    @Test(.thorough, .needsPython("botocore"))
    func `every service of every region is where botocore finds it`() throws {
        struct Regions: Decodable { var regions: [String] }
        struct Host: Decodable { var host: String }
        let question = Data(#"{"op":"regions"}"#.utf8)
        let answer = try #require(try PythonOracle.botocore([question]).first)
        let regions = try JSONDecoder().decode(Regions.self, from: answer).regions
        #expect(regions.count > 30)
        let pairs = regions.flatMap { region in AWSService.allCases.map { ($0, region) } }
        let lines = try pairs.map { service, region in
            try JSONSerialization.data(withJSONObject: [
                "op": "endpoint", "service": service.name, "region": region,
            ])
        }
        let answers = try PythonOracle.botocore(lines)
        for ((service, region), answer) in zip(pairs, answers) {
            let host = try JSONDecoder().decode(Host.self, from: answer).host
            #expect(Endpoints().endpoint(of: service, region: region)?.origin == "https://" + host)
        }
    }
}

extension PythonOracle {
    /// What botocore makes of each line.
    static func botocore(_ lines: [Data]) throws -> [Data] {
        try answers(of: "botocore_oracle.py", to: lines)
    }
}
