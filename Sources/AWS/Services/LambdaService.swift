package import Platform

internal import Codec

/// The Lambda service, as a function calls another: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
package enum LambdaService {
    /// Invoke with the invocation type `Event`: queued, not waited for; 1 MB of payload at most.
    ///
    /// Sent again where the answer is lost, so the function may run twice, as it may with
    /// asynchronous invocations in any case.
    ///
    /// - Parameter traceID: the caller's X-Ray trace header, which makes both one trace.
    package static func invokeAsynchronously(
        _ function: String,
        payload: [UInt8],
        traceID: String? = nil
    ) -> AWSCall {
        invoke(function, payload, type: "Event", traceID, expecting: 202)
    }

    /// Invoke with the invocation type `RequestResponse`: waited for; 6 MB of payload and of
    /// answer at most.
    ///
    /// Lambda does not try it again where it fails, and the function goes on where nobody waits for
    /// it any longer. Not sent twice: a second invocation beside one that is under way only fails.
    package static func invoke(
        _ function: String,
        payload: [UInt8],
        traceID: String? = nil
    ) -> AWSCall {
        var call = invoke(function, payload, type: "RequestResponse", traceID, expecting: 200)
        call.isRepeatable = false
        return call
    }

    /// What the function answered to a synchronous invocation; an error where it has failed.
    package static func answer(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> [UInt8] {
        guard response.headers["X-Amz-Function-Error"] != nil else { return response.body }
        let error = try? JSON(parsing: response.body)
        throw CallError(
            call,
            code: error?["errorType"]?.string ?? "FunctionError",
            message: error?["errorMessage"]?.string ?? "",
            isRetryable: true,
            mayHaveActed: true
        )
    }

    private static func invoke(
        _ function: String,
        _ payload: [UInt8],
        type: String,
        _ traceID: String?,
        expecting status: Int
    ) -> AWSCall {
        let name = PercentEncoding.encode(function, keepingSlash: false)
        var call = AWSCall(
            .lambda,
            "Invoke",
            of: function,
            method: "POST",
            path: "/2015-03-31/functions/\(name)/invocations",
            headers: ["Content-Type": "application/json", "X-Amz-Invocation-Type": type],
            body: payload,
            expectedStatuses: [status]
        )
        // As the SDKs send it (botocore's `handlers.py`, `add_recursion_detection_header`).
        if let traceID { call.headers["X-Amzn-Trace-Id"] = traceID }
        return call
    }
}
