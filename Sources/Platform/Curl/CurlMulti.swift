internal import CLibraries

/// A libcurl multi handle: transfers that run side by side on connections that it keeps.
@safe struct CurlMulti: ~Copyable {
    private let pointer: UnsafeMutableRawPointer

    init() throws(CurlFailure) {
        guard let pointer = unsafe curl_multi_init() else {
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY, reason: "out of memory")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe curl_multi_cleanup(pointer)
    }

    func set(_ option: CURLMoption, _ value: Int) throws(CurlFailure) {
        try unsafe check(pointsman_curl_multi_set_long(pointer, option, value))
    }

    /// Adds a handle: its transfer starts at the next `drive`.
    func add(_ handle: borrowing CurlHandle) throws(CurlFailure) {
        try unsafe check(curl_multi_add_handle(pointer, handle.pointer))
    }

    /// Takes a handle out, whether its transfer has ended or not.
    func remove(_ handle: borrowing CurlHandle) throws(CurlFailure) {
        try unsafe check(curl_multi_remove_handle(pointer, handle.pointer))
    }

    /// Does what can be done without waiting.
    func drive() throws(CurlFailure) {
        var running: CInt = 0
        try unsafe check(curl_multi_perform(pointer, &running))
    }

    /// Waits until something can be done, at most that many milliseconds.
    func wait(milliseconds: Int) throws(CurlFailure) {
        let limit = CInt(clamping: milliseconds)
        try unsafe check(curl_multi_poll(pointer, nil, 0, limit, nil))
    }

    /// The next transfer that has ended and how; `nil` if there is none.
    func nextEnded() -> CurlEnd? {
        var left: CInt = 0
        while let message = unsafe curl_multi_info_read(pointer, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let handle = unsafe message.pointee.easy_handle
            else { continue }
            return unsafe CurlEnd(handle: handle, code: pointsman_curl_message_result(message))
        }
        return nil
    }

    private func check(_ code: CURLMcode) throws(CurlFailure) {
        guard code != CURLM_OK else { return }
        let reason = unsafe curl_multi_strerror(code).map { unsafe String(cString: $0) }
        throw CurlFailure(code: CURLE_FAILED_INIT, reason: reason ?? "unknown failure")
    }
}

/// How a transfer of a multi handle ended.
@safe struct CurlEnd {
    private let handle: UnsafeMutableRawPointer
    let code: CURLcode

    fileprivate init(handle: UnsafeMutableRawPointer, code: CURLcode) {
        unsafe self.handle = handle
        self.code = code
    }

    /// Whether it was that handle's transfer.
    func isOf(_ other: borrowing CurlHandle) -> Bool {
        unsafe handle == other.pointer
    }
}
