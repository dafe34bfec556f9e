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
        let kind = kind(ofSent: failure)
        return kind.leavesOpen && !failure.wentOut ? .notSent : kind
    }

    /// The kind where some of the request may have gone out.
    private static func kind(ofSent failure: CurlFailure) -> Kind {
        switch failure.code {
        case CURLE_COULDNT_RESOLVE_HOST:
            .unresolved
        case CURLE_COULDNT_CONNECT:
            .unreachable
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut
        case CURLE_FILESIZE_EXCEEDED:
            .tooLarge
        case CURLE_SSL_CONNECT_ERROR:
            // One code for a refused handshake and for a connection that broke in the middle
            // of it; only the text tells (curl, lib/vtls/openssl.c, ossl_connect_step2, and
            // lib/cf-socket.c or lib/sendf.c for the reads and writes beneath).
            handshakeBreaks.contains { failure.reason.utf8.starts(with: $0.utf8) }
                ? .broken : .untrusted
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

    /// How the reasons begin that tell of a connection, not of a certificate.
    private static var handshakeBreaks: [String] {
        ["OpenSSL SSL_connect: ", "Recv failure: ", "Send failure: "]
    }

    /// The reason without its capital letter, so that it can follow a colon; names stay.
    static func inLowerCase(_ reason: String) -> String {
        var bytes = Array(reason.utf8)
        let word = bytes.prefix { $0 != 0x20 }
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard let first = word.first, capitals.contains(first),
            !word.dropFirst().contains(where: capitals.contains)
        else { return reason }
        bytes[0] |= 0x20
        return String(decoding: bytes, as: UTF8.self)
    }
}
