internal import AWS
internal import Codec
internal import Platform
internal import Trigger

/// What is done about a pull request's own pipeline: it is looked at first, and only one that
/// carries the pull request's claim is started or removed.
///
/// Its creation is known again by a tag that names the start, so that an attempt whose answer was
/// lost is not made a second one.
struct PullRequestPipelineStart {
    let target: PullRequestPipelineTarget.Filled
    let start: Start
    let secrets: KeptSecrets
    let now: Timestamp

    init(
        _ target: PullRequestPipelineTarget.Filled,
        _ start: Start,
        _ secrets: KeptSecrets,
        at now: Timestamp
    ) {
        self.target = target
        self.start = start
        self.secrets = secrets
        self.now = now
    }

    /// What there is by the pipeline's name.
    enum Found {
        case nothing
        /// The pull request's own pipeline, and whether this start has made it.
        case own(OwnedPipeline, isOfThisStart: Bool)
        /// A pipeline that is not to be touched; why.
        case another(String)
    }

    var name: String { target.pipeline.text }

    var claim: String { target.pipeline.claim }

    func begin() -> StartStep {
        guard !target.isRefusedFork else {
            let from = target.head.fork.map { "the fork '\($0)'" } ?? "a fork"
            return .ended(
                .skipped("\(claim) comes from \(from): the rule's target does not say Forks: allow")
            )
        }
        return look(mayHaveMade: false) { found in
            switch (found, target.act) {
            case (.nothing, .remove): .ended(.unchanged("there is no pipeline '\(name)'"))
            case (.nothing, _): make()
            case (.another(let why), _): .ended(.refused(why))
            case (.own(let owned, _), .remove): remove(owned)
            case (.own(let owned, let isOfThisStart), _): goOn(owned.pipeline, isOfThisStart)
            }
        }
    }

    /// Goes on with the pipeline that is there.
    func goOn(
        _ pipeline: CodePipeline.Pipeline,
        _ isOfThisStart: Bool,
        _ note: String = ""
    ) -> StartStep {
        if isOfThisStart { return .ended(.started(made + note)) }
        if target.act == .run { return run(pipeline, note) }
        return .ended(.unchanged("the pipeline '\(name)' of \(claim) is there already" + note))
    }

    /// Goes on with what there is by the pipeline's name.
    ///
    /// - Parameter mayHaveMade: it may have been made just now, which a failure leaves open.
    func look(
        mayHaveMade: Bool,
        then: @escaping (Found) -> StartStep
    ) -> StartStep {
        func failed(_ error: CallError) -> StartStep {
            var error = error
            error.mayHaveActed = mayHaveMade
            return .ended(TargetStarter.Outcome(error))
        }
        return .owner(of: name, target.access) { result in
            switch result {
            case .failure(let error): failed(error)
            case .success(nil): then(.nothing)
            case .success(let owned?): then(found(owned))
            }
        }
    }

    private func found(_ owned: OwnedPipeline) -> Found {
        guard let value = owned.tag(PullRequestPipelineName.claimKey) else {
            return .another("\(foreign) has no tag \(PullRequestPipelineName.claimKey)")
        }
        guard target.pipeline.claims.contains(where: { isSame(value, $0) }) else {
            return .another("\(foreign) is claimed for '\(value)'")
        }
        let maker = owned.tag(PullRequestPipelineName.startKey) ?? ""
        return .own(owned, isOfThisStart: isSame(maker, start.identity))
    }

    private var foreign: String {
        "the pipeline '\(name)' is not \(claim)'s and was left as it is: it"
    }

    /// Removes the pipeline, unless it was made for what happened later: a delivery may come late,
    /// and the pull request be open again.
    private func remove(_ owned: OwnedPipeline) -> StartStep {
        let madeFor = owned.tag(PullRequestPipelineName.eventTimeKey)
            .flatMap(Timestamp.init(iso8601:))
        if let madeFor, madeFor > target.eventTime {
            return .ended(
                .unchanged(
                    "the pipeline '\(name)' of \(claim) was made for what happened at "
                        + "\(madeFor.iso8601Milliseconds), after this, at "
                        + target.eventTime.iso8601Milliseconds
                )
            )
        }
        return .call(CodePipeline.deletePipeline(name), target.access) { _ in
            .ended(.started("deleted the pipeline '\(name)' of \(claim)"))
        }
    }

    /// Starts the pipeline on the commit, where its type takes one.
    private func run(_ pipeline: CodePipeline.Pipeline, _ note: String) -> StartStep {
        let takesCommit = pipeline.declaration["pipelineType"]?.string == "V2"
        var revisions: [CodePipeline.SourceRevision] = []
        if takesCommit, let commit = start.commit {
            revisions = [.init(action: target.sourceAction, commitID: commit)]
        }
        let call = CodePipeline.startPipelineExecution(
            name,
            sourceRevisions: revisions,
            clientRequestToken: start.identity
        )
        return .call(call, target.access) { (response) throws(CallError) in
            let id = try CodePipeline.executionID(of: call, response)
            let on = takesCommit ? "" : ", on the newest commit: it is of type V1"
            return .ended(.started("started the pipeline '\(name)' of \(claim): \(id)\(on)\(note)"))
        }
    }

    var made: String {
        "created the pipeline '\(name)' of \(claim), which runs on the newest commit of "
            + "'\(target.head.branch)'"
    }
}
