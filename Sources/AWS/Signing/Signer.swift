package import Codec
package import Platform

/// Signs requests in the header form and as presigned URLs, keeping the derived keys.
package final class Signer {
    private struct DerivedKey {
        var secret: Secret
        var scope: SigV4.Scope
        var key: [UInt8]
    }

    /// More than one invocation's roles, regions and services ever need at once.
    private static var maximumKeys: Int { 64 }

    private var keys: [DerivedKey] = []

    package init() {}

    /// The request's headers with `X-Amz-Date`, the session token and `Authorization` added.
    ///
    /// For S3 `X-Amz-Content-Sha256` is added too, as it requires
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
    package func authorize(
        _ request: SigV4.Request,
        for service: AWSService,
        region: String,
        credentials: Credentials,
        at time: Timestamp
    ) -> HTTPHeaders {
        var request = request
        request.headers["Authorization"] = nil
        request.headers["X-Amz-Date"] = time.basic
        if service == .s3 { request.headers["X-Amz-Content-Sha256"] = request.payloadHash }
        if let token = credentials.sessionToken {
            request.headers["X-Amz-Security-Token"] = token.text
        }
        let scope = SigV4.Scope(time, region: region, service: service.name)
        let headers = SigV4.CanonicalHeaders(request.headers)
        request.headers["Authorization"] = SigV4.authorization(
            accessKeyID: credentials.accessKeyID,
            scope: scope,
            signedHeaders: headers.names,
            signature: signature(request, headers, service, scope, credentials, time)
        )
        return request.headers
    }

    /// The request's query with the signature's fields added, `X-Amz-Signature` last.
    ///
    /// Every header of the request is signed, so the caller of the URL must send the same
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
    /// For S3 the payload hash has to be `UNSIGNED-PAYLOAD`, else that of an empty body.
    package func presign(
        _ request: SigV4.Request,
        for service: AWSService,
        region: String,
        credentials: Credentials,
        at time: Timestamp,
        expiresAfter seconds: Int
    ) -> [NamedValue] {
        let scope = SigV4.Scope(time, region: region, service: service.name)
        var request = request
        request.query.append(NamedValue("X-Amz-Algorithm", SigV4.algorithm))
        request.query.append(
            NamedValue("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope.text)")
        )
        request.query.append(NamedValue("X-Amz-Date", time.basic))
        request.query.append(NamedValue("X-Amz-Expires", "\(seconds)"))
        let headers = SigV4.CanonicalHeaders(request.headers)
        request.query.append(NamedValue("X-Amz-SignedHeaders", headers.names))
        if let token = credentials.sessionToken {
            request.query.append(NamedValue("X-Amz-Security-Token", token.text))
        }
        let signature = signature(request, headers, service, scope, credentials, time)
        return request.query + [NamedValue("X-Amz-Signature", signature)]
    }

    /// All stages of a request that is complete but for its signature.
    private func signature(
        _ request: SigV4.Request,
        _ headers: SigV4.CanonicalHeaders,
        _ service: AWSService,
        _ scope: SigV4.Scope,
        _ credentials: Credentials,
        _ time: Timestamp
    ) -> String {
        let canonicalRequest = SigV4.canonicalRequest(
            request,
            headers,
            path: service == .s3 ? .verbatim : .normalizedAndEncodedAgain
        )
        return SigV4.signature(
            key: signingKey(credentials.secretAccessKey, scope),
            stringToSign: SigV4.stringToSign(canonicalRequest, at: time, scope: scope)
        )
    }

    /// The key for a secret and a scope, derived once; another day's keys are dropped.
    private func signingKey(_ secret: Secret, _ scope: SigV4.Scope) -> [UInt8] {
        for derived in keys
        where derived.scope == scope && derived.secret.revealed == secret.revealed {
            return derived.key
        }
        let key = SigV4.signingKey(secret, scope: scope)
        keys.removeAll { $0.scope.day != scope.day }
        if keys.count == Self.maximumKeys { keys.removeFirst() }
        keys.append(DerivedKey(secret: secret, scope: scope, key: key))
        return key
    }
}
