internal import CLibraries

/// TLS sessions that handles share: a further connection to a host goes on with one, where the server
/// takes it, and the certificates need not be sent and checked again.
///
/// Else libcurl keeps them for each handle alone. It never takes the session of another host, or one
/// that was made with other certificates to trust. Not for several threads.
@safe final class TLSSessions {
    fileprivate let pointer: UnsafeMutableRawPointer

    init() throws(CurlFailure) {
        guard let pointer = unsafe curl_share_init() else {
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY, reason: "out of memory")
        }
        unsafe self.pointer = pointer
        let code = unsafe pointsman_curl_share(pointer, CURL_LOCK_DATA_SSL_SESSION)
        guard code == CURLSHE_OK else {
            let reason = unsafe curl_share_strerror(code).map { unsafe String(cString: $0) }
            throw CurlFailure(code: CURLE_FAILED_INIT, reason: reason ?? "unknown failure")
        }
    }

    deinit {
        unsafe curl_share_cleanup(pointer)
    }

    /// Makes a handle share them; they must live until it is freed.
    func share(with handle: borrowing CurlHandle) throws(CurlFailure) {
        try unsafe handle.set(CURLOPT_SHARE, pointer: pointer)
    }
}
