package import Codec
package import Platform

extension AWSCall {
    /// A call in the AWS JSON 1.1 protocol: `POST /`, the operation in `X-Amz-Target`
    /// (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).
    package static func json(
        _ service: AWSService,
        _ operation: String,
        of resource: String,
        targetPrefix: String,
        _ members: (inout JSONWriter) -> Void
    ) -> AWSCall {
        var writer = JSONWriter()
        writer.object(members)
        return json(service, operation, of: resource, targetPrefix: targetPrefix, writer.bytes)
    }

    // The compiler makes a copy for each closure of what takes one: this is not copied with it.
    @inline(never) private static func json(
        _ service: AWSService,
        _ operation: String,
        of resource: String,
        targetPrefix: String,
        _ body: [UInt8]
    ) -> AWSCall {
        AWSCall(
            service,
            operation,
            of: resource,
            method: "POST",
            headers: [
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "\(targetPrefix).\(operation)",
            ],
            body: body
        )
    }

    /// What a member of a JSON response is, such as `build.id`; its absence is an error.
    package func member<Value>(
        _ path: String,
        of response: HTTPResponse,
        _ read: (JSON) -> Value?
    ) throws(CallError) -> Value {
        guard let value = Self.member(path, of: response).flatMap(read) else {
            throw absent(path, of: response)
        }
        return value
    }

    @inline(never) private static func member(_ path: String, of response: HTTPResponse) -> JSON? {
        var json = try? JSON(parsing: response.body)
        for name in path.utf8.split(separator: UInt8(ascii: ".")) {
            json = json?[String(decoding: name, as: UTF8.self)]
        }
        return json
    }

    @inline(never) private func absent(_ path: String, of response: HTTPResponse) -> CallError {
        .unreadable(self, response, "the answer has no \(path)")
    }
}
