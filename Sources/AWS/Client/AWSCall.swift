package import Codec
package import Platform

/// One call of an AWS operation as a value: not yet signed, not yet sent.
package struct AWSCall: ServiceCall, Sendable {
    package var service: AWSService
    /// The operation by AWS's name: `PutObject`.
    package var operation: String
    /// The resource, for errors; never a secret: `bucket/key`.
    package var resource: String
    package var method: String
    /// The path as it is sent, percent-encoded, beginning with a slash.
    package var path: String
    /// The query's fields, not encoded.
    package var query: [NamedValue]
    /// The headers, without `Host` and those of the signature.
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// The S3 bucket that the path is in.
    package var bucket: String?
    /// The statuses that come back as a response; every other one is an error.
    package var expectedStatuses: [Int]
    /// Error codes after which this operation, by its own documentation, may be tried again.
    package var retryableCodes: [String]
    /// Whether doing it twice is the same as doing it once: only then is it sent again after an
    /// answer that was lost.
    package var isRepeatable = true
    /// The longest response that is accepted, in bytes.
    package var largestResponse = HTTPRequest.usualLargestResponse
    /// Another region than the client's.
    package var region: String?
    /// Other credentials than the client's: an assumed role's.
    package var credentials: Credentials?

    package init(
        _ service: AWSService,
        _ operation: String,
        of resource: String,
        method: String,
        path: String = "/",
        query: [NamedValue] = [],
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        bucket: String? = nil,
        expectedStatuses: [Int] = [200],
        retryableCodes: [String] = []
    ) {
        self.service = service
        self.operation = operation
        self.resource = resource
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.bucket = bucket
        self.expectedStatuses = expectedStatuses
        self.retryableCodes = retryableCodes
    }

    /// A call in the AWS query protocol: a form that names the operation and its version
    /// (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).
    package static func form(
        _ service: AWSService,
        _ operation: String,
        version: String,
        of resource: String,
        _ fields: [NamedValue]
    ) -> AWSCall {
        let form = [NamedValue("Action", operation), NamedValue("Version", version)] + fields
        return AWSCall(
            service,
            operation,
            of: resource,
            method: "POST",
            headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
            body: Array(PercentEncoding.encode(form).utf8)
        )
    }

    /// The operation with its service, as IAM writes it: `s3:PutObject`.
    package var action: String { "\(service.name):\(operation)" }

    /// The same call in another region or with other credentials; `nil` keeps the client's own.
    package func using(credentials: Credentials?, region: String?) -> AWSCall {
        var call = self
        call.credentials = credentials
        call.region = region
        return call
    }
}
