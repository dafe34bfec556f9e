import AWS
import Codec
import Platform
import Testing

/// One request with what each stage makes of it, computed with botocore 1.43.
struct SigV4Vector: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var service: AWSService
    var request: SigV4.Request
    var token: String?
    var canonicalRequest: String
    var hash: String
    var signature: String

    /// 2026-11-21T04:35:47Z.
    static let time = Timestamp(milliseconds: 1_795_235_747_000)
    static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    var credentials: Credentials {
        Credentials(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: token.map { Secret($0) }
        )
    }

    var scope: SigV4.Scope {
        SigV4.Scope(Self.time, region: "eu-west-1", service: service.name)
    }

    var rule: SigV4.PathRule {
        service == .s3 ? .verbatim : .normalizedAndEncodedAgain
    }

    static let headerForm = [
        SigV4Vector(
            testDescription: "a conditional PUT of an S3 object with a session token",
            service: .s3,
            request: SigV4.Request(
                method: "PUT",
                path: "/a//b/..%2F%C3%A9%20%24.json",
                query: [],
                headers: [
                    "Host": "bucket.s3.eu-west-1.amazonaws.com", "If-None-Match": "*",
                    "Content-Type": "application/json",
                ],
                payloadHash: SigV4.payloadHash(Array(#"{"a":1}"#.utf8))
            ),
            token: "TOKEN/+=",
            canonicalRequest: """
                PUT
                /a//b/..%2F%C3%A9%20%24.json

                content-type:application/json
                host:bucket.s3.eu-west-1.amazonaws.com
                if-none-match:*
                x-amz-content-sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862
                x-amz-date:20261121T043547Z
                x-amz-security-token:TOKEN/+=

                content-type;host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token
                015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862
                """,
            hash: "c7a48250a383dc5bc8394fc1fb3279f7e1fb6086278d691110f513e4ef52362f",
            signature: "015d46b1b0dfac5ad5c8d2f92508e825f12c66c874956df822f102d86764ee4e"
        ),
        SigV4Vector(
            testDescription: "an S3 listing addressed path-style",
            service: .s3,
            request: SigV4.Request(
                method: "GET",
                path: "/a.b/",
                query: [
                    NamedValue("list-type", "2"), NamedValue("prefix", "p/q r"),
                    NamedValue("continuation-token", "1+/="),
                ],
                headers: ["Host": "s3.eu-west-1.amazonaws.com"],
                payloadHash: emptyHash
            ),
            canonicalRequest: """
                GET
                /a.b/
                continuation-token=1%2B%2F%3D&list-type=2&prefix=p%2Fq%20r
                host:s3.eu-west-1.amazonaws.com
                x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                x-amz-date:20261121T043547Z

                host;x-amz-content-sha256;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """,
            hash: "0e15bac383d6b72478cb1d73a462840bcf729d6091fbf1cf8f4766c4d3dc8ce2",
            signature: "1ee55027d9a815f548fbcc4fbf47419045f9f38cb1c56e9ed39a3f43fdcb08a2"
        ),
        SigV4Vector(
            testDescription: "a Lambda invoke, whose path is encoded twice",
            service: .lambda,
            request: SigV4.Request(
                method: "POST",
                path: "/prefix/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1"
                    + "%3A123456789012%3Afunction%3Aevaluate/invocations",
                query: [],
                headers: ["Host": "127.0.0.1:4566", "X-Amz-Invocation-Type": "Event"],
                payloadHash: SigV4.payloadHash(Array("{}".utf8))
            ),
            canonicalRequest: """
                POST
                /prefix/2015-03-31/functions/arn%253Aaws%253Alambda%253Aeu-west-1\
                %253A123456789012%253Afunction%253Aevaluate/invocations

                host:127.0.0.1:4566
                x-amz-date:20261121T043547Z
                x-amz-invocation-type:Event

                host;x-amz-date;x-amz-invocation-type
                44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
                """,
            hash: "d4216f71616334622cc6aedb1a2809bc90c86eaacb8b3563e2fe4c739c0c66fa",
            signature: "9b0efa82c81aacee6e32527dd32b3578a0ff588f25c32a8be4bc7c339f501354"
        ),
    ]

    static let queryForm = [
        SigV4Vector(
            testDescription: "a presigned S3 GET with a session token",
            service: .s3,
            request: SigV4.Request(
                method: "GET",
                path: "/k%20ey",
                query: [NamedValue("versionId", "3")],
                headers: ["Host": "bucket.s3.eu-west-1.amazonaws.com"],
                payloadHash: "UNSIGNED-PAYLOAD"
            ),
            token: "TOKEN/+=",
            canonicalRequest: """
                GET
                /k%20ey
                X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2F\
                eu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T043547Z&X-Amz-Expires=60&\
                X-Amz-Security-Token=TOKEN%2F%2B%3D&X-Amz-SignedHeaders=host&versionId=3
                host:bucket.s3.eu-west-1.amazonaws.com

                host
                UNSIGNED-PAYLOAD
                """,
            hash: "47d3e8486227722087dcf731d06ae4d972876d9a3033b47586455cc384f34fc2",
            signature: "4ae8c2d538e48cc357615d2b22c6cfd703f08c923a02d25b453bb211db29bf82"
        ),
        SigV4Vector(
            testDescription: "a presigned STS GetCallerIdentity with a header of its own",
            service: .sts,
            request: SigV4.Request(
                method: "GET",
                path: "/",
                query: [
                    NamedValue("Action", "GetCallerIdentity"), NamedValue("Version", "2011-06-15"),
                ],
                headers: ["Host": "sts.eu-west-1.amazonaws.com", "x-k8s-aws-id": "cluster"],
                payloadHash: emptyHash
            ),
            canonicalRequest: """
                GET
                /
                Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&\
                X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Feu-west-1%2Fsts%2Faws4_request&\
                X-Amz-Date=20261121T043547Z&X-Amz-Expires=60&\
                X-Amz-SignedHeaders=host%3Bx-k8s-aws-id
                host:sts.eu-west-1.amazonaws.com
                x-k8s-aws-id:cluster

                host;x-k8s-aws-id
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """,
            hash: "fab0b68f33651121d8edec6fb61c1c67302963f0303228cbabc0f477e244aa3c",
            signature: "20116a1cf7c9d43f2ed96937aee156ee256768962f56779b671265d261230687"
        ),
    ]
}

@Suite struct SigV4Tests {
    @Test(arguments: SigV4Vector.headerForm)
    func `the header form is right at every stage`(vector: SigV4Vector) {
        let headers = Signer().authorize(
            vector.request,
            for: vector.service,
            region: "eu-west-1",
            credentials: vector.credentials,
            at: SigV4Vector.time
        )
        var signed = vector.request
        signed.headers = headers
        signed.headers["Authorization"] = nil
        expectStages(of: signed, in: vector)
        #expect(
            headers["Authorization"]
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/"
                + "\(vector.service.name)/aws4_request, "
                + "SignedHeaders=\(SigV4.signedHeaders(signed.headers)), "
                + "Signature=\(vector.signature)"
        )
    }

    @Test(arguments: SigV4Vector.queryForm)
    func `the query form is right at every stage`(vector: SigV4Vector) {
        let query = Signer().presign(
            vector.request,
            for: vector.service,
            region: "eu-west-1",
            credentials: vector.credentials,
            at: SigV4Vector.time,
            expiresAfter: 60
        )
        var signed = vector.request
        signed.query = query.dropLast()
        expectStages(of: signed, in: vector)
        #expect(query.last == NamedValue("X-Amz-Signature", vector.signature))
    }

    private func expectStages(of signed: SigV4.Request, in vector: SigV4Vector) {
        let canonicalRequest = SigV4.canonicalRequest(signed, path: vector.rule)
        #expect(String(decoding: canonicalRequest, as: UTF8.self) == vector.canonicalRequest)
        let stringToSign = SigV4.stringToSign(
            canonicalRequest,
            at: SigV4Vector.time,
            scope: vector.scope
        )
        #expect(
            stringToSign == """
                AWS4-HMAC-SHA256
                20261121T043547Z
                20261121/eu-west-1/\(vector.service.name)/aws4_request
                \(vector.hash)
                """
        )
        let key = SigV4.signingKey(vector.credentials.secretAccessKey, scope: vector.scope)
        #expect(SigV4.signature(key: key, stringToSign: stringToSign) == vector.signature)
    }

    /// The example of https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-examples.html.
    @Test func `the signing key is that of the guide's example`() {
        let scope = SigV4.Scope(
            Timestamp(milliseconds: 1_440_938_160_000),
            region: "us-east-1",
            service: "iam"
        )
        let key = SigV4.signingKey(
            Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            scope: scope
        )
        #expect(scope.text == "20150830/us-east-1/iam/aws4_request")
        #expect(
            Hex.lower(key) == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        )
    }

    @Test(arguments: [
        ("", "/", "/"),
        ("/", "/", "/"),
        ("//", "//", "/"),
        ("/a/./b", "/a/./b", "/a/b"),
        ("/a/../b", "/a/../b", "/b"),
        ("/../a", "/../a", "/a"),
        ("/a/..", "/a/..", "/"),
        ("/a/b/..", "/a/b/..", "/a"),
        ("//a//", "//a//", "/a/"),
        ("/a%2Fb", "/a%2Fb", "/a%252Fb"),
        ("/...", "/...", "/..."),
    ])
    func `a path is verbatim for S3, normalized and encoded again for others`(
        path: String,
        verbatim: String,
        normalized: String
    ) {
        #expect(SigV4.canonicalURI(path, .verbatim) == verbatim)
        #expect(SigV4.canonicalURI(path, .normalizedAndEncodedAgain) == normalized)
    }

    @Test func `a query is sorted by encoded name, then by encoded value`() {
        let query = [
            NamedValue("b", "2"), NamedValue("a", "~"), NamedValue("a", " "), NamedValue("a-", ""),
            NamedValue("A", "é"),
        ]
        #expect(SigV4.canonicalQuery(query) == "A=%C3%A9&a=%20&a=~&a-=&b=2")
    }
}

@Suite struct SignerTests {
    private func authorization(_ signer: Signer, secret: String, region: String, day: Int)
        -> String?
    {
        signer.authorize(
            SigV4Vector.headerForm[1].request,
            for: .s3,
            region: region,
            credentials: Credentials(accessKeyID: "A", secretAccessKey: Secret(secret)),
            at: SigV4Vector.time.adding(milliseconds: day * 86_400_000)
        )["Authorization"]
    }

    @Test func `a kept key is that of its secret, day, region and service alone`() {
        let signer = Signer()
        for _ in 1...2 {
            for secret in ["one", "other"] {
                for region in ["eu-west-1", "us-east-1"] {
                    for day in [0, 1, 0] {
                        let kept = authorization(signer, secret: secret, region: region, day: day)
                        let fresh = authorization(
                            Signer(),
                            secret: secret,
                            region: region,
                            day: day
                        )
                        #expect(kept == fresh)
                    }
                }
            }
        }
    }

    @Test func `a thousand secrets are signed with, one after the other`() {
        let signer = Signer()
        for number in 0..<1000 {
            let kept = authorization(signer, secret: "\(number)", region: "eu-west-1", day: 0)
            #expect(
                kept == authorization(Signer(), secret: "\(number)", region: "eu-west-1", day: 0)
            )
        }
    }

    @Test func `a header that is there already is replaced, not sent twice`() {
        var request = SigV4Vector.headerForm[0].request
        request.headers["x-amz-date"] = "20000101T000000Z"
        request.headers["authorization"] = "old"
        let headers = Signer().authorize(
            request,
            for: .s3,
            region: "eu-west-1",
            credentials: SigV4Vector.headerForm[0].credentials,
            at: SigV4Vector.time
        )
        #expect(headers["Authorization"]?.hasSuffix(SigV4Vector.headerForm[0].signature) == true)
        #expect(headers.fields.count == 7)
    }
}
