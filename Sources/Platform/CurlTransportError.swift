internal import CLibraries

extension TransportError {
    /// What a failure of libcurl means for a request.
    init(_ failure: CurlFailure, of request: HTTPRequest) {
        self.init(
            Self.kind(of: failure),
            method: request.method,
            origin: request.origin,
            reason: Self.inLowerCase(failure.reason)
        )
    }

    private static func kind(of failure: CurlFailure) -> Kind {
        switch failure.code {
        case CURLE_COULDNT_RESOLVE_HOST:
            .unresolved
        case CURLE_COULDNT_CONNECT:
            .unreachable
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut
        case CURLE_SSL_CONNECT_ERROR:
            // One code for a refused handshake and for a connection that broke in the middle
            // of it; only the text tells (curl, lib/vtls/openssl.c, ossl_connect_step2).
            failure.reason.utf8.starts(with: "OpenSSL SSL_connect: ".utf8) ? .broken : .untrusted
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            .untrusted
        case CURLE_URL_MALFORMAT, CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN,
            CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT:
            .invalid
        default:
            .broken
        }
    }

    /// The reason without its capital letter, so that it can follow a colon; `SSL` stays.
    private static func inLowerCase(_ reason: String) -> String {
        var bytes = Array(reason.utf8)
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let smalls = UInt8(ascii: "a")...UInt8(ascii: "z")
        if bytes.count > 1, capitals.contains(bytes[0]),
            smalls.contains(bytes[1]) || bytes[1] == 0x20
        {
            bytes[0] |= 0x20
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
