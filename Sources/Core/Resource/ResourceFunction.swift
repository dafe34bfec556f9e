internal import AWS
internal import Platform

/// The function behind the custom resource: writes and removes the rules that stacks declare.
///
/// Each request is answered, whatever becomes of it. Lambda may hand one over twice: the
/// second time finds done what is to be done. It cannot tell a Create that comes again after
/// its resource was deleted from a new one.
final class ResourceFunction {
    private let services: Services
    private let rules: RuleWriter
    private let answers: CustomResourceResponder
    /// Whether answers may go to other hosts than AWS's: where S3 itself is a stand-in.
    private let answersAnyHost: Bool
    private let ownSecrets: OwnSecrets

    /// Milliseconds before the function's own deadline by which it must have ended.
    private static let endReserve = 500
    /// Milliseconds that are kept for the answer, however long S3 takes: of a short time a third.
    private static let answerReserve = 15_000
    /// Milliseconds after an answer in which what it has left behind is removed.
    ///
    /// No longer: the next request may want it back. CloudFormation takes longer to send one.
    private static let cleaningLimit = 1_000

    /// Makes the function; nothing is sent before the first invocation.
    init(_ environment: Environment, services: Services, answers: CustomResourceResponder) {
        self.answersAnyHost =
            environment["AWS_ENDPOINT_URL_S3"] != nil || environment["AWS_ENDPOINT_URL"] != nil
        self.services = services
        self.answers = answers
        self.ownSecrets = OwnSecrets { environment[$0] }
        rules = RuleWriter(services: services)
    }

    /// Does what one request asks for, and answers it; returns the answer.
    ///
    /// Fails where nobody can be answered. An answer that says FAILED is no failure.
    func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let request: CustomResourceRequest
        do throws(CustomResourceError) {
            request = try CustomResourceRequest(
                parsing: invocation.payload,
                allowingAnyHost: answersAnyHost
            )
        } catch {
            throw InvocationError(type: "Function.MalformedEvent", message: error.description)
        }
        let end = invocation.deadline.reserving(milliseconds: Self.endReserve)
        let answering = min(Self.answerReserve, end.remaining(at: services.clock.now()) / 3)
        let done = perform(request, deadline: end.reserving(milliseconds: answering))
        let response = CustomResourceResponse(
            to: request,
            done.status,
            physicalResourceID: done.physicalID
        )
        var undelivered: CustomResourceError?
        do throws(CustomResourceError) {
            try answers.deliver(response, to: request.responseURL, deadline: end)
        } catch {
            undelivered = error
        }
        log(request, done, invocation)
        if let undelivered {
            throw InvocationError(type: "Function.AnswerUndelivered", message: "\(undelivered)")
        }
        if let leftOver = done.leftOver { clean(leftOver, deadline: end) }
        return response.encoded()
    }

    private struct Outcome {
        var status: CustomResourceResponse.Status
        var physicalID: String
        var leftOver: ResourceRequest.Removal?
    }

    private func perform(_ request: CustomResourceRequest, deadline: Deadline) -> Outcome {
        do throws(Refusal) {
            let ofRule = try ResourceRequest(request, keys: services.keys)
            switch ofRule.type {
            case .create, .update: return try write(ofRule, deadline: deadline)
            case .delete: return try delete(ofRule, deadline: deadline)
            }
        } catch {
            return Outcome(
                status: .failed(reason: error.reason),
                physicalID: ResourceRequest.physicalID(of: request)
            )
        }
    }

    /// Writes the rule, and removes none: CloudFormation asks for that once all of the stack's
    /// update has succeeded, and may want the old one back before.
    private func write(_ request: ResourceRequest, deadline: Deadline) throws(Refusal) -> Outcome {
        let rule = try request.rule(ownSecrets)
        try rules.write(rule, for: request.owner, mayAdopt: request.mayAdopt, deadline: deadline)
        return Outcome(
            status: .success(data: [
                .init("Key", rule.key),
                .init("Rule", String(decoding: rule.object, as: UTF8.self)),
            ]),
            physicalID: request.physicalID(for: rule.key),
            leftOver: request.type == .update ? request.leftOver(besides: rule.key) : nil
        )
    }

    private func delete(_ request: ResourceRequest, deadline: Deadline) throws(Refusal) -> Outcome {
        if let removal = request.deletion {
            do throws(CallError) {
                try rules.remove(removal.key, if: removal.mayRemove, deadline: deadline)
            } catch {
                throw Refusal("the rule could not be removed: \(error)")
            }
        }
        return Outcome(status: .success(data: []), physicalID: request.physicalID)
    }

    /// Removes what an update has left behind, once CloudFormation knows of the new rule: until
    /// then the old one is what the stack believes in.
    private func clean(_ leftOver: ResourceRequest.Removal, deadline: Deadline) {
        let deadline = deadline.limited(
            toMilliseconds: Self.cleaningLimit,
            from: services.clock.now()
        )
        do throws(CallError) {
            try rules.remove(leftOver.key, if: leftOver.mayRemove, deadline: deadline)
        } catch {
            services.log.warning(
                "a rule that nothing declares any more is left behind: delete it",
                LogField("key", leftOver.key),
                LogField("reason", error.description)
            )
        }
    }

    private func log(_ request: CustomResourceRequest, _ done: Outcome, _ invocation: Invocation) {
        let log = services.log.with(
            LogField("requestId", invocation.requestID),
            LogField("requestType", request.requestType?.rawValue ?? ""),
            LogField("logicalId", request.logicalResourceID),
            LogField("stack", request.stackID),
            LogField("key", done.physicalID)
        )
        switch done.status {
        case .success: log.info("done", LogField("status", "SUCCESS"))
        case .failed(let reason):
            log.warning("refused", LogField("status", "FAILED"), LogField("reason", reason))
        }
    }
}
