internal import CLibraries
internal import Codec

/// A result of libcurl other than success.
struct CurlFailure: Error {
    var code: CURLcode
    /// The reason in libcurl's words; no URL and no header is ever part of it.
    var reason: String
    /// Whether some of the request may have been sent.
    var wentOut = true
    /// Whether some of its body was.
    ///
    /// libcurl may have sent it on a kept connection that broke; it tells only why it could not send it again on a
    /// fresh one.
    var bodyWentOut = false
}

/// A libcurl easy handle: every result is checked here, and it is freed once.
@safe struct CurlHandle: ~Copyable {
    /// The handle itself, for the calls that take it as it is.
    let pointer: UnsafeMutableRawPointer
    /// Where libcurl writes why a transfer failed.
    private let errorText: UnsafeMutablePointer<CChar>

    init() throws(CurlFailure) {
        guard let pointer = unsafe curl_easy_init() else {
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY, reason: curlReason(CURLE_OUT_OF_MEMORY))
        }
        unsafe self.pointer = pointer
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(pointer)
        unsafe errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_long(pointer, option, value))
    }

    func setSize(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_size(pointer, option, curl_off_t(value)))
    }

    /// Sets an option that takes a text, which libcurl copies; `nil` puts the default back.
    func set(_ option: CURLoption, _ value: String?) throws(CurlFailure) {
        guard let value else {
            try unsafe check(pointsman_curl_set_string(pointer, option, nil))
            return
        }
        try unsafe check(pointsman_curl_set_string(pointer, option, value))
    }

    /// Sets an option that takes a pointer, which libcurl keeps and does not copy.
    @unsafe func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?)
        throws(CurlFailure)
    {
        try unsafe check(pointsman_curl_set_pointer(pointer, option, value))
    }

    /// Sets an option that takes bytes, which libcurl copies; `nil` takes them away.
    func set(_ option: CURLoption, bytes: [UInt8]?) throws(CurlFailure) {
        guard let bytes else {
            try unsafe set(option, pointer: nil)
            return
        }
        let code = unsafe bytes.withUnsafeBytes { bytes in
            unsafe pointsman_curl_set_blob(pointer, option, bytes.baseAddress, bytes.count)
        }
        try check(code)
    }

    func set(_ option: CURLoption, _ callback: pointsman_curl_data_callback) throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_data_callback(pointer, option, callback))
    }

    /// Sets the callback that starts the body again.
    func set(seek callback: pointsman_curl_seek_callback) throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_seek_callback(pointer, callback))
    }

    /// Sets the callback that sees a connection's TLS context before its handshake; `nil` for none.
    func set(tlsContext callback: curl_ssl_ctx_callback?) throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_tls_context_callback(pointer, callback))
    }

    /// Sets the request's headers; the list must live until the transfer has ended.
    func set(_ headers: borrowing HeaderList) throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_list(pointer, CURLOPT_HTTPHEADER, headers.first))
    }

    /// Makes libcurl ignore `http_proxy` and its like.
    func setNoProxy() throws(CurlFailure) {
        do throws(CurlFailure) {
            try set(CURLOPT_PROXY, "")
        } catch {
            // A libcurl built without proxies has no such option, and needs none.
            if error.code != CURLE_UNKNOWN_OPTION { throw error }
        }
    }

    /// Makes libcurl say why a transfer fails in more words than its result code has.
    func keepErrorText() throws(CurlFailure) {
        try unsafe check(pointsman_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText))
    }

    func perform() -> CURLcode {
        unsafe curl_easy_perform(pointer)
    }

    /// Whether the last transfer had a connection, with its TLS handshake done, on which the
    /// request could go out.
    var hadConnection: Bool {
        var microseconds: curl_off_t = 0
        // Stays 0 until the moment before the first byte is sent (CURLINFO_PRETRANSFER_TIME_T).
        let code = unsafe pointsman_curl_get_size(
            pointer,
            CURLINFO_PRETRANSFER_TIME_T,
            &microseconds
        )
        return code != CURLE_OK || microseconds > 0
    }

    /// Forgets what an earlier transfer wrote.
    func forgetErrorText() {
        unsafe errorText[0] = 0
    }

    func check(_ code: CURLcode) throws(CurlFailure) {
        guard code != CURLE_OK else { return }
        let detail = unsafe String(cString: errorText)
        throw CurlFailure(code: code, reason: detail.isEmpty ? curlReason(code) : detail)
    }
}

/// A list of header lines as libcurl takes them, freed once.
@safe struct HeaderList: ~Copyable {
    fileprivate var first: UnsafeMutablePointer<curl_slist>?

    init() {
        unsafe first = nil
    }

    deinit {
        unsafe curl_slist_free_all(first)
    }

    /// Adds a line of three parts, which is copied.
    mutating func append(
        _ name: String,
        _ separator: String,
        _ value: String = ""
    ) throws(CurlFailure) {
        var line: [UInt8] = []
        line.reserveCapacity(name.utf8.count + separator.utf8.count + value.utf8.count + 1)
        line += name.utf8
        line += separator.utf8
        line += value.utf8
        line.append(0)
        let longer = unsafe line.withUnsafeBufferPointer { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { line in
                unsafe curl_slist_append(first, line.baseAddress)
            }
        }
        guard let longer = unsafe longer else {
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY, reason: curlReason(CURLE_OUT_OF_MEMORY))
        }
        unsafe first = longer
    }
}

private func curlReason(_ code: CURLcode) -> String {
    guard let text = unsafe curl_easy_strerror(code) else { return "unknown failure" }
    return unsafe String(cString: text)
}

extension TransportError {
    init(_ failure: CurlFailure, of request: HTTPRequest) {
        self.init(Self.kind(of: failure), of: request, Self.inLowerCase(failure.reason))
    }

    private static func kind(of failure: CurlFailure) -> Kind {
        let kind = kind(ofSent: failure)
        if failure.bodyWentOut, !kind.isOutcomeUnknown { return .broken }
        return kind.isOutcomeUnknown && !failure.wentOut ? .notSent : kind
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
        guard let first = word.first, first.isASCIIUppercase,
            !word.dropFirst().contains(where: { $0.isASCIIUppercase })
        else { return reason }
        bytes[0] = first.asciiLowercased
        return String(decoding: bytes, as: UTF8.self)
    }
}
