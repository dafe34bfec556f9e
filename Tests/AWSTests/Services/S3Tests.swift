import AWS
import Codec
import Platform
import TestSupport
import Testing

@Suite struct S3Tests {
    private let s3 = S3(bucket: "bucket")

    /// The one request that a call makes.
    private func request(_ call: AWSCall, _ status: Int = 200) throws -> HTTPRequest {
        let cloud = FakeCloud([.answer(status)])
        _ = try cloud.client().send(call, deadline: cloud.deadline())
        return cloud.requests[0]
    }

    /// What is read out of an answer to a call.
    private func get(_ answer: FakeCloud.Answer) throws -> S3.StoredObject? {
        let cloud = FakeCloud([answer])
        let call = s3.getObject("k")
        let response = try cloud.client().send(call, deadline: cloud.deadline())
        return try S3.object(ofGet: call, response)
    }

    private func put(_ answer: FakeCloud.Answer, _ condition: S3.Condition) throws -> S3.PutResult {
        let cloud = FakeCloud([answer])
        let call = s3.putObject("k", [], contentType: "text/plain", condition: condition)
        let response = try cloud.client().send(call, deadline: cloud.deadline())
        return try S3.result(ofPut: call, response)
    }

    private func page(_ body: String) throws -> S3.Page {
        let call = s3.listObjects(prefix: "p/")
        return try S3.page(of: call, HTTPResponse(status: 200, body: Array(body.utf8)))
    }

    @Test(arguments: [
        ("a/b.json", "/a/b.json"),
        ("a//../b", "/a//../b"),
        ("a b+c%é?#&=~", "/a%20b%2Bc%25%C3%A9%3F%23%26%3D~"),
        ("/a", "//a"),
    ])
    func `a key is percent-encoded once, its slashes kept`(key: String, target: String) throws {
        #expect(try request(s3.getObject(key)).target == target)
    }

    @Test func `a GET gives the object, or that it is not there`() throws {
        let headers: HTTPHeaders = ["ETag": #""e""#, "x-amz-meta-owner": "o"]
        let object = S3.StoredObject(etag: #""e""#, body: Array("text".utf8), headers: headers)
        #expect(try get(.answer(200, "text", headers)) == object)
        #expect(try get(.answer(404, "<Error><Code>NoSuchKey</Code></Error>")) == nil)
        #expect(try get(.answer(404)) == nil)
    }

    @Test(arguments: [
        (
            404, "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>",
            "404 NoSuchBucket: there is no such bucket"
        ),
        (403, "<Error><Code>AccessDenied</Code></Error>", "403 AccessDenied"),
        (200, "text", "200 UnreadableAnswer: the answer has no ETag"),
    ])
    func `a GET fails otherwise`(status: Int, body: String, message: String) {
        #expect {
            try get(.answer(status, body))
        } throws: { error in
            "\(error)" == "s3:GetObject of bucket/k: \(message)"
        }
    }

    @Test(arguments: [
        (S3.Condition.none, nil, nil),
        (.absent, "*", nil),
        (.unchanged(etag: #""e""#), nil, #""e""#),
    ])
    func `a PUT says its condition`(
        condition: S3.Condition,
        ifNoneMatch: String?,
        ifMatch: String?
    ) throws {
        let call = s3.putObject(
            "k",
            Array("{}".utf8),
            contentType: "application/json",
            condition: condition,
            metadata: [NamedValue("owner", "o")]
        )
        let request = try request(call)
        #expect(request.method == "PUT")
        #expect(request.body == Array("{}".utf8))
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(request.headers["x-amz-meta-owner"] == "o")
        #expect(request.headers["If-None-Match"] == ifNoneMatch)
        #expect(request.headers["If-Match"] == ifMatch)
    }

    @Test func `a PUT gives the ETag, or that the condition does not hold`() throws {
        #expect(try put(.answer(200, "", ["ETag": #""e""#]), .none) == .stored(etag: #""e""#))
        #expect(try put(.answer(412), .absent) == .preconditionFailed)
        #expect(try put(.answer(412), .unchanged(etag: "e")) == .preconditionFailed)
        #expect(try put(.answer(404), .unchanged(etag: "e")) == .preconditionFailed)
    }

    @Test(arguments: [
        (412, S3.Condition.none, "", "412"),
        (404, .absent, "", "404"),
        (
            404, .unchanged(etag: "e"), "<Error><Code>NoSuchBucket</Code></Error>",
            "404 NoSuchBucket: there is no such bucket"
        ),
        (200, .none, "", "200 UnreadableAnswer: the answer has no ETag"),
    ])
    func `a PUT fails otherwise`(
        status: Int,
        condition: S3.Condition,
        body: String,
        message: String
    ) {
        #expect {
            try put(.answer(status, body), condition)
        } throws: { error in
            "\(error)" == "s3:PutObject of bucket/k: \(message)"
        }
    }

    @Test(arguments: ["ConditionalRequestConflict", "OperationAborted"])
    func `a PUT into which another came is sent again`(code: String) throws {
        let cloud = FakeCloud([
            .answer(409, "<Error><Code>\(code)</Code></Error>"), .answer(412),
        ])
        let call = s3.putObject("k", [], contentType: "text/plain", condition: .absent)
        let response = try cloud.client().send(call, deadline: cloud.deadline())
        #expect(try S3.result(ofPut: call, response) == .preconditionFailed)
        #expect(cloud.batches.count == 2)
    }

    @Test func `a DELETE of what is not there succeeds`() throws {
        let request = try request(s3.deleteObject("k"), 204)
        #expect(request.method == "DELETE")
        #expect(request.target == "/k")
    }

    @Test func `a listing is asked for by prefix and continuation`() throws {
        #expect(
            try request(s3.listObjects(prefix: "p/é")).target
                == "/?list-type=2&encoding-type=url&prefix=p%2F%C3%A9"
        )
        #expect(
            try request(s3.listObjects(prefix: "p/", continuation: "1+/=")).target
                == "/?list-type=2&encoding-type=url&prefix=p%2F&continuation-token=1%2B%2F%3D"
        )
        #expect(
            try request(s3.listObjects(prefix: "p/", delimiter: "/")).target
                == "/?list-type=2&encoding-type=url&prefix=p%2F&delimiter=%2F"
        )
    }

    @Test(arguments: [
        ("<EncodingType>url</EncodingType>", "p/a+b%2Bc%20%C3%A9", "p/a b+c é"),
        ("", "p/a+b%2Bc", "p/a+b%2Bc"),
    ])
    func `a key is decoded where the listing is encoded`(
        encoding: String,
        text: String,
        key: String
    ) throws {
        let page = try page(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\(encoding)
            <IsTruncated>false</IsTruncated><Contents><Key>\(text)</Key>
            <ETag>&quot;e&quot;</ETag><Size>7</Size></Contents></ListBucketResult>
            """
        )
        let object = S3.ListedObject(key: key, etag: #""e""#, size: 7)
        #expect(page == S3.Page(objects: [object], continuation: nil))
    }

    @Test(arguments: [
        ("", "the answer is no ListBucketResult"),
        ("<ListBucketResult>", "the answer is no ListBucketResult"),
        ("<Error/>", "the answer is no ListBucketResult"),
        ("<Contents><Key>k</Key><ETag>e</ETag></Contents>", "an object without Key, ETag or Size"),
        (
            "<Contents><Size>1</Size><ETag>e</ETag></Contents>",
            "an object without Key, ETag or Size"
        ),
        ("<Contents><Size>1</Size><Key>k</Key></Contents>", "an object without Key, ETag or Size"),
        (
            "<Contents><Size>x</Size><Key>k</Key><ETag>e</ETag></Contents>",
            "an object without Key, ETag or Size"
        ),
        (
            """
            <EncodingType>url</EncodingType><Contents><Size>1</Size><Key>%</Key><ETag>e</ETag>\
            </Contents>
            """,
            "an object without Key, ETag or Size"
        ),
        ("<IsTruncated>true</IsTruncated>", "a truncated listing has no continuation"),
    ])
    func `a listing that cannot be read is an error`(body: String, reason: String) {
        let isWhole =
            body.hasPrefix("<Contents") || body.hasPrefix("<Enc") || body.hasPrefix("<IsT")
        #expect {
            try page(isWhole ? "<ListBucketResult>\(body)</ListBucketResult>" : body)
        } throws: { error in
            "\(error)" == "s3:ListObjectsV2 of bucket/p/: 200 UnreadableAnswer: \(reason)"
        }
    }

    @Test func `all pages are read, each after the one before`() throws {
        let cloud = FakeCloud { request, batch in
            let more =
                "<IsTruncated>true</IsTruncated>"
                + "<NextContinuationToken>t\(batch)</NextContinuationToken>"
            return .answer(
                200,
                """
                <ListBucketResult>\(batch < 3 ? more : "")<Contents><Key>k\(batch)</Key>
                <ETag>e</ETag><Size>1</Size></Contents></ListBucketResult>
                """
            )
        }
        let first = S3.Page(objects: [.init(key: "k0", etag: "e", size: 1)], continuation: "t0")
        let objects = try cloud.client().allObjects(
            from: first,
            in: s3,
            prefix: "p/",
            delimiter: "/",
            deadline: cloud.deadline()
        )
        #expect(objects.map(\.key) == ["k0", "k1", "k2", "k3"])
        let start =
            "/?list-type=2&encoding-type=url&prefix=p%2F&delimiter=%2F&continuation-token="
        #expect(cloud.requests.map(\.target) == [start + "t0", start + "t1", start + "t2"])
    }

    @Test func `a page that cannot be had fails the whole listing`() throws {
        let cloud = FakeCloud([.answer(403)])
        #expect {
            try cloud.client().allObjects(
                from: S3.Page(objects: [], continuation: "t"),
                in: s3,
                prefix: "p/",
                deadline: cloud.deadline()
            )
        } throws: { error in
            "\(error)" == "s3:ListObjectsV2 of bucket/p/: 403"
        }
    }
}
