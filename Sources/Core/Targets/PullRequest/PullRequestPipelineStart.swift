internal import AWS
internal import Codec
internal import Platform

/// What is done about a pull request's own pipeline: it is looked at first, and only one that
/// carries the pull request's claim is started or removed.
///
/// It is looked for by its name, then by its tags: the repository may have had another name when
/// it was made.
///
/// Before it is started, a tag is renewed that says when that happened which it was last of use
/// for: a closing that comes late removes nothing that was started for what happened after it.
///
/// Its creation is known again by a tag that names the start, so that an attempt whose answer was
/// lost is not made a second one.
struct PullRequestPipelineStart {
    let pipeline: PullRequestPipeline
    let start: Start
    let secrets: KeptSecrets
    let now: Timestamp

    init(
        _ pipeline: PullRequestPipeline,
        _ start: Start,
        _ secrets: KeptSecrets,
        at now: Timestamp
    ) {
        self.pipeline = pipeline
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

    var name: String { pipeline.name.text }

    var claim: String { pipeline.name.claim }

    func begin() -> StartStep {
        look(mayHaveMade: false) { found in
            if case .own = found { return act(on: found) }
            guard pipeline.name.repositoryID != nil else { return act(on: found) }
            return lookForEarlierNames(otherwise: found)
        }
    }

    /// Does what is to be done.
    ///
    /// - Parameter listed: The template's pipelines, where they are listed already.
    private func act(on found: Found, _ listed: [CodePipeline.Summary]? = nil) -> StartStep {
        switch (found, pipeline.act) {
        case (.nothing, .remove): .ended(.unchanged("there is no pipeline '\(name)'"))
        case (.nothing, _): make(listed)
        case (.another(let why), _): .ended(.refused(why))
        case (.own(let owned, _), .remove): remove(owned)
        case (.own(let owned, let isOfThisStart), _): goOn(owned, isOfThisStart)
        }
    }

    /// How many pipelines are looked at that may be the pull request's under an earlier name.
    private static let mostEarlierNames = 10

    /// Looks for the pull request's pipeline by its tags, among those of the template whose names
    /// end with its number.
    private func lookForEarlierNames(otherwise found: Found) -> StartStep {
        .pipelines(beginning: pipeline.name.templatePrefix, pipeline.target.access) { listed in
            let names = listed.map { $0.name }.filter { pipeline.name.mayBeEarlierName($0) }
            return look(at: names.prefix(Self.mostEarlierNames)) { own in
                act(on: own ?? found, listed)
            }
        }
    }

    private func look(
        at names: ArraySlice<String>,
        then: @escaping (Found?) -> StartStep
    ) -> StartStep {
        guard let name = names.first else { return then(nil) }
        return .owner(of: name, pipeline.target.access) { result in
            // What is refused is somebody else's.
            if case .failure(let error) = result, error.isRetryable {
                return .ended(StartOutcome(error.havingDoneNothing))
            }
            if case .success(let owned?) = result, owned.isMade(from: pipeline.target.template) {
                let found = found(owned)
                if case .own = found { return then(found) }
            }
            return look(at: names.dropFirst(), then: then)
        }
    }

    /// Goes on with the pipeline that is there.
    func goOn(
        _ owned: OwnedPipeline,
        _ isOfThisStart: Bool,
        _ note: String = ""
    ) -> StartStep {
        if isOfThisStart { return .ended(.started(made + note)) }
        return renew(owned) { renewal in
            let note = note + renewal
            if pipeline.act == .run { return run(owned, note) }
            return .ended(
                .unchanged("the pipeline '\(owned.name)' of \(claim) is there already" + note)
            )
        }
    }

    /// Renews the tags, where they are not those of this change or a later one; goes on with what
    /// there is to say of it: nothing, or `; …`.
    ///
    /// What may pass is tried again before anything is started. What is refused for good costs no
    /// start: it is said.
    private func renew(
        _ owned: OwnedPipeline,
        then: @escaping (_ note: String) -> StartStep
    ) -> StartStep {
        var tags: [CodePipeline.Tag] = []
        if owned.eventTime(at: now).map({ $0 < pipeline.eventTime }) ?? true {
            let time = pipeline.eventTime.iso8601Milliseconds
            tags.append(.init(PullRequestPipelineName.eventTimeKey, time))
        }
        if let id = pipeline.name.repositoryID,
            owned.tag(PullRequestPipelineName.repositoryKey) == nil
        {
            tags.append(.init(PullRequestPipelineName.repositoryKey, id))
        }
        guard !tags.isEmpty else { return then("") }
        let call = CodePipeline.setTags(tags, ofPipeline: owned.pipeline.arn)
        return .send(
            StartStep.Request(call: call, access: pipeline.target.access) { result in
                guard case .failure(var error) = result else { return then("") }
                // It was removed since it was looked at: another try makes it.
                if error.code == "ResourceNotFoundException" { error.isRetryable = true }
                guard error.isRetryable else {
                    return then("; its tags could not be renewed: \(error)")
                }
                return .ended(StartOutcome(error.havingDoneNothing))
            }
        )
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
            return .ended(StartOutcome(error))
        }
        return .owner(of: name, pipeline.target.access) { result in
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
        let repository = owned.tag(PullRequestPipelineName.repositoryKey)
        guard pipeline.name.isClaimed(by: value, ofRepository: repository) else {
            let whose = repository.map { " of the repository \($0)" } ?? ""
            return .another("\(foreign) is claimed for '\(value)'\(whose)")
        }
        let maker = owned.tag(PullRequestPipelineName.startKey) ?? ""
        return .own(owned, isOfThisStart: isSame(maker, start.identity))
    }

    private var foreign: String {
        "the pipeline '\(name)' is not \(claim)'s and was left as it is: it"
    }

    /// Removes the pipeline, unless it was made or started for what happened later.
    ///
    /// A delivery may come late, and the pull request be open again.
    private func remove(_ owned: OwnedPipeline) -> StartStep {
        let name = owned.name
        if let usedFor = owned.eventTime(at: now), usedFor > pipeline.eventTime {
            return .ended(
                .unchanged(
                    "the pipeline '\(name)' of \(claim) was made or started for what happened at "
                        + "\(usedFor.iso8601Milliseconds), after this, at "
                        + pipeline.eventTime.iso8601Milliseconds
                )
            )
        }
        return .call(CodePipeline.deletePipeline(name), pipeline.target.access) { _ in
            .ended(.started("deleted the pipeline '\(name)' of \(claim)"))
        }
    }

    /// Starts the pipeline on the commit, where its type takes one.
    private func run(_ owned: OwnedPipeline, _ note: String) -> StartStep {
        let name = owned.name
        let takesCommit = owned.pipeline.declaration["pipelineType"]?.string == "V2"
        var revisions: [CodePipeline.SourceRevision] = []
        if takesCommit, let commit = start.change.after {
            revisions = [.init(action: pipeline.target.sourceAction, commitID: commit)]
        }
        let call = CodePipeline.startPipelineExecution(
            name,
            sourceRevisions: revisions,
            clientRequestToken: start.identity
        )
        return .call(call, pipeline.target.access) { (response) throws(CallError) in
            let id = try CodePipeline.executionID(of: call, response)
            let on = takesCommit ? "" : ", on the newest commit: it is of type V1"
            return .ended(.started("started the pipeline '\(name)' of \(claim): \(id)\(on)\(note)"))
        }
    }

    var made: String {
        "created the pipeline '\(name)' of \(claim), which runs on the newest commit of "
            + "'\(pipeline.head.branch)'"
    }
}

/// How the pipeline is made.
extension PullRequestPipelineStart {
    /// How many pipelines may live that are made from one template.
    ///
    /// An account has 1000 in a region (CodePipeline user guide, "Quotas").
    static let mostPipelines = 50

    /// - Parameter listed: The template's pipelines, where they are listed already.
    func make(_ listed: [CodePipeline.Summary]?) -> StartStep {
        let call = CodePipeline.getPipeline(pipeline.target.template)
        return .read(call, pipeline.target.access) { (response) throws(CallError) in
            let template = try CodePipeline.pipeline(of: call, response).declaration
            do throws(PipelineCloneError) {
                let clone = try PipelineClone(of: template, for: pipeline)
                return readToken(for: clone) { makeRoom(for: clone, $0, listed) }
            } catch {
                return .ended(.refused(error.description))
            }
        }
    }

    /// Goes on with the token of a source action that needs one.
    private func readToken(
        for clone: PipelineClone,
        then: @escaping (Secret?) -> StartStep
    ) -> StartStep {
        guard clone.needsOAuthToken, let arn = pipeline.target.oauthTokenSecretARN else {
            return then(nil)
        }
        return secrets.reading(arn, for: .token, of: start.change.repository) { token, _ in
            then(token)
        }
    }

    /// Removes what nothing has happened in for long, and counts what is left.
    private func makeRoom(
        for clone: PipelineClone,
        _ token: Secret?,
        _ listed: [CodePipeline.Summary]?
    ) -> StartStep {
        PullRequestPipelineSweep(pipeline, at: now).begin(listed) { left, note in
            guard left < Self.mostPipelines else {
                let why =
                    "the template '\(pipeline.target.template)' has \(left) pipelines of pull requests: "
                    + "at most \(Self.mostPipelines) may live"
                return .ended(.refused(why + note))
            }
            return create(clone, token, claims: pipeline.name.claims[...], note)
        }
    }

    /// Makes it with the first of the claims that CodePipeline takes.
    private func create(
        _ clone: PipelineClone,
        _ token: Secret?,
        claims: ArraySlice<String>,
        _ note: String
    ) -> StartStep {
        let repository = pipeline.name.repositoryID
            .map { [CodePipeline.Tag(PullRequestPipelineName.repositoryKey, $0)] }
        let call = CodePipeline.createPipeline(
            name,
            declaration: clone.declaration(oauthToken: token),
            tags: [
                .init(PullRequestPipelineName.claimKey, claims.first ?? claim),
                .init(PullRequestPipelineName.templateKey, pipeline.target.template),
                .init(PullRequestPipelineName.startKey, start.identity),
                .init(PullRequestPipelineName.eventTimeKey, pipeline.eventTime.iso8601Milliseconds),
            ] + (repository ?? [])
        )
        return .send(
            StartStep.Request(call: call, access: pipeline.target.access) { result in
                guard case .failure(var error) = result else {
                    return .ended(.started(made + note))
                }
                if error.code == "InvalidTagsException", claims.count > 1 {
                    return create(clone, token, claims: claims.dropFirst(), note)
                }
                if let token { error.message = token.hidden(in: error.message) }
                error.message += note
                if error.code == "PipelineNameInUseException" {
                    return madeMeanwhile(error, note)
                }
                return .ended(StartOutcome(error))
            }
        )
    }

    /// Somebody has taken the name since it was looked at: this start, whose answer was lost, or
    /// another.
    private func madeMeanwhile(_ error: CallError, _ note: String) -> StartStep {
        look(mayHaveMade: error.mayHaveActed) { found in
            switch found {
            case .nothing:
                var error = error
                error.isRetryable = true
                return .ended(StartOutcome(error))
            case .another(let why): return .ended(.refused(why + note))
            case .own(let owned, let isOfThisStart):
                return goOn(owned, isOfThisStart, note)
            }
        }
    }
}
