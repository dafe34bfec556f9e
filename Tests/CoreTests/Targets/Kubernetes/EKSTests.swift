import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct EKSTests {
    private let call = EKS.describeCluster("prod")

    @Test func `a cluster is its endpoint and its certificates`() throws {
        let body =
            #"{"cluster":{"endpoint":"https://x.eks.test","certificateAuthority":{"data":"UEVN"}}}"#
        let response = HTTPResponse(status: 200, body: Array(body.utf8))
        let cluster = try EKS.cluster(of: call, response)
        #expect(cluster.endpoint == HTTPSURL("https://x.eks.test"))
        #expect(cluster.certificates == Array("PEM".utf8))
    }

    @Test(arguments: [
        ("", ""), ("{}", ""),
        (#"{"cluster":{"status":"CREATING"}}"#, ", which is CREATING"),
        (
            #"{"cluster":{"status":"ACTIVE","endpoint":"http://x","certificateAuthority":{"data":"UEVN"}}}"#,
            ", which is ACTIVE"
        ),
        (#"{"cluster":{"endpoint":"https://x","certificateAuthority":{"data":"?"}}}"#, ""),
    ])
    func `one that has none is an error that says how it stands`(body: String, status: String) {
        let response = HTTPResponse(status: 200, body: Array(body.utf8))
        let error = #expect(throws: CallError.self) { try EKS.cluster(of: call, response) }
        #expect(
            error?.description
                == "eks:DescribeCluster of prod: 200 UnreadableAnswer: the answer has no endpoint "
                + "and certificateAuthority of the cluster\(status)"
        )
        #expect(error?.isRetryable == true)
    }

    /// The URL that a token is.
    private func url(_ token: Secret) throws -> String {
        let text = String(decoding: token.revealed, as: UTF8.self)
        #expect(text.hasPrefix("k8s-aws-v1."))
        #expect(token.revealed.count < 4_096)
        var encoded = text.dropFirst("k8s-aws-v1.".count)
            .replacing("-", with: "+").replacing("_", with: "/")
        #expect(!encoded.contains("="))
        encoded += String(repeating: "=", count: (4 - encoded.count % 4) % 4)
        return String(decoding: try #require(Data(base64Encoded: String(encoded))), as: UTF8.self)
    }

    @Test(.needsPython("botocore"))
    func `a token is the URL that botocore presigns for the cluster`() throws {
        let cloud = FakeCloud([])
        let tokens = EKSTokens(client: try cloud.client(), clock: cloud.clock)
        let url = try url(tokens.token(for: "prod", credentials: nil, region: "eu-north-1"))
        let unsigned =
            "https://sts.eu-north-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        #expect(url.hasPrefix(unsigned + "&X-Amz-Algorithm=AWS4-HMAC-SHA256"))
        #expect(url.contains("&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&"))
        let line = try JSONSerialization.data(withJSONObject: [
            "op": "sign", "service": "sts", "form": "query", "method": "GET", "url": unsigned,
            "headers": [["Host", "sts.eu-north-1.amazonaws.com"], ["x-k8s-aws-id", "prod"]],
            "body": "", "region": "eu-north-1", "accessKeyID": "AKIDEXAMPLE",
            "secret": FakeCloud.secret, "token": FakeCloud.token,
            "time": FakeCloud.start.basic, "expires": 60,
        ])
        struct Answer: Decodable { var url: String }
        let answer = try #require(
            try PythonOracle.answers(of: "botocore_oracle.py", to: [line]).first
        )
        #expect(try JSONDecoder().decode(Answer.self, from: answer).url == url)
    }

    @Test func `a token is kept for fourteen minutes, per cluster, region and key`() throws {
        let cloud = FakeCloud([])
        let tokens = EKSTokens(client: try cloud.client(), clock: cloud.clock)
        func token(_ cluster: String, _ key: String?, _ region: String?) throws -> Secret {
            let credentials = key.map {
                Credentials(accessKeyID: $0, secretAccessKey: Secret("s"), sessionToken: nil)
            }
            return try tokens.token(for: cluster, credentials: credentials, region: region)
        }
        let first = try token("a", nil, nil)
        cloud.clock.sleep(839_999)
        #expect(try token("a", nil, "eu-west-1") == first)
        let others = [
            try token("b", nil, nil), try token("a", "K", nil), try token("a", nil, "eu-north-1"),
        ]
        for other in others { #expect(other != first) }
        cloud.clock.sleep(1)
        #expect(try token("a", nil, nil) != first)
        #expect(try token("a", "K", nil) == others[1])
        #expect(cloud.requests.isEmpty)
    }

    @Test func `a region that is none is an error`() throws {
        let cloud = FakeCloud([])
        let tokens = EKSTokens(client: try cloud.client(), clock: cloud.clock)
        let error = #expect(throws: CallError.self) {
            try tokens.token(for: "prod", credentials: nil, region: "a.b")
        }
        #expect(
            error?.description
                == "sts:GetCallerIdentity of prod: InvalidRegion: 'a.b' is not the name of a region"
        )
    }
}
