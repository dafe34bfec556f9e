internal import Codec
package import Platform

/// One call of an HTTP API that is not AWS's, as a value: not yet sent.
package struct APICall: ServiceCall, Sendable {
    /// What is done, for errors: `kubernetes:PatchDeployment`.
    package var action: String
    /// What it is done to, for errors, and never a secret: `namespace/name`.
    package var resource: String
    var method: String
    /// Scheme and authority; the scheme is `https`, for a secret goes there.
    var origin: String
    /// Path and query as they go on the wire; they may hold a secret and are never shown.
    var target: String
    /// The headers, without `Authorization`.
    var headers: HTTPHeaders
    var body: [UInt8]
    /// What `Authorization: Bearer` carries; `nil` for no such header.
    var bearerToken: Secret?
    /// PEM certificates to trust instead of the system's.
    var caBundle: [UInt8]?
    /// What no message may show beside the token.
    var secrets: [Secret]
    /// The statuses that come back as a response; every other one is an error.
    package var expectedStatuses: [Int]
    /// Whether doing it twice is the same as doing it once: only then is it sent again after an
    /// answer that was lost.
    package var isRepeatable: Bool
    /// The longest response that is taken, in bytes.
    var largestResponse: Int

    /// What is taken of a server that somebody else runs.
    static let usualLargestResponse = 1 << 20
    /// What is taken of its lists of files.
    static let largestListOfFiles = 8 << 20

    package init(
        _ action: String,
        of resource: String,
        method: String,
        origin: String,
        target: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        bearerToken: Secret? = nil,
        caBundle: [UInt8]? = nil,
        secrets: [Secret] = [],
        expectedStatuses: [Int] = [200],
        isRepeatable: Bool,
        largestResponse: Int = APICall.usualLargestResponse
    ) {
        self.action = action
        self.resource = resource
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body
        self.bearerToken = bearerToken
        self.caBundle = caBundle
        self.secrets = secrets
        self.expectedStatuses = expectedStatuses
        self.isRepeatable = isRepeatable
        self.largestResponse = largestResponse
    }

    /// The call as it is sent.
    var request: HTTPRequest {
        var headers = headers
        if let bearerToken {
            let token = String(decoding: bearerToken.revealed, as: UTF8.self)
            headers["Authorization"] = "Bearer \(token)"
        }
        return HTTPRequest(
            method: method,
            origin: origin,
            target: target,
            headers: headers,
            body: body,
            caBundle: caBundle,
            isRepeatable: isRepeatable,
            largestResponse: largestResponse
        )
    }
}

extension CallError {
    /// A response came that says failure: its words are `reason` and `message` of a JSON object,
    /// as Kubernetes' Status has them.
    init(_ call: APICall, _ response: HTTPResponse) {
        let root = call.json(response)
        self.init(
            call,
            status: response.status,
            code: root?["reason"]?.string?.firstLine ?? "",
            message: root?["message"]?.string?.firstLine ?? "",
            isRetryable: Self.isTransient(status: response.status),
            mayHaveActed: Self.isOutcomeUnknown(status: response.status)
        )
    }
}

extension APICall {
    /// What a server says, without the secrets of the call; `nil` where it is no JSON.
    func json(_ response: HTTPResponse) -> JSON? {
        (try? JSON(parsing: response.body)).map(withoutSecrets)
    }

    /// What a server says, with `***` for the secrets of the call in every text.
    ///
    /// The server knows them and may say them, and what it says goes into records and log lines:
    /// nothing is taken from an answer that has not gone through this.
    func withoutSecrets(_ json: JSON) -> JSON {
        switch json {
        case .null, .bool, .number: return json
        case .string(let text):
            let all = secrets + (bearerToken.map { [$0] } ?? [])
            return .string(all.reduce(text) { $1.hidden(in: $0) })
        case .array(let elements): return .array(elements.map { withoutSecrets($0) })
        case .object(let members):
            return .object(
                members.map { JSON.Member(key: $0.key, value: withoutSecrets($0.value)) }
            )
        }
    }
}
