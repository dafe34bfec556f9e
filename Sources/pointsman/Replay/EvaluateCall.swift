import AWS
import Codec
import Platform
import Trigger

/// `evaluate`, invoked and waited for.
struct EvaluateCall {
    let bucket: Bucket
    /// The function's name or ARN.
    let function: String

    /// Why there are no decisions.
    enum Fault: Error, Equatable {
        /// The function ran and failed.
        case failed(type: String, message: String)
        /// Nobody knows: it may be running still.
        case unanswered(String)
        /// It could not be invoked.
        case refused(String)
    }

    /// Milliseconds that it may take: the function's minute (`template.yaml`), and the way there.
    static let patience = 75_000

    /// Runs it on a change; the record of what it did.
    func run(_ change: Change) throws(Fault) -> SavedRecord {
        let call = invoke(HandOver.change(change).encoded())
        let response: HTTPResponse
        do throws(CallError) {
            let deadline = Deadline(bucket.clock.now().adding(milliseconds: Self.patience))
            response = try bucket.client.send(call, deadline: deadline)
        } catch {
            throw error.mayHaveActed ? .unanswered("\(error)") : .refused("\(error)")
        }
        guard response.headers["X-Amz-Function-Error"] == nil else {
            let json = try? JSON(parsing: response.body)
            throw .failed(
                type: json?["errorType"]?.string ?? "FunctionError",
                message: json?["errorMessage"]?.string ?? ""
            )
        }
        guard let record = SavedRecord(place: function, bytes: response.body) else {
            throw .failed(type: "UnreadableAnswer", message: "it returned no decision record")
        }
        return record
    }

    /// Not sent twice: another run beside a first that is under way only waits for its leases.
    private func invoke(_ payload: [UInt8]) -> AWSCall {
        let name = PercentEncoding.encode(function, keepingSlash: false)
        var call = AWSCall(
            .lambda,
            "Invoke",
            of: function,
            method: "POST",
            path: "/2015-03-31/functions/\(name)/invocations",
            headers: [
                "Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse",
            ],
            body: payload
        )
        call.isRepeatable = false
        return call
    }
}
