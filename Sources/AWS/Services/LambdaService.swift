internal import Codec
internal import Platform

/// The Lambda service, as a function calls another: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
public enum LambdaService {
    /// Invoke with the invocation type `Event`: queued, not waited for; 1 MB of payload at most.
    ///
    /// Sent again where the answer is lost, so the function may run twice, as it may with
    /// asynchronous invocations in any case.
    public static func invokeAsynchronously(_ function: String, payload: [UInt8]) -> AWSCall {
        let name = PercentEncoding.encode(function, keepingSlash: false)
        return AWSCall(
            .lambda,
            "Invoke",
            of: function,
            method: "POST",
            path: "/2015-03-31/functions/\(name)/invocations",
            headers: ["Content-Type": "application/json", "X-Amz-Invocation-Type": "Event"],
            body: payload,
            expectedStatuses: [202]
        )
    }
}
