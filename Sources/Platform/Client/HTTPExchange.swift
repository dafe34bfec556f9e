internal import CLibraries
internal import Codec

/// A libcurl handle with what belongs to the exchange that it is making: the request's headers
/// and body, the response so far.
///
/// A class, because libcurl keeps a pointer to it from the start of a transfer to its end.
@safe final class HTTPExchange {
    /// The handle; its options that are the same for every request are set already.
    let handle: CurlHandle
    private let sessions: TLSSessions
    private var reader = HTTPResponseReader()
    private var headers = HeaderList()
    private var body: [UInt8] = []
    private var sent = 0
    /// Whether some of the body was taken: a connection stood.
    private var bodyWentOut = false

    /// - Parameter sessions: TLS sessions that it shares with other exchanges.
    init(sharing sessions: TLSSessions) throws(CurlFailure) {
        handle = try CurlHandle()
        self.sessions = sessions
        try sessions.share(with: handle)
        try handle.keepErrorText()
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe handle.set(CURLOPT_WRITEFUNCTION, takeBody)
        try unsafe handle.set(CURLOPT_WRITEDATA, pointer: context)
        try unsafe handle.set(CURLOPT_HEADERFUNCTION, takeHeaderLine)
        try unsafe handle.set(CURLOPT_HEADERDATA, pointer: context)
        try unsafe handle.set(CURLOPT_READFUNCTION, giveBody)
        try unsafe handle.set(CURLOPT_READDATA, pointer: context)
        try unsafe handle.set(seek: startBodyAgain)
        try unsafe handle.set(CURLOPT_SEEKDATA, pointer: context)
        // No signals: libcurl would set and put back SIGPIPE's and SIGALRM's for every call.
        try handle.set(CURLOPT_NOSIGNAL, 1)
        try handle.set(CURLOPT_TCP_NODELAY, 1)
        try handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try handle.setNoProxy()
    }

    /// Makes the handle ready for a request.
    func prepare(_ request: HTTPRequest) throws(CurlFailure) {
        reader = HTTPResponseReader()
        reader.largestBody = request.largestResponse
        handle.forgetErrorText()
        // The target goes out byte for byte, as it was signed; libcurl never parses it, nor
        // can it become part of an error's text.
        try handle.set(CURLOPT_URL, request.origin)
        try handle.set(CURLOPT_REQUEST_TARGET, request.target)
        try setMethod(of: request)
        headers = try Self.headerLines(of: request)
        try handle.set(headers)
    }

    /// Makes the body go out through `giveBody`, for a transfer that outlives the call.
    func keepBody(_ bytes: [UInt8]) {
        body = bytes
        sent = 0
        bodyWentOut = false
    }

    /// The response of a transfer that has ended, or why there is none; what it held on to is
    /// let go.
    func end(_ code: CURLcode) throws(CurlFailure) -> HTTPResponse {
        let reader = reader
        self.reader = HTTPResponseReader()
        body = []
        if reader.isTooLarge {
            throw CurlFailure(
                code: CURLE_FILESIZE_EXCEEDED,
                reason: "response larger than \(reader.largestBody) bytes"
            )
        }
        do throws(CurlFailure) {
            try handle.check(code)
        } catch {
            var failure = error
            failure.wentOut = handle.hadConnection || bodyWentOut
            failure.bodyWentOut = bodyWentOut
            throw failure
        }
        return reader.finish()
    }

    private func setMethod(of request: HTTPRequest) throws(CurlFailure) {
        // Each of the three switches libcurl's kind of request over, the last one wins.
        if request.method == "HEAD" {
            try handle.set(CURLOPT_NOBODY, 1)
        } else if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            try handle.set(CURLOPT_POST, 1)
            try unsafe handle.set(CURLOPT_POSTFIELDS, pointer: nil)
            try handle.setSize(CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
        } else {
            try handle.set(CURLOPT_HTTPGET, 1)
        }
        try handle.set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private static func headerLines(of request: HTTPRequest) throws(CurlFailure) -> HeaderList {
        var list = HeaderList()
        // Only what the request says is sent: a name and a colon takes libcurl's own away.
        for name in ["Accept", "Expect", "Content-Type"] where request.headers[name] == nil {
            try list.append(name, ":")
        }
        for field in request.headers.fields {
            // An empty value would take the header away; a semicolon sends it empty.
            try list.append(field.name, field.value.isEmpty ? ";" : ": ", field.value)
        }
        return list
    }

    fileprivate func take(headerLine: UnsafeBufferPointer<UInt8>) {
        unsafe reader.readHeaderLine(headerLine)
    }

    fileprivate func take(body piece: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe reader.readBody(piece)
    }

    fileprivate func give(into space: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(space.count, body.count - sent)
        unsafe body.withUnsafeBytes { body in
            guard let target = space.baseAddress, let source = body.baseAddress else { return }
            _ = unsafe memcpy(target, source + sent, count)
        }
        sent += count
        if count > 0 { bodyWentOut = true }
        return count
    }

    fileprivate func startBody(at offset: Int) -> Bool {
        guard offset >= 0, offset <= body.count else { return false }
        sent = offset
        return true
    }
}

/// The exchange that a callback's context points to.
private func exchange(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
}

/// What libcurl hands over in a callback, as bytes.
private func piece(
    _ data: UnsafeMutablePointer<CChar>?,
    _ count: Int
) -> UnsafeBufferPointer<UInt8> {
    let start = unsafe UnsafeRawPointer(data)?.assumingMemoryBound(to: UInt8.self)
    return unsafe UnsafeBufferPointer(start: start, count: count)
}

/// CURLOPT_HEADERFUNCTION: one line of the head.
///
/// Any other number than `count` fails.
private func takeHeaderLine(
    data: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: UnsafeMutableRawPointer?
) -> Int {
    guard let exchange = unsafe exchange(context) else { return 0 }
    unsafe exchange.take(headerLine: piece(data, size * count))
    return size * count
}

/// CURLOPT_WRITEFUNCTION: a piece of the body.
///
/// Any other number than `count` fails.
private func takeBody(
    data: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: UnsafeMutableRawPointer?
) -> Int {
    guard let exchange = unsafe exchange(context),
        unsafe exchange.take(body: piece(data, size * count))
    else { return 0 }
    return size * count
}

/// CURLOPT_READFUNCTION: the next piece of the request's body.
private func giveBody(
    data: UnsafeMutablePointer<CChar>?,
    size: Int,
    count: Int,
    context: UnsafeMutableRawPointer?
) -> Int {
    guard let exchange = unsafe exchange(context) else { return Int(CURL_READFUNC_ABORT) }
    return unsafe exchange.give(
        into: UnsafeMutableRawBufferPointer(start: data, count: size * count)
    )
}

/// CURLOPT_SEEKFUNCTION: the body goes out again, on a fresh connection.
private func startBodyAgain(
    context: UnsafeMutableRawPointer?,
    offset: curl_off_t,
    origin: CInt
) -> CInt {
    guard let exchange = unsafe exchange(context), origin == SEEK_SET,
        exchange.startBody(at: Int(offset))
    else { return CURL_SEEKFUNC_FAIL }
    return CURL_SEEKFUNC_OK
}
