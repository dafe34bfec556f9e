package import AWS
internal import Codec
package import Platform

/// Event buses: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
package enum EventBridge {
    /// PutEvents of one event; there is no token by which a second one would be known.
    ///
    /// A bus that does not exist drops the event without an error (EventBridge user guide,
    /// "Sending events with PutEvents"); without a bus it goes to the region's default one.
    ///
    /// - Parameter detail: a JSON object; with source and detail type less than 256 KB.
    package static func putEvent(
        _ detail: [UInt8],
        source: String,
        detailType: String,
        eventBus: String?
    ) -> AWSCall {
        var call = AWSCall.json(
            .eventBridge,
            "PutEvents",
            of: eventBus ?? "default",
            targetPrefix: "AWSEvents"
        ) {
            $0.key("Entries")
            $0.array { writer in
                writer.object {
                    $0.member("Source", source)
                    $0.member("DetailType", detailType)
                    $0.key("Detail")
                    $0.utf8(detail)
                    $0.member("EventBusName", eventBus)
                }
            }
        }
        call.isRepeatable = false
        return call
    }

    /// Reads the answer to `putEvent`: the event's id.
    ///
    /// The status is 200 also where the one entry failed: that is an error like any other.
    package static func eventID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        let entry = (try? JSON(parsing: response.body))?["Entries"]?.array?.first
        if let code = entry?["ErrorCode"]?.string {
            throw CallError(
                call,
                status: response.status,
                code: code,
                message: (entry?["ErrorMessage"]?.string ?? "").firstLine,
                isRetryable: retryableCodes.contains(code)
            )
        }
        guard let id = entry?["EventId"]?.string else {
            throw .unreadable(call, response, "the answer has no EventId")
        }
        return id
    }

    /// What an entry may fail with and succeed the next time, by PutEventsResultEntry's
    /// `ErrorCode`.
    private static var retryableCodes: [String] {
        ["InternalFailure", "InternalException", "ThrottlingException"]
    }
}
