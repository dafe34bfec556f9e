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
        let call = LambdaService.invoke(function, payload: HandOver.change(change).encoded())
        let response: HTTPResponse
        do throws(CallError) {
            let deadline = Deadline(bucket.clock.now().adding(milliseconds: Self.patience))
            response = try bucket.client.send(call, deadline: deadline)
        } catch {
            throw error.mayHaveActed ? .unanswered("\(error)") : .refused("\(error)")
        }
        let answer: [UInt8]
        do throws(CallError) {
            answer = try LambdaService.answer(of: call, response)
        } catch {
            throw .failed(type: error.code, message: error.message)
        }
        guard let record = SavedRecord(place: function, bytes: answer) else {
            throw .failed(type: "UnreadableAnswer", message: "it returned no decision record")
        }
        return record
    }
}
