internal import Codec
package import Platform

/// What a custom resource's provider answers
/// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html).
package struct CustomResourceResponse: Equatable, Sendable {
    /// How long an answer may be, in bytes.
    package static let maximumLength = 4_096

    package enum Status: Equatable, Sendable {
        /// Done; names and values for `Fn::GetAtt`, the most important first.
        case success(data: [Attribute])
        /// Not done, and why.
        case failed(reason: String)
    }

    /// A name for `Fn::GetAtt`, and its value.
    package struct Attribute: Equatable, Sendable {
        package var name: String
        /// The value: `Fn::GetAtt` takes a string, nothing nested.
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var status: Status
    /// What the resource is called from now on.
    package var physicalResourceID: String
    private let stackID: String
    private let requestID: String
    private let logicalResourceID: String

    package init(to request: CustomResourceRequest, _ status: Status, physicalResourceID: String) {
        self.status = status
        self.physicalResourceID = physicalResourceID
        stackID = request.stackID
        requestID = request.requestID
        logicalResourceID = request.logicalResourceID
    }

    /// The answer's body, no longer than CloudFormation takes.
    ///
    /// The last attributes are left out, or the end of the reason, where they have no room.
    package func encoded() -> [UInt8] {
        switch status {
        case .success(var data):
            var body = encoded("SUCCESS", reason: nil, data)
            while body.count > Self.maximumLength, !data.isEmpty {
                data.removeLast()
                body = encoded("SUCCESS", reason: nil, data)
            }
            return body
        case .failed(let reason):
            let whole = encoded("FAILED", reason: reason, [])
            guard whole.count > Self.maximumLength else { return whole }
            let room = Self.maximumLength - encoded("FAILED", reason: "", []).count
            return encoded("FAILED", reason: Self.cut(reason, to: room), [])
        }
    }

    private func encoded(_ status: String, reason: String?, _ data: [Attribute]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("Status", status)
            json.member("Reason", reason)
            json.member("PhysicalResourceId", physicalResourceID)
            json.member("StackId", stackID)
            json.member("RequestId", requestID)
            json.member("LogicalResourceId", logicalResourceID)
            guard !data.isEmpty else { return }
            json.key("Data")
            json.object { json in
                for attribute in data { json.member(attribute.name, attribute.value) }
            }
        }
        return json.bytes
    }

    /// As many whole code points as fit, escaped, with an ellipsis behind them.
    private static func cut(_ reason: String, to room: Int) -> String {
        var kept = ""
        var left = room - escapedLength("…")
        for scalar in reason.unicodeScalars {
            left -= escapedLength(String(Character(scalar)))
            guard left >= 0 else { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + "…"
    }

    /// How many bytes a text takes between a JSON string's quotes.
    private static func escapedLength(_ text: String) -> Int {
        var json = JSONWriter()
        json.string(text)
        return json.bytes.count - 2
    }
}

/// Delivers answers to CloudFormation: a PUT to a presigned URL of S3's.
package struct CustomResourceResponder {
    private let transport: Transport
    private let clock: WallClock
    private let random: Randomness

    /// Milliseconds that one attempt may take, so that one without an answer leaves time for
    /// another.
    private static var attemptLimit: Int { 5_000 }

    package init(transport: Transport, clock: WallClock, random: Randomness) {
        self.transport = transport
        self.clock = clock
        self.random = random
    }

    /// Sends an answer until it is taken, refused, or the deadline has come.
    ///
    /// An answer that was taken and is sent again is the same object once more. Throws the
    /// reason; neither it nor anything else shows the URL.
    package func deliver(
        _ response: CustomResourceResponse,
        to url: ResponseURL,
        deadline: Deadline
    ) throws(CustomResourceError) {
        // The URL is signed for an empty type: any other is refused.
        let request = HTTPRequest(
            method: "PUT",
            origin: url.origin,
            target: url.target,
            headers: ["Content-Type": ""],
            body: response.encoded()
        )
        var reason = "the deadline had passed"
        var attempts = 0
        while deadline.remaining(at: clock.now()) > 0 {
            attempts += 1
            let limit = deadline.limited(toMilliseconds: Self.attemptLimit, from: clock.now())
            let outcome = Self.outcome(transport.perform([request], limit))
            if case .taken = outcome { return }
            if case .refused(let why) = outcome { throw Self.undelivered(why) }
            if case .failed(let why) = outcome { reason = why }
            let pause = BackOff.pause(afterAttempts: attempts, random)
            guard pause < deadline.remaining(at: clock.now()) else { break }
            clock.sleep(pause)
        }
        throw Self.undelivered(reason)
    }

    private enum Outcome {
        case taken
        /// It may be taken the next time.
        case failed(String)
        case refused(String)
    }

    private static func outcome(_ results: [Result<HTTPResponse, TransportError>]) -> Outcome {
        switch results.first {
        case .success(let response):
            if (200..<300).contains(response.status) { return .taken }
            let code = ErrorResponse(response).code
            let words = code.utf8.isEmpty ? "\(response.status)" : "\(response.status) \(code)"
            let isTransient =
                response.status >= 500 || Retry.isRetryable(status: response.status, code: code)
            return isTransient ? .failed(words) : .refused(words)
        case .failure(let error):
            switch error.kind {
            case .untrusted, .tooLarge, .invalid: return .refused(error.reason)
            case .unresolved, .unreachable, .timedOut, .notSent, .broken:
                return .failed(error.reason)
            }
        case nil:
            return .refused("nothing was sent")
        }
    }

    private static func undelivered(_ reason: String) -> CustomResourceError {
        CustomResourceError("the answer to CloudFormation could not be delivered: \(reason)")
    }
}
