package import Codec
internal import Platform

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
}
