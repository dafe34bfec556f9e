internal import AWS
internal import Platform
internal import Trigger

/// Performs starts at the services that they are meant for.
struct TargetStarter {
    private let client: AWSClient
    private let roles: AssumedRoles

    init(services: Services) {
        self.client = services.client
        self.roles = AssumedRoles(client: services.client, clock: services.clock)
    }

    /// What came of one start.
    enum Outcome: Equatable {
        /// The target has it; what it answered.
        case started(String)
        /// The target refused and would refuse again; its words.
        case refused(String)
        /// It could not be told, or was busy: worth another try; why.
        case unavailable(String)

        init(_ error: AWSError) {
            self =
                error.isRetryable ? .unavailable(error.description) : .refused(error.description)
        }
    }

    /// Performs all starts in parallel: one outcome each, in their order.
    func perform(_ starts: [Start], deadline: Deadline) -> [Outcome] {
        var outcomes = starts.map { _ in Outcome.unavailable("not sent") }
        var calls: [AWSCall] = []
        var indices: [Int] = []
        let credentials = credentials(for: starts, deadline: deadline)
        for (index, start) in starts.enumerated() {
            switch credentials[index] {
            case .success(let assumed):
                calls.append(start.call.using(credentials: assumed, region: start.region))
                indices.append(index)
            case .failure(let error):
                outcomes[index] = Outcome(error)
            }
        }
        let answers = client.send(calls, deadline: deadline)
        for (position, index) in indices.enumerated() {
            do throws(AWSError) {
                let response = try answers[position].get()
                outcomes[index] = .started(try starts[index].answer(to: calls[position], response))
            } catch {
                outcomes[index] = Outcome(error)
            }
        }
        return outcomes
    }

    /// The credentials for each start: a role's where it names one, else the function's own.
    private func credentials(
        for starts: [Start],
        deadline: Deadline
    ) -> [Result<Credentials?, AWSError>] {
        var assumed = roles.credentials(of: starts.compactMap { $0.roleARN }, deadline: deadline)[
            ...
        ]
        return starts.map { start in
            guard start.roleARN != nil, let result = assumed.popFirst() else {
                return .success(nil)
            }
            return result.map { $0 }
        }
    }
}

extension Start {
    /// The role to perform it with; `nil` for the function's own.
    fileprivate var roleARN: String? {
        switch action {
        case .codePipeline(let pipeline): pipeline.roleARN
        }
    }

    /// The region to perform it in; `nil` for the function's own.
    fileprivate var region: String? {
        switch action {
        case .codePipeline(let pipeline): pipeline.region
        }
    }

    /// The call that performs it.
    fileprivate var call: AWSCall {
        switch action {
        case .codePipeline(let pipeline):
            CodePipeline.startPipelineExecution(
                pipeline.name,
                variables: pipeline.variables.map { .init(name: $0.name, value: $0.value) },
                sourceRevisions: sourceRevision(pipeline.sourceAction).map { [$0] } ?? [],
                clientRequestToken: identity
            )
        }
    }

    private func sourceRevision(_ action: String?) -> CodePipeline.SourceRevision? {
        guard let action, let commit else { return nil }
        return CodePipeline.SourceRevision(action: action, commitID: commit)
    }

    /// What the record shows of the target's answer.
    fileprivate func answer(
        to call: AWSCall,
        _ response: HTTPResponse
    ) throws(AWSError) -> String {
        switch action {
        case .codePipeline: try CodePipeline.executionID(of: call, response)
        }
    }
}
