package import Codec
package import Platform

/// Signature Version 4: each stage of it as one function without state.
///
/// The stages, in the order in which AWS's guide has them
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html):
/// `canonicalRequest`, `payloadHash`, `stringToSign`, `signingKey`, `signature`, and last
/// `authorization` (header form) or the query of a presigned URL, both put together by `Signer`.
package enum SigV4 {
    /// The algorithm's name as it stands in the string to sign and the header.
    package static var algorithm: String { "AWS4-HMAC-SHA256" }

    /// The canonical request: method, path, query, headers and payload hash in one fixed form.
    ///
    /// "Step 1: Create a canonical request" of the guide.
    package static func canonicalRequest(_ request: Request, path rule: PathRule) -> [UInt8] {
        canonicalRequest(request, CanonicalHeaders(request.headers), path: rule)
    }

    static func canonicalRequest(
        _ request: Request,
        _ headers: CanonicalHeaders,
        path rule: PathRule
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        // Few are longer.
        bytes.reserveCapacity(1_024)
        bytes.append(line: request.method)
        bytes.append(line: canonicalURI(request.path, rule))
        bytes.append(line: canonicalQuery(request.query))
        headers.append(to: &bytes)
        bytes.append(line: "")
        bytes.append(line: headers.names)
        bytes += request.payloadHash.utf8
        return bytes
    }

    /// The canonical URI of a path as it is sent.
    ///
    /// S3 takes it as it is. Every other service takes it normalised (no empty segment, no
    /// `.` and `..`) and percent-encoded once more.
    package static func canonicalURI(_ path: String, _ rule: PathRule) -> String {
        switch rule {
        case .verbatim:
            return path.utf8.isEmpty ? "/" : path
        case .normalizedAndEncodedAgain:
            return PercentEncoding.encode(normalized(path), keepingSlash: true)
        }
    }

    /// The canonical query: encoded, then sorted by name and within a name by value.
    package static func canonicalQuery(_ query: [NamedValue]) -> String {
        let encoded = query.map {
            NamedValue(PercentEncoding.encode($0.name), PercentEncoding.encode($0.value))
        }
        // No character of an encoded name comes before the 0.
        let keys = encoded.map { Array($0.name.utf8) + [0] + Array($0.value.utf8) }
        return encoded.inOrder(of: keys)
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// The names of all headers, lower-cased, sorted and joined by `;`.
    package static func signedHeaders(_ headers: HTTPHeaders) -> String {
        CanonicalHeaders(headers).names
    }

    /// The lower-case hex SHA-256 of a body.
    package static func payloadHash(_ body: [UInt8]) -> String {
        Hex.lower(SHA256.hash(body))
    }

    /// The string to sign: algorithm, time, scope and the canonical request's hash.
    ///
    /// "Step 3: Create a string to sign" of the guide.
    package static func stringToSign(
        _ canonicalRequest: [UInt8],
        at time: Timestamp,
        scope: Scope
    ) -> String {
        let hash = Hex.lower(SHA256.hash(canonicalRequest))
        return "\(algorithm)\n\(time.basic)\n\(scope.text)\n\(hash)"
    }

    /// The signing key: the secret, narrowed by HMAC to a day, a region and a service.
    ///
    /// "Step 4: Derive a signing key" of the guide.
    package static func signingKey(_ secret: Secret, scope: Scope) -> [UInt8] {
        let day = HMAC.sha256(
            key: Array("AWS4".utf8) + secret.revealed,
            message: Array(scope.day.utf8)
        )
        let region = HMAC.sha256(key: day, message: Array(scope.region.utf8))
        let service = HMAC.sha256(key: region, message: Array(scope.service.utf8))
        return HMAC.sha256(key: service, message: Array("aws4_request".utf8))
    }

    /// The signature: the lower-case hex HMAC of the string to sign.
    ///
    /// "Step 5: Calculate the signature" of the guide.
    package static func signature(key: [UInt8], stringToSign: String) -> String {
        Hex.lower(HMAC.sha256(key: key, message: Array(stringToSign.utf8)))
    }

    /// The value of the `Authorization` header.
    ///
    /// "Step 6: Add the signature to the request" of the guide.
    package static func authorization(
        accessKeyID: String,
        scope: Scope,
        signedHeaders: String,
        signature: String
    ) -> String {
        "\(algorithm) Credential=\(accessKeyID)/\(scope.text), "
            + "SignedHeaders=\(signedHeaders), Signature=\(signature)"
    }
}

extension SigV4 {
    /// Headers as they are signed: names lower-cased and sorted, values of one name joined by `,`
    /// in their order.
    struct CanonicalHeaders {
        private struct Field {
            var name: [UInt8]
            var value: [UInt8]
        }

        private var fields: [Field] = []

        /// A header that is not signed, because a proxy may rewrite it: as in the SDKs
        /// (botocore's `auth.py`, `SIGNED_HEADERS_BLACKLIST`).
        private static let unsignedHeader = "x-amzn-trace-id"

        init(_ headers: HTTPHeaders) {
            for field in headers.fields {
                let name = field.name.utf8.map { $0.asciiLowercased }
                if name.elementsEqual(Self.unsignedHeader.utf8) { continue }
                let value = Self.folded(field.value)
                if let index = fields.firstIndex(where: { $0.name == name }) {
                    fields[index].value.append(UInt8(ascii: ","))
                    fields[index].value += value
                } else {
                    fields.append(Field(name: name, value: value))
                }
            }
            fields = fields.inOrder(of: fields.map { $0.name })
        }

        /// The names, joined by `;`.
        var names: String {
            var names: [UInt8] = []
            for field in fields {
                if !names.isEmpty { names.append(UInt8(ascii: ";")) }
                names += field.name
            }
            return String(decoding: names, as: UTF8.self)
        }

        /// Adds a line `name:value` for each.
        func append(to bytes: inout [UInt8]) {
            for field in fields {
                bytes += field.name
                bytes.append(UInt8(ascii: ":"))
                bytes += field.value
                bytes.append(UInt8(ascii: "\n"))
            }
        }

        /// A header's value without outer white space, and each inner run of it one space.
        private static func folded(_ value: String) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(value.utf8.count)
            var isSpacePending = false
            for byte in value.utf8 {
                if byte.isASCIIWhiteSpace {
                    isSpacePending = !bytes.isEmpty
                } else {
                    if isSpacePending { bytes.append(UInt8(ascii: " ")) }
                    isSpacePending = false
                    bytes.append(byte)
                }
            }
            return bytes
        }
    }

    /// A path without empty, `.` and `..` segments; a final slash stays.
    private static func normalized(_ path: String) -> String {
        let bytes = Array(path.utf8)
        var segments: [ArraySlice<UInt8>] = []
        for segment in bytes.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual(".".utf8) { continue }
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        var normalized: [UInt8] = []
        for segment in segments {
            normalized.append(UInt8(ascii: "/"))
            normalized += segment
        }
        if normalized.isEmpty || bytes.last == UInt8(ascii: "/") {
            normalized.append(UInt8(ascii: "/"))
        }
        return String(decoding: normalized, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(line: String) {
        self += line.utf8
        append(UInt8(ascii: "\n"))
    }
}

extension SigV4 {
    /// A request as the signature sees it.
    package struct Request: Equatable, Sendable {
        package var method: String
        /// The path as it is sent, percent-encoded.
        package var path: String
        /// The query's fields, not encoded, in any order.
        package var query: [NamedValue]
        /// The headers, all of which are signed.
        ///
        /// `Host` must be one; what a proxy may change is added after signing.
        package var headers: HTTPHeaders
        /// The body's lower-case hex SHA-256, or `UNSIGNED-PAYLOAD`.
        package var payloadHash: String

        package init(
            method: String,
            path: String,
            query: [NamedValue],
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
        /// As it is sent: S3.
        case verbatim
        /// Without empty and dot segments, percent-encoded a second time: all others.
        case normalizedAndEncodedAgain
    }

    /// The scope of a signature: one day, one region, one service.
    package struct Scope: Equatable, Sendable {
        /// The day in UTC: `20150830`.
        package var day: String
        package var region: String
        package var service: String

        package init(_ time: Timestamp, region: String, service: String) {
            self.day = String(decoding: time.basic.utf8.prefix(8), as: UTF8.self)
            self.region = region
            self.service = service
        }

        /// `20150830/eu-west-1/s3/aws4_request`.
        package var text: String { "\(day)/\(region)/\(service)/aws4_request" }
    }
}
