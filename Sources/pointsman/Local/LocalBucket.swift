import AWS
import Codec
import Foundation
import Platform
import Trigger

/// A bucket in memory: what the functions write, beside the rules, which are read only.
actor LocalBucket {
    private var written: [ByteKey: [UInt8]] = [:]
    private var rules: [ByteKey: [UInt8]] = [:]

    /// Objects on a page of a listing, as S3 has it.
    static let page = 1_000

    /// Puts rules in the place of those that were there.
    func setRules(_ rules: [ByteKey: [UInt8]]) {
        self.rules = rules
    }

    /// What lies under a key.
    func object(_ key: String) -> [UInt8]? {
        object(ByteKey(key))
    }

    private func object(_ key: ByteKey) -> [UInt8]? {
        written[key] ?? rules[key]
    }

    /// Answers a request of S3's API, as far as the functions use it.
    func respond(to request: LocalRequest, key: String) -> HTTPResponse {
        switch request.method {
        case "GET" where key.isEmpty: list(QueryItems(request.query))
        case "GET": get(key, request.headers)
        case "PUT": put(key, request)
        default: Self.error(501, "NotImplemented", "\(request.method) is not answered locally")
        }
    }

    private func get(_ key: String, _ headers: HTTPHeaders) -> HTTPResponse {
        guard let body = object(key) else {
            return Self.error(404, "NoSuchKey", "The specified key does not exist.")
        }
        let etag = Self.etag(body)
        if headers["If-None-Match"] == etag {
            return HTTPResponse(status: 304, headers: ["ETag": etag])
        }
        return HTTPResponse(status: 200, headers: ["ETag": etag], body: body)
    }

    /// The conditional writes of the ledger and the decision records.
    private func put(_ key: String, _ request: LocalRequest) -> HTTPResponse {
        let key = ByteKey(key)
        guard rules[key] == nil else {
            return Self.error(403, "AccessDenied", "the folder's rules are read only")
        }
        let stands = written[key].map(Self.etag)
        if request.headers["If-None-Match"] == "*", stands != nil { return Self.conditionFailed }
        if let wanted = request.headers["If-Match"] {
            guard let stands else {
                return Self.error(404, "NoSuchKey", "The specified key does not exist.")
            }
            guard stands == wanted else { return Self.conditionFailed }
        }
        written[key] = request.body
        return HTTPResponse(status: 200, headers: ["ETag": Self.etag(request.body)])
    }

    /// ListObjectsV2: keys in the order of their bytes.
    private func list(_ query: QueryItems) -> HTTPResponse {
        let prefix = query["prefix"] ?? ""
        let after = query["continuation-token"] ?? ""
        let keys = Set(rules.keys).union(written.keys)
            .filter { $0.text.utf8.starts(with: prefix.utf8) }
            .sorted()
            .drop { !after.isEmpty && $0 <= ByteKey(after) }
        let page = keys.prefix(Self.page)
        var xml = "<ListBucketResult><EncodingType>url</EncodingType>"
        for key in page {
            let body = object(key) ?? []
            xml += "<Contents><Key>\(PercentEncoding.encode(key.text, keepingSlash: true))</Key>"
            xml += "<ETag>\(Self.etag(body))</ETag><Size>\(body.count)</Size></Contents>"
        }
        if let last = page.last, page.count < keys.count {
            let token = PercentEncoding.encode(last.text, keepingSlash: true)
            xml += "<IsTruncated>true</IsTruncated>"
            xml += "<NextContinuationToken>\(token)</NextContinuationToken>"
        }
        xml += "</ListBucketResult>"
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/xml"],
            body: Array(xml.utf8)
        )
    }

    /// The same content has the same.
    static func etag(_ body: [UInt8]) -> String {
        "\"\(Hex.lower(SHA1.hash(body)))\""
    }

    private static var conditionFailed: HTTPResponse {
        error(412, "PreconditionFailed", "At least one of the pre-conditions did not hold.")
    }

    private static func error(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
        let xml = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        return HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/xml"],
            body: Array(xml.utf8)
        )
    }
}

/// The fields of a query, decoded.
struct QueryItems {
    /// In the order that they came in.
    private(set) var items: [QueryItem] = []

    init(_ query: String) {
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0]).removingPercentEncoding ?? ""
            let value = parts.count > 1 ? String(parts[1]).removingPercentEncoding ?? "" : ""
            items.append(QueryItem(name, value))
        }
    }

    subscript(name: String) -> String? { items.last { $0.name == name }?.value }
}
