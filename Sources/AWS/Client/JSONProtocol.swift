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
        return AWSCall(
            service,
            operation,
            of: resource,
            method: "POST",
            headers: [
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "\(targetPrefix).\(operation)",
            ],
            body: writer.bytes
        )
    }

    /// What a member of a JSON response is, such as `build.id`; its absence is an error.
    package func member<Value>(
        _ path: String,
        of response: HTTPResponse,
        _ read: (JSON) -> Value?
    ) throws(CallError) -> Value {
        var json = try? JSON(parsing: response.body)
        for name in path.utf8.split(separator: UInt8(ascii: ".")) {
            json = json?[String(decoding: name, as: UTF8.self)]
        }
        guard let value = json.flatMap(read) else {
            throw .unreadable(self, response, "the answer has no \(path)")
        }
        return value
    }
}
