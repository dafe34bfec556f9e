import AWS
import Codec
@testable import Core
import Foundation
import Platform
import Testing

@testable import pointsman

/// The bucket in memory, as this project's own S3 client finds it.
@Suite struct LocalBucketTests {
    static let s3 = S3(bucket: LocalAWS.bucketName)

    static func respond(_ bucket: LocalBucket, _ call: AWSCall) async -> HTTPResponse {
        let query = call.query.map { item in
            let value = PercentEncoding.encode(item.value, keepingSlash: false)
            return "\(item.name)=\(value)"
        }
        let key = call.path.removingPercentEncoding ?? ""
        return await bucket.respond(
            to: LocalRequest(
                method: call.method,
                path: call.path,
                query: query.joined(separator: "&"),
                headers: call.headers,
                body: call.body
            ),
            key: String(key.dropFirst())
        )
    }

    static func put(_ condition: S3.Condition, _ text: String) -> AWSCall {
        s3.putObject(
            "p/a b",
            Array(text.utf8),
            contentType: "application/json",
            condition: condition
        )
    }

    @Test func `a listing leaves out what has the delimiter after the prefix`() async throws {
        let bucket = LocalBucket()
        for key in ["p/a.json", "p/a/b.json"] {
            let call = Self.s3.putObject(
                key,
                Array("{}".utf8),
                contentType: "application/json",
                condition: .absent
            )
            _ = await Self.respond(bucket, call)
        }
        for (delimiter, keys) in [(nil, ["p/a.json", "p/a/b.json"]), ("/", ["p/a.json"])] {
            let call = Self.s3.listObjects(prefix: "p/", delimiter: delimiter)
            let page = try S3.page(of: call, await Self.respond(bucket, call))
            #expect(page.objects.map(\.key) == keys)
        }
    }

    @Test func `what was written is read, on every condition of S3's`() async throws {
        let bucket = LocalBucket()
        let reading = Self.s3.getObject("p/a b")
        #expect(try S3.object(ofGet: reading, await Self.respond(bucket, reading)) == nil)
        let changing = Self.put(.unchanged(etag: "\"x\""), "0")
        #expect(
            try S3.result(ofPut: changing, await Self.respond(bucket, changing))
                == .preconditionFailed
        )
        let first = Self.put(.absent, "1")
        guard
            case .stored(let etag) = try S3.result(ofPut: first, await Self.respond(bucket, first))
        else {
            Issue.record("it was not stored")
            return
        }
        for call in [first, changing] {
            let answer = await Self.respond(bucket, call)
            #expect(try S3.result(ofPut: call, answer) == .preconditionFailed)
        }
        let second = Self.put(.unchanged(etag: etag), "2")
        #expect(await Self.respond(bucket, second).status == 200)
        let object = try S3.object(ofGet: reading, await Self.respond(bucket, reading))
        #expect(object?.body == Array("2".utf8))
    }

    @Test func `a listing has pages, the rules among them, and keys of any kind`() async throws {
        let bucket = LocalBucket()
        var rules: [ByteKey: [UInt8]] = [
            ByteKey("p/rules/ä&<+ .json"): [1, 2], ByteKey("other/x"): [],
        ]
        for number in 0..<1_500 {
            rules[ByteKey("p/rules/\(number).json")] = [UInt8(number % 256)]
        }
        await bucket.setRules(rules)
        var listed: [S3.ListedObject] = []
        var continuation: String?
        repeat {
            let call = Self.s3.listObjects(prefix: "p/rules/", continuation: continuation)
            let page = try S3.page(of: call, await Self.respond(bucket, call))
            listed += page.objects
            continuation = page.continuation
        } while continuation != nil
        #expect(Set(listed.map(\.key)) == Set(rules.keys.map(\.text)).subtracting(["other/x"]))
        #expect(listed.count == 1_501)
        let odd = try #require(listed.first { $0.key == "p/rules/ä&<+ .json" })
        #expect(odd.size == 2)
        #expect(odd.etag == LocalBucket.etag([1, 2]))
    }

    @Test func `two spellings of one name are two objects`() async {
        let bucket = LocalBucket()
        let (composed, decomposed) = ("p/\u{E9}", "p/e\u{301}")
        await bucket.setRules([ByteKey(composed): [1], ByteKey(decomposed): [2]])
        #expect(await bucket.object(composed) == [1])
        #expect(await bucket.object(decomposed) == [2])
    }

    @Test func `rules are read only`() async {
        let bucket = LocalBucket()
        await bucket.setRules([ByteKey("p/a b"): [1]])
        #expect(await Self.respond(bucket, Self.put(.none, "x")).status == 403)
        #expect(await bucket.object("p/a b") == [1])
    }
}
