internal import Codec
internal import Platform

/// The code and message of an error response, in any of AWS's three forms.
struct ErrorResponse: Equatable {
    /// The error code without namespace; empty if there is none.
    var code = ""
    /// The message's first line; empty if there is none.
    ///
    /// What follows in a signature's error is the canonical request, session token included.
    var message = ""

    /// Reads a response; what cannot be read leaves both empty.
    init(_ response: HTTPResponse) {
        let first = response.body.first { !$0.isASCIIWhiteSpace }
        if first == UInt8(ascii: "<") {
            readXML(response.body)
        } else if first == UInt8(ascii: "{") {
            readJSON(response.body)
        }
        // The header goes before the body: REST-JSON services such as Lambda have the code
        // there alone (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html).
        if let type = response.headers["x-amzn-ErrorType"] { code = Self.shapeName(type) }
    }

    /// S3's `<Error><Code>` and the query protocol's `<ErrorResponse><Error><Code>`.
    private mutating func readXML(_ body: [UInt8]) {
        guard let root = try? XML(parsing: body) else { return }
        let error = root.name == "Error" ? root : root["Error"]
        guard let error else { return }
        code = error["Code"]?.text ?? ""
        message = (error["Message"]?.text ?? "").firstLine
    }

    /// JSON 1.1's `__type` and `message`, in either case.
    private mutating func readJSON(_ body: [UInt8]) {
        guard let root = try? JSON(parsing: body) else { return }
        if let type = (root["__type"] ?? root["code"])?.string { code = Self.shapeName(type) }
        message = ((root["message"] ?? root["Message"])?.string ?? "").firstLine
    }

    /// `com.amazonaws.x#NotFound:http://…` is `NotFound`
    /// (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization).
    private static func shapeName(_ text: String) -> String {
        let beforeColon = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        var name = beforeColon
        if let hash = beforeColon.lastIndex(of: UInt8(ascii: "#")) {
            name = beforeColon[beforeColon.index(after: hash)...]
        }
        return String(decoding: name, as: UTF8.self)
    }
}

extension CallError {
    /// A response came that says failure.
    init(_ call: AWSCall, _ response: HTTPResponse, hiding credentials: Credentials) {
        let answer = ErrorResponse(response)
        self.init(
            call,
            status: response.status,
            code: answer.code,
            message: credentials.hidden(in: answer.message),
            isRetryable: Retry.isRetryable(status: response.status, code: answer.code)
                || call.retryableCodes.contains(answer.code),
            mayHaveActed: Self.isOutcomeUnknown(status: response.status)
        )
    }
}

extension Credentials {
    /// A text with every occurrence of the secret key and the token replaced by `***`.
    fileprivate func hidden(in text: String) -> String {
        let text = secretAccessKey.hidden(in: text)
        return sessionToken?.hidden(in: text) ?? text
    }
}
