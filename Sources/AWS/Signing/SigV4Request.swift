package import Codec
package import Platform

extension SigV4 {
    /// A request as the signature sees it.
    package struct Request: Equatable, Sendable {
        /// The method in upper case.
        package var method: String
        /// The path as it goes on the wire, percent-encoded.
        package var path: String
        /// The query's fields, not encoded, in any order.
        package var query: [QueryItem]
        /// The headers, all of which are signed.
        ///
        /// `Host` must be one; what a proxy may change is added after signing.
        package var headers: HTTPHeaders
        /// The body's lower-case hex SHA-256, or `UNSIGNED-PAYLOAD`.
        package var payloadHash: String

        /// Makes a request.
        package init(
            method: String,
            path: String,
            query: [QueryItem],
            headers: HTTPHeaders,
            payloadHash: String
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.headers = headers
            self.payloadHash = payloadHash
        }
    }

    /// How a service wants the path in the canonical request.
    package enum PathRule: Equatable, Sendable {
        /// As it goes on the wire: S3.
        case verbatim
        /// Without empty and dot segments, percent-encoded a second time: all others.
        case normalizedAndEncodedAgain
    }

    /// What a signature is good for: one day, one region, one service.
    package struct Scope: Equatable, Sendable {
        /// The day in UTC: `20150830`.
        package var day: String
        /// The region: `eu-west-1`.
        package var region: String
        /// The service's signing name: `s3`.
        package var service: String

        /// The scope of a moment.
        package init(_ time: Timestamp, region: String, service: String) {
            self.day = String(decoding: time.basic.utf8.prefix(8), as: UTF8.self)
            self.region = region
            self.service = service
        }

        /// `20150830/eu-west-1/s3/aws4_request`.
        package var text: String {
            "\(day)/\(region)/\(service)/aws4_request"
        }
    }
}

/// One field of a query, not encoded.
package struct QueryItem: Equatable, Sendable {
    /// The field's name.
    package var name: String
    /// The field's value; empty is written as `name=`.
    package var value: String

    /// Makes a field.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The fields in their order, percent-encoded: a query or a form's body.
    package static func encoded(_ items: [QueryItem]) -> String {
        var text = ""
        for item in items {
            if !text.utf8.isEmpty { text += "&" }
            text += PercentEncoding.encode(item.name, keepingSlash: false)
            text += "="
            text += PercentEncoding.encode(item.value, keepingSlash: false)
        }
        return text
    }
}
