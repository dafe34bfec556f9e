import AWS
import Codec
import Foundation
import Platform

/// Whether a request was signed with the keys that the functions of this run have.
///
/// The reverse of `Signer`: the signature (AWS Signature Version 4, in the header) is made anew from
/// what came.
struct SignatureCheck: Sendable {
    let credentials: Credentials

    /// Milliseconds by which a signature's time may be off, as AWS has it.
    static let skew = 15 * 60 * 1_000

    /// Whether the request, its headers, query and body are as somebody with the keys signed them.
    func holds(for request: LocalRequest, at now: Timestamp) -> Bool {
        guard let authorization = request.headers["Authorization"].flatMap(Authorization.init),
            let time = request.headers["X-Amz-Date"].flatMap(Self.time),
            abs(time.milliseconds - now.milliseconds) <= Self.skew,
            let headers = authorization.signedHeaders(of: request.headers)
        else { return false }
        let scope = SigV4.Scope(time, region: authorization.region, service: authorization.service)
        let signed = SigV4.Request(
            method: request.method,
            path: request.path,
            query: QueryItems(request.query).items,
            headers: headers,
            payloadHash: SigV4.payloadHash(request.body)
        )
        let isS3 = authorization.service == AWSService.s3.name
        let canonical = SigV4.canonicalRequest(
            signed,
            path: isS3 ? .verbatim : .normalizedAndEncodedAgain
        )
        let expected = SigV4.authorization(
            accessKeyID: credentials.accessKeyID,
            scope: scope,
            signedHeaders: SigV4.signedHeaders(headers),
            signature: SigV4.signature(
                key: SigV4.signingKey(credentials.secretAccessKey, scope: scope),
                stringToSign: SigV4.stringToSign(canonical, at: time, scope: scope)
            )
        )
        return constantTimeEquals(Array(expected.utf8), Array(authorization.text.utf8))
    }

    /// `20150830T123600Z`.
    private static func time(_ basic: String) -> Timestamp? {
        let parts = basic.wholeMatch(of: /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/)
        guard let (_, year, month, day, hour, minute, second) = parts?.output else { return nil }
        return Timestamp(iso8601: "\(year)-\(month)-\(day)T\(hour):\(minute):\(second)Z")
    }
}

/// What the header `Authorization` says of itself.
private struct Authorization {
    var text: String
    var region: String
    var service: String
    /// In lower case.
    var names: [String]

    init?(_ text: String) {
        let scope = /.* Credential=[^\/, ]+\/\d{8}\/([^\/, ]+)\/([^\/, ]+)\/aws4_request/
        guard let found = text.firstMatch(of: scope),
            let names = text.firstMatch(of: /SignedHeaders=([^, ]+)/)?.output.1
        else { return nil }
        self.text = text
        region = String(found.output.1)
        service = String(found.output.2)
        self.names = names.split(separator: ";").map(String.init)
    }

    /// The headers that are signed; `nil` where one is not that says what is asked of whom.
    func signedHeaders(of headers: HTTPHeaders) -> HTTPHeaders? {
        var signed = HTTPHeaders()
        for field in headers.fields {
            let name = field.name.lowercased()
            if names.contains(name), name != "authorization" {
                signed.append(field.name, field.value)
            } else if name == "host" || name.hasPrefix("x-amz-") || name.hasPrefix("if-") {
                return nil
            }
        }
        return signed
    }
}
