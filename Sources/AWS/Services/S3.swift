package import Codec
package import Platform

/// The objects of one bucket: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html).
package struct S3: Equatable, Sendable {
    package var bucket: String

    package init(bucket: String) {
        self.bucket = bucket
    }

    /// What a PUT requires of the object that is there.
    package enum Condition: Equatable, Sendable {
        /// Nothing: the object is overwritten.
        case none
        /// There is none yet: `If-None-Match: *`.
        case absent
        /// It has that ETag: `If-Match`.
        case unchanged(etag: String)
    }

    package enum PutResult: Equatable, Sendable {
        /// Written; its ETag, in quotes as it came.
        case stored(etag: String)
        /// Not written: the condition does not hold.
        case preconditionFailed
    }

    package struct StoredObject: Equatable, Sendable {
        /// The ETag in quotes as it came.
        package var etag: String
        package var body: [UInt8]
        /// The headers: `x-amz-meta-…` among them.
        package var headers: HTTPHeaders

        package init(etag: String, body: [UInt8], headers: HTTPHeaders = [:]) {
            self.etag = etag
            self.body = body
            self.headers = headers
        }
    }

    package func getObject(_ key: String) -> AWSCall {
        var call = call("GetObject", "GET", key)
        call.expectedStatuses = [200, 404]
        return call
    }

    /// HeadObject: whether an object is there, told by the status.
    package func headObject(_ key: String) -> AWSCall {
        var call = call("HeadObject", "HEAD", key)
        call.expectedStatuses = [200, 404]
        return call
    }

    /// Reads the answer to `getObject`: `nil` if there is no such object.
    ///
    /// A bucket that is not there is an error.
    package static func object(
        ofGet call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> StoredObject? {
        guard response.status != 404 else {
            try requireBucket(call, response)
            return nil
        }
        return StoredObject(
            etag: try etag(call, response),
            body: response.body,
            headers: response.headers
        )
    }

    /// PutObject, on a condition where one is given
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
    ///
    /// A write with `.absent` whose answer is lost is sent again and then finds its own object:
    /// `.preconditionFailed` may mean that the caller itself has written it. The caller tells by
    /// reading the object. `.unchanged` has the same trait.
    package func putObject(
        _ key: String,
        _ body: [UInt8],
        contentType: String,
        condition: Condition = .none,
        metadata: [NamedValue] = []
    ) -> AWSCall {
        var call = call("PutObject", "PUT", key)
        call.headers.append("Content-Type", contentType)
        call.body = body
        switch condition {
        case .none: break
        case .absent:
            call.headers.append("If-None-Match", "*")
            call.expectedStatuses = [200, 412]
        case .unchanged(let etag):
            call.headers.append("If-Match", etag)
            // 404: it was deleted, which is a change as well.
            call.expectedStatuses = [200, 404, 412]
        }
        for item in metadata { call.headers.append("x-amz-meta-" + item.name, item.value) }
        // Another conditional write or a delete is under way; AWS says to send it again.
        call.retryableCodes = ["ConditionalRequestConflict", "OperationAborted"]
        return call
    }

    package static func result(
        ofPut call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> PutResult {
        switch response.status {
        case 412: return .preconditionFailed
        case 404:
            try requireBucket(call, response)
            return .preconditionFailed
        default: return .stored(etag: try etag(call, response))
        }
    }

    /// DeleteObject; an object that is not there is deleted too.
    package func deleteObject(_ key: String) -> AWSCall {
        var call = call("DeleteObject", "DELETE", key)
        call.expectedStatuses = [200, 204]
        return call
    }

    private func call(_ operation: String, _ method: String, _ key: String) -> AWSCall {
        AWSCall(
            .s3,
            operation,
            of: "\(bucket)/\(key)",
            method: method,
            path: "/" + Self.encoded(key),
            bucket: bucket
        )
    }

    private static func etag(
        _ call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        guard let etag = response.headers["ETag"], !etag.utf8.isEmpty else {
            throw .unreadable(call, response, "the answer has no ETag")
        }
        return etag
    }

    /// A 404 about the key is an answer, one about the bucket is an error.
    private static func requireBucket(_ call: AWSCall, _ response: HTTPResponse) throws(CallError) {
        let code = ErrorResponse(response).code
        guard code == "NoSuchBucket" else { return }
        throw CallError(
            call,
            status: response.status,
            code: code,
            // In our own words: the answer's might quote what the request was signed with.
            message: "there is no such bucket",
            isRetryable: false
        )
    }
}
