import Codec
import Platform
import TestSupport
import Testing

@testable import AWS

@Suite struct S3UpdateTests {
    private static let s3 = S3(bucket: "bucket")

    /// A bucket that holds to the conditions of writes.
    private final class Bucket {
        var objects: [String: String] = [:]
        /// What somebody else does before a request takes effect.
        var before: (_ request: HTTPRequest) -> Void = { _ in }
        private(set) lazy var cloud = FakeCloud { [unowned self] request, _ in answer(request) }

        private func answer(_ request: HTTPRequest) -> FakeCloud.Answer {
            before(request)
            let key = String(request.target.dropFirst())
            let found = objects[key]
            guard request.method == "PUT" else {
                return found.map { .answer(200, $0, ["ETag": $0]) } ?? .answer(404)
            }
            if request.headers["If-None-Match"] == "*", found != nil { return .answer(412) }
            if let etag = request.headers["If-Match"], found != etag {
                return .answer(found == nil ? 404 : 412)
            }
            let text = String(decoding: request.body, as: UTF8.self)
            objects[key] = text
            return .answer(200, "", ["ETag": text])
        }

        /// `GET k`, `PUT k if a`, ….
        var requests: [[String]] {
            cloud.batches.map { batch in
                batch.map { request in
                    let condition =
                        request.headers["If-Match"] ?? request.headers["If-None-Match"]
                    let words = "\(request.method) \(request.target.dropFirst())"
                    return words + (condition.map { " if \($0)" } ?? "")
                }
            }
        }

        func update(_ update: S3Update) throws -> S3Update.Outcome {
            try cloud.client().update(update, deadline: cloud.deadline())
        }
    }

    private static func content(_ text: String) -> S3Update.Content {
        S3Update.Content(Array(text.utf8))
    }

    /// Appends to what is there.
    private static func appending(_ letter: String, to key: String = "k") -> S3Update {
        S3Update(of: key, in: s3) { found in
            content(String(decoding: found?.body ?? [], as: UTF8.self) + letter)
        }
    }

    /// Guesses that there is nothing.
    private static func creating(_ text: String, at key: String = "k") -> S3Update {
        S3Update(of: key, in: s3, writing: content(text), if: .absent) { found in
            content(text + String(decoding: found?.body ?? [], as: UTF8.self))
        }
    }

    @Test(arguments: [
        (nil, "b", ["GET k", "PUT k if *"]),
        ("a", "ab", ["GET k", "PUT k if a"]),
    ])
    func `what is there is read, changed, and written unless it has changed since`(
        before: String?,
        after: String,
        requests: [String]
    ) throws {
        let bucket = Bucket()
        bucket.objects["k"] = before
        #expect(try bucket.update(Self.appending("b")) == .stored(etag: after))
        #expect(bucket.objects["k"] == after)
        #expect(bucket.requests == requests.map { [$0] })
    }

    @Test func `a guess that is right takes one request`() throws {
        let bucket = Bucket()
        #expect(try bucket.update(Self.creating("a")) == .stored(etag: "a"))
        #expect(bucket.requests == [["PUT k if *"]])
    }

    @Test func `after a guess that is wrong the object is read at once`() throws {
        let bucket = Bucket()
        bucket.objects["k"] = "z"
        #expect(try bucket.update(Self.creating("a")) == .stored(etag: "az"))
        #expect(bucket.requests == [["PUT k if *"], ["GET k"], ["PUT k if z"]])
        #expect(bucket.cloud.sleeps.isEmpty)
    }

    @Test func `where another writer was faster, its object is changed, after a pause`() throws {
        let bucket = Bucket()
        bucket.objects["k"] = "a"
        bucket.before = { [unowned bucket] request in
            if request.method == "PUT", bucket.objects["k"] == "a" { bucket.objects["k"] = "x" }
        }
        #expect(try bucket.update(Self.appending("b")) == .stored(etag: "xb"))
        #expect(bucket.requests.flatMap { $0 } == ["GET k", "PUT k if a", "GET k", "PUT k if x"])
        #expect(bucket.cloud.sleeps == [0])
    }

    @Test func `an object that was deleted meanwhile is created`() throws {
        let bucket = Bucket()
        bucket.objects["k"] = "a"
        bucket.before = { [unowned bucket] request in
            if request.headers["If-Match"] != nil { bucket.objects["k"] = nil }
        }
        #expect(try bucket.update(Self.appending("b")) == .stored(etag: "b"))
        #expect(bucket.requests.last == ["PUT k if *"])
    }

    @Test func `an edit that writes nothing leaves the object`() throws {
        let bucket = Bucket()
        bucket.objects["k"] = "a"
        #expect(try bucket.update(S3Update(of: "k", in: Self.s3) { _ in nil }) == .left)
        #expect(bucket.requests == [["GET k"]])
    }

    @Test func `what others keep writing is given up after eight rounds`() throws {
        let bucket = Bucket()
        var number = 0
        bucket.before = { [unowned bucket] request in
            guard request.method == "PUT" else { return }
            number += 1
            bucket.objects["k"] = "\(number)"
        }
        #expect {
            try bucket.update(Self.appending("b"))
        } throws: { error in
            (error as? CallError)?.isRetryable == true
                && "\(error)"
                    == "s3:GetObject of bucket/k: Contended: others keep writing it"
        }
        #expect(number == 8)
        #expect(bucket.requests.count == 16)
        #expect(bucket.cloud.sleeps.count == 7)
    }

    @Test func `a pause has no fixed length, and a tenth of a second at the most`() throws {
        let bucket = Bucket()
        bucket.objects["k"] = "a"
        bucket.before = { [unowned bucket] request in
            if request.method == "PUT", bucket.objects["k"] == "a" { bucket.objects["k"] = "x" }
        }
        let client = try bucket.cloud.client(random: 200)
        _ = try client.update(Self.appending("b"), deadline: bucket.cloud.deadline())
        #expect(bucket.cloud.sleeps == [100])
    }

    @Test(arguments: [
        ("GET", "s3:GetObject of bucket/k: 403"), ("PUT", "s3:PutObject of bucket/k: 403"),
    ])
    func `a request that fails ends the update`(method: String, error: String) throws {
        let cloud = FakeCloud { request, _ in
            request.method == method ? .answer(403) : .answer(200, "a", ["ETag": "a"])
        }
        #expect {
            try cloud.client().update(Self.appending("b"), deadline: cloud.deadline())
        } throws: {
            "\($0)" == error
        }
    }

    @Test func `several are made in parallel, each with a result of its own`() throws {
        let bucket = Bucket()
        bucket.objects = ["wrong": "w", "read": "r", "kept": "k"]
        let updates = [
            Self.creating("a", at: "right"), Self.creating("b", at: "wrong"),
            Self.appending("c", to: "read"), S3Update(of: "kept", in: Self.s3) { _ in nil },
        ]
        let (client, deadline) = (try bucket.cloud.client(), bucket.cloud.deadline())
        let first = client.send(updates.map(\.firstCall), deadline: deadline)
        let results = client.finish(updates, first, deadline: deadline)
        #expect(
            try results.map { try $0.get() } == [
                .stored(etag: "a"), .stored(etag: "bw"), .stored(etag: "rc"), .left,
            ]
        )
        #expect(
            bucket.requests == [
                ["PUT right if *", "PUT wrong if *", "GET read", "GET kept"], ["GET wrong"],
                ["PUT read if r", "PUT wrong if w"],
            ]
        )
    }

    @Test func `metadata are written with the content`() throws {
        let bucket = Bucket()
        let update = S3Update(of: "k", in: Self.s3) { _ in
            S3Update.Content(Array("a".utf8), metadata: [NamedValue("owner", "o")])
        }
        _ = try bucket.update(update)
        let request = try #require(bucket.cloud.requests.last)
        #expect(request.headers["x-amz-meta-owner"] == "o")
        #expect(request.headers["Content-Type"] == "application/json")
    }
}
