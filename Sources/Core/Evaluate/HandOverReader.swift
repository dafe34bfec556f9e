internal import AWS
internal import Platform

/// Reads what `webhook` has handed over.
struct HandOverReader {
    let services: Services

    /// What was handed over, read from S3 where it was too large for the invocation, and the key
    /// under which it lies there.
    func read(
        _ invocation: Invocation,
        deadline: Deadline
    ) throws(InvocationError) -> (description: Description, key: String?) {
        var handOver = try Self.handOver(invocation.payload)
        var found: String?
        if case .stored(let key) = handOver {
            handOver = try Self.handOver(stored(key, deadline: deadline))
            found = key
        }
        do throws(DescriptionError) {
            return (try handOver.describe(receivedAt: services.clock.now()), found)
        } catch {
            throw .malformed(error)
        }
    }

    private static func handOver(_ bytes: [UInt8]) throws(InvocationError) -> HandOver {
        do throws(DescriptionError) {
            return try HandOver(bytes)
        } catch {
            throw .malformed(error)
        }
    }

    private func stored(
        _ key: String,
        deadline: Deadline
    ) throws(InvocationError) -> [UInt8] {
        let folder = "\(services.prefix)/changes/"
        guard key.utf8.starts(with: folder.utf8) else {
            throw InvocationError(
                type: "Function.MalformedEvent",
                message: "reading the hand-over: its key is not below \(folder)"
            )
        }
        let call = services.s3.getObject(key)
        do throws(CallError) {
            let response = try services.client.send(call, deadline: deadline)
            guard case .object(let object) = try S3.result(ofGet: call, response) else {
                throw CallError(
                    call,
                    status: 404,
                    code: "NoSuchKey",
                    message: "",
                    isRetryable: false
                )
            }
            return object.body
        } catch {
            throw InvocationError(
                type: "Function.ChangeUnavailable",
                message: "the change that was handed over cannot be read: \(error)"
            )
        }
    }
}

extension InvocationError {
    fileprivate static func malformed(_ error: DescriptionError) -> InvocationError {
        InvocationError(type: "Function.MalformedEvent", message: error.description)
    }
}
