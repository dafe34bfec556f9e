package import Platform

internal import Codec

extension S3 {
    /// An object as a listing has it.
    package struct ListedObject: Equatable, Sendable {
        package var key: String
        /// The ETag in quotes as it came.
        package var etag: String
        package var size: Int

        package init(key: String, etag: String, size: Int) {
            self.key = key
            self.etag = etag
            self.size = size
        }
    }

    /// One page of a listing.
    package struct Page: Equatable, Sendable {
        /// The objects in the order of their keys.
        package var objects: [ListedObject]
        /// What the next page is asked for with; `nil` on the last.
        package var continuation: String?

        package init(objects: [ListedObject], continuation: String?) {
            self.objects = objects
            self.continuation = continuation
        }
    }

    /// ListObjectsV2: up to 1000 objects whose keys begin with the prefix, then a continuation
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
    ///
    /// - Parameter delimiter: keys that have it after the prefix are left out.
    package func listObjects(
        prefix: String,
        delimiter: String? = nil,
        continuation: String? = nil
    ) -> AWSCall {
        var query = [
            NamedValue("list-type", "2"),
            // Keys may hold characters that XML cannot.
            NamedValue("encoding-type", "url"),
            NamedValue("prefix", prefix),
        ]
        if let delimiter { query.append(NamedValue("delimiter", delimiter)) }
        if let continuation { query.append(NamedValue("continuation-token", continuation)) }
        return AWSCall(
            .s3,
            "ListObjectsV2",
            of: "\(bucket)/\(prefix)",
            method: "GET",
            query: query,
            bucket: bucket
        )
    }

    package static func page(of call: AWSCall, _ response: HTTPResponse) throws(CallError) -> Page {
        guard let root = try? XML(parsing: response.body), root.name == "ListBucketResult" else {
            throw .unreadable(call, response, "the answer is no ListBucketResult")
        }
        let isEncoded = root["EncodingType"]?.text == "url"
        var page = Page(objects: [], continuation: nil)
        for element in root.all("Contents") {
            guard let key = element["Key"]?.text,
                let decoded = isEncoded ? self.decoded(key) : key,
                let etag = element["ETag"]?.text,
                let size = element["Size"].flatMap({ Int($0.text) })
            else {
                throw .unreadable(call, response, "an object without Key, ETag or Size")
            }
            page.objects.append(ListedObject(key: decoded, etag: etag, size: size))
        }
        if root["IsTruncated"]?.text == "true" {
            guard let token = root["NextContinuationToken"]?.text, !token.utf8.isEmpty else {
                throw .unreadable(call, response, "a truncated listing has no continuation")
            }
            page.continuation = token
        }
        return page
    }

    /// A key as a path: slashes stay.
    static func encoded(_ key: String) -> String {
        PercentEncoding.encode(key, keepingSlash: true)
    }

    /// A key out of a listing with `encoding-type=url`, where a space is `+`.
    private static func decoded(_ key: String) -> String? {
        PercentEncoding.decode(Array(key.utf8), plusIsSpace: true).map { bytes in
            String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension AWSClient {
    /// The objects of a listing's first page, which may have come along with other answers, and
    /// of all pages after it, one after the other.
    package func allObjects(
        from first: S3.Page,
        in s3: S3,
        prefix: String,
        delimiter: String? = nil,
        deadline: Deadline
    ) throws(CallError) -> [S3.ListedObject] {
        var page = first
        var objects = page.objects
        while let continuation = page.continuation {
            let call = s3.listObjects(
                prefix: prefix,
                delimiter: delimiter,
                continuation: continuation
            )
            page = try S3.page(of: call, send(call, deadline: deadline))
            objects += page.objects
        }
        return objects
    }
}
