internal import AWS
internal import Codec
internal import Platform

/// Creates, starts or deletes a pull request's own pipeline: a state machine that is given the
/// response to each call and returns what to do next.
///
///     reading, readingTags               the pipeline of that name
///       │ none, or another's
///     listing, reading, readingTags      the same, made under an earlier name of the repository
///       │ none              │ own
///       │                   ├▶ deleting
///       │                   └▶ renewingTags ▶ starting
///     readingTemplate                    and the token of its source action
///       │
///     listing, then for each old pipeline: readingRun, reading, readingTags, deletingIdle
///       │
///     creating ── the name is in use ▶ reading, readingTags ▶ renewingTags ▶ starting
///
/// Only a pipeline that carries the pull request's claim is started or deleted. Before it is
/// started, a tag is renewed that says for which event it was last used: a closing event that comes
/// late does not delete what was started for a later one. Another tag names the start that created
/// it, so that an attempt whose response was lost does not create it twice.
struct PullRequestPipelineStart {
    /// What the response to the last call is about.
    enum State {
        case reading(name: String, Lookup)
        case readingTags(OwnedPipeline, Lookup)
        /// The pipelines of the template: a page of them, and those of the pages before.
        case listing(page: Int, [CodePipeline.Summary], Listing)
        case readingTemplate
        /// The latest run of the sweep's first pipeline.
        case readingRun(PipelineSweep)
        case deletingIdle(PipelineSweep)
        case creating(Creation)
        case renewingTags(OwnedPipeline)
        case starting(OwnedPipeline)
        case deleting(OwnedPipeline)
    }

    /// Why a pipeline is looked up.
    enum Lookup {
        /// It has the pull request's name.
        case own
        /// It may be the pull request's under an earlier name, and so may others.
        case earlierName(others: ArraySlice<String>)
        /// It is the sweep's first pipeline, which is idle.
        case idle(PipelineSweep)
        /// Creating it failed with this error, because the name is in use.
        case nameInUse(CallError)
    }

    /// Why the template's pipelines are listed.
    enum Listing {
        case earlierNames
        case sweep(Creation)
    }

    /// What a pipeline is created from.
    struct Creation {
        let clone: PipelineClone
        var token: Secret?
        /// The claims that CodePipeline has not refused, the next one first.
        var claims: ArraySlice<String>
    }

    enum Action {
        case send(AWSCall, onlyReads: Bool = false)
        case readToken(arn: String, Creation)
        case end(StartResult)
    }

    let pipeline: PullRequestPipeline
    let start: Start
    let now: Timestamp
    private(set) var state: State
    /// The last call.
    private var call: AWSCall
    /// What has the pull request's name, or had it under an earlier name of the repository.
    private var found = PullRequestPipeline.Found.nothing
    /// The pipelines that are made from the template, once they are listed.
    private var listed: [CodePipeline.Summary]?
    /// What there is to say beside the outcome: nothing, or `; …`.
    private var note = ""

    /// How many pages of pipelines are read, of 1000 each.
    private static let maximumPages = 5
    /// How many pipelines are looked at that may be the pull request's under an earlier name.
    private static let maximumEarlierNames = 10
    /// How many pipelines may live that are made from one template.
    ///
    /// An account has 1000 in a region (CodePipeline user guide, "Quotas").
    static let maximumPipelines = 50

    init(_ pipeline: PullRequestPipeline, _ start: Start, at now: Timestamp) {
        self.pipeline = pipeline
        self.start = start
        self.now = now
        state = .reading(name: pipeline.name.text, .own)
        call = CodePipeline.getPipeline(pipeline.name.text)
    }

    var firstAction: Action { .send(call) }

    /// What to do after a response to the last call.
    mutating func next(_ result: Result<HTTPResponse, CallError>) -> Action {
        do throws(CallError) {
            return try advance(result)
        } catch {
            return .end(StartResult(error))
        }
    }

    private mutating func advance(
        _ result: Result<HTTPResponse, CallError>
    ) throws(CallError) -> Action {
        switch state {
        case .reading(let name, let lookup):
            do throws(CallError) {
                let pipeline = try CodePipeline.pipeline(of: call, result.get())
                let owned = OwnedPipeline(name: name, pipeline: pipeline)
                let tags = CodePipeline.listTags(ofPipeline: pipeline.arn)
                return send(tags, .readingTags(owned, lookup))
            } catch {
                return try lookedUp(absent(error, "PipelineNotFoundException"), lookup)
            }
        case .readingTags(var owned, let lookup):
            do throws(CallError) {
                owned.tags = try CodePipeline.tags(of: call, result.get())
            } catch {
                return try lookedUp(absent(error, "ResourceNotFoundException"), lookup)
            }
            return try lookedUp(.success(owned), lookup)
        case .listing(let number, var pipelines, let listing):
            let page = try reading(try CodePipeline.page(of: call, result.get()))
            let prefix = pipeline.name.templatePrefix.utf8
            pipelines += page.pipelines.filter { $0.name.utf8.starts(with: prefix) }
            guard let token = page.nextToken, number < Self.maximumPages else {
                return listingEnded(pipelines, listing)
            }
            return send(
                CodePipeline.listPipelines(nextToken: token),
                onlyReads: true,
                .listing(page: number + 1, pipelines, listing)
            )
        case .readingTemplate:
            let template = try reading(try CodePipeline.pipeline(of: call, result.get()))
            return clone(template.declaration)
        case .readingRun(let sweep):
            guard let name = sweep.names.first, PipelineSweep.isIdle(call, result, at: now)
            else {
                return carryOn(sweep.withoutFirst)
            }
            return lookUp(name, .idle(sweep))
        case .deletingIdle(var sweep):
            sweep.deletedFirst(result)
            return carryOn(sweep)
        case .creating(let creation):
            return try created(creation, result)
        case .renewingTags(let owned):
            try renewed(result)
            return use(owned)
        case .starting(let owned):
            let id = try CodePipeline.executionID(of: call, result.get())
            let newest = owned.takesCommit ? "" : ", on the newest commit: it is of type V1"
            let answer = "started \(words(owned)): \(id)\(newest)\(note)"
            return .end(.started(answer, run: start.run(.execution(id))))
        case .deleting(let owned):
            _ = try result.get()
            return .end(.started("deleted \(words(owned))"))
        }
    }

    private mutating func send(_ call: AWSCall, onlyReads: Bool = false, _ next: State) -> Action {
        self.call = call
        state = next
        return .send(call, onlyReads: onlyReads)
    }

    /// Reads a response to a call that changes nothing, so its failure leaves all as it was.
    private func reading<Value>(
        _ value: @autoclosure () throws(CallError) -> Value
    ) throws(CallError) -> Value {
        try mapError(try value()) { (error: CallError) in error.havingDoneNothing }
    }

    /// `the pipeline 'api@octo@mono@7' of octo/mono#7`.
    private func words(_ owned: OwnedPipeline) -> String {
        "the pipeline '\(owned.name)' of \(pipeline.name.claim)"
    }
}

/// The pipeline is looked up.
extension PullRequestPipelineStart {
    private mutating func lookUp(_ name: String, _ lookup: Lookup) -> Action {
        send(CodePipeline.getPipeline(name), .reading(name: name, lookup))
    }

    private func absent(_ error: CallError, _ code: String) -> Result<OwnedPipeline?, CallError> {
        error.code == code ? .success(nil) : .failure(error)
    }

    /// Goes on with a pipeline and its tags, `nil` if there is no such pipeline.
    private mutating func lookedUp(
        _ result: Result<OwnedPipeline?, CallError>,
        _ lookup: Lookup
    ) throws(CallError) -> Action {
        switch lookup {
        case .own:
            found = pipeline.found(try reading(try result.get()), by: start)
            if case .own = found { return act() }
            guard pipeline.name.repositoryID != nil else { return act() }
            return list(.earlierNames)
        case .earlierName(let others):
            // A pipeline that this role may not read is not the pull request's.
            if case .failure(let error) = result, error.isRetryable {
                throw error.havingDoneNothing
            }
            if case .success(let owned?) = result, owned.isMade(from: pipeline.target.template),
                case .own = pipeline.found(owned, by: start)
            {
                found = pipeline.found(owned, by: start)
                return act()
            }
            return lookUpEarlierName(others)
        case .idle(let sweep):
            guard case .success(let owned?) = result, owned.isMade(from: pipeline.target.template),
                owned.tag(PipelineTag.claim) != nil
            else { return carryOn(sweep.withoutFirst) }
            return send(CodePipeline.deletePipeline(owned.name), .deletingIdle(sweep))
        case .nameInUse(var error):
            let mayHaveActed = error.mayHaveActed
            let owned = try mapError(try result.get()) { (failure: CallError) in
                var failure = failure
                failure.mayHaveActed = mayHaveActed
                return failure
            }
            switch pipeline.found(owned, by: start) {
            case .nothing:
                error.isRetryable = true
                throw error
            case .another(let why): return .end(.refused(why + note))
            case .own(let owned, let isOfThisStart):
                return goOn(owned, isOfThisStart: isOfThisStart)
            }
        }
    }

    /// Goes on with the pipelines of the template.
    private mutating func listingEnded(
        _ pipelines: [CodePipeline.Summary],
        _ listing: Listing
    ) -> Action {
        listed = pipelines
        switch listing {
        case .earlierNames:
            let names = pipelines.map { $0.name }.filter { pipeline.name.mayBeEarlierName($0) }
            return lookUpEarlierName(names.prefix(Self.maximumEarlierNames))
        case .sweep(let creation):
            return makeRoom(creation)
        }
    }

    private mutating func list(_ listing: Listing) -> Action {
        send(
            CodePipeline.listPipelines(nextToken: nil),
            onlyReads: true,
            .listing(page: 1, [], listing)
        )
    }

    private mutating func lookUpEarlierName(_ names: ArraySlice<String>) -> Action {
        guard let name = names.first else { return act() }
        return lookUp(name, .earlierName(others: names.dropFirst()))
    }
}

/// The pipeline that is there is used or deleted.
extension PullRequestPipelineStart {
    private mutating func act() -> Action {
        switch (found, pipeline.act) {
        case (.nothing, .remove):
            return .end(.unchanged("there is no pipeline '\(pipeline.name.text)'"))
        case (.nothing, _):
            return send(
                CodePipeline.getPipeline(pipeline.target.template),
                onlyReads: true,
                .readingTemplate
            )
        case (.another(let why), _): return .end(.refused(why))
        case (.own(let owned, _), .remove): return delete(owned)
        case (.own(let owned, let isOfThisStart), _):
            return goOn(owned, isOfThisStart: isOfThisStart)
        }
    }

    /// Deletes the pipeline, unless it was created or started for a later event.
    ///
    /// A delivery may come late, and the pull request be open again.
    private mutating func delete(_ owned: OwnedPipeline) -> Action {
        if let usedFor = owned.eventTime(at: now), usedFor > pipeline.eventTime {
            return .end(
                .unchanged(
                    "\(words(owned)) was made or started for what happened at "
                        + "\(usedFor.iso8601Milliseconds), after this, at "
                        + pipeline.eventTime.iso8601Milliseconds
                )
            )
        }
        return send(CodePipeline.deletePipeline(owned.name), .deleting(owned))
    }

    /// Renews the tags, unless they are those of this change or a later one.
    private mutating func goOn(_ owned: OwnedPipeline, isOfThisStart: Bool) -> Action {
        if isOfThisStart { return .end(creation(of: owned.name)) }
        var tags: [NamedValue] = []
        if owned.eventTime(at: now).map({ $0 < pipeline.eventTime }) ?? true {
            let time = pipeline.eventTime.iso8601Milliseconds
            tags.append(NamedValue(PipelineTag.eventTime, time))
        }
        if let id = pipeline.name.repositoryID, owned.tag(PipelineTag.repository) == nil {
            tags.append(NamedValue(PipelineTag.repository, id))
        }
        guard !tags.isEmpty else { return use(owned) }
        let call = CodePipeline.setTags(tags, ofPipeline: owned.pipeline.arn)
        return send(call, .renewingTags(owned))
    }

    /// A temporary error ends the start, to be tried again; a final one is noted.
    private mutating func renewed(_ result: Result<HTTPResponse, CallError>) throws(CallError) {
        guard case .failure(var error) = result else { return }
        // It was deleted since it was looked up: another try creates it.
        if error.code == "ResourceNotFoundException" { error.isRetryable = true }
        guard !error.isRetryable else { throw error.havingDoneNothing }
        note += "; its tags could not be renewed: \(error)"
    }

    /// Starts the pipeline if it is to run, on the commit if its type takes one.
    private mutating func use(_ owned: OwnedPipeline) -> Action {
        guard pipeline.act == .run else {
            return .end(.unchanged("\(words(owned)) is there already" + note))
        }
        var revisions: [CodePipeline.SourceRevision] = []
        if owned.takesCommit, let commit = start.change.after {
            revisions = [.init(action: pipeline.target.sourceAction, .commit, commit)]
        }
        let call = CodePipeline.startPipelineExecution(
            owned.name,
            sourceRevisions: revisions,
            clientRequestToken: start.identity
        )
        return send(call, .starting(owned))
    }
}

/// The pipeline is created.
extension PullRequestPipelineStart {
    private mutating func clone(_ template: JSON) -> Action {
        do throws(PipelineCloneError) {
            let clone = try PipelineClone(of: template, for: pipeline)
            let creation = Creation(clone: clone, claims: pipeline.name.claims[...])
            guard clone.needsOAuthToken, let arn = pipeline.target.oauthTokenSecretARN else {
                return makeRoom(creation)
            }
            return .readToken(arn: arn, creation)
        } catch {
            return .end(.refused(error.description))
        }
    }

    /// What to do after the token was read.
    mutating func next(token: Secret, _ creation: Creation) -> Action {
        var creation = creation
        creation.token = token
        return makeRoom(creation)
    }

    /// Deletes idle pipelines first.
    private mutating func makeRoom(_ creation: Creation) -> Action {
        guard let listed else { return list(.sweep(creation)) }
        return carryOn(PipelineSweep(listed, without: pipeline.name.text, creation, at: now))
    }

    private mutating func carryOn(_ sweep: PipelineSweep) -> Action {
        if let name = sweep.names.first, !sweep.isFull {
            return send(CodePipeline.latestExecution(of: name), .readingRun(sweep))
        }
        note = sweep.note
        guard sweep.left < Self.maximumPipelines else {
            let why =
                "the template '\(pipeline.target.template)' has \(sweep.left) pipelines of pull "
                + "requests: at most \(Self.maximumPipelines) may live"
            return .end(.refused(why + note))
        }
        return create(sweep.creation)
    }

    private mutating func create(_ creation: Creation) -> Action {
        var tags = [
            NamedValue(PipelineTag.claim, creation.claims.first ?? pipeline.name.claim),
            NamedValue(PipelineTag.template, pipeline.target.template),
            NamedValue(PipelineTag.start, start.identity),
            NamedValue(PipelineTag.eventTime, pipeline.eventTime.iso8601Milliseconds),
        ]
        if let id = pipeline.name.repositoryID {
            tags.append(NamedValue(PipelineTag.repository, id))
        }
        let call = CodePipeline.createPipeline(
            pipeline.name.text,
            declaration: creation.clone.declaration(oauthToken: creation.token),
            tags: tags
        )
        return send(call, .creating(creation))
    }

    private mutating func created(
        _ creation: Creation,
        _ result: Result<HTTPResponse, CallError>
    ) throws(CallError) -> Action {
        guard case .failure(var error) = result else {
            return .end(self.creation(of: pipeline.name.text))
        }
        if error.code == "InvalidTagsException", creation.claims.count > 1 {
            var creation = creation
            creation.claims.removeFirst()
            return create(creation)
        }
        if let token = creation.token { error.message = token.hidden(in: error.message) }
        error.message += note
        guard error.code == "PipelineNameInUseException" else { throw error }
        // This start may have created it, in an attempt whose response was lost.
        return lookUp(pipeline.name.text, .nameInUse(error))
    }

    /// The pipeline was created, which is its first run.
    private func creation(of name: String) -> StartResult {
        .started(creationWords, run: start.run(.first(ofPipeline: name)))
    }

    private var creationWords: String {
        "created the pipeline '\(pipeline.name.text)' of \(pipeline.name.claim), which runs on the "
            + "newest commit of '\(pipeline.pullRequest.head)'\(note)"
    }
}

extension PullRequestPipelineStart {
    func begin(_ secrets: SecretCache) -> StartStep { step(firstAction, secrets) }

    /// Performs an action and gives the machine what comes of it.
    private func step(_ action: Action, _ secrets: SecretCache) -> StartStep {
        switch action {
        case .send(let call, let onlyReads):
            let access = pipeline.target.access
            return .callAWS(
                StartStep.AWSRequest(call: call, access: access, onlyReads: onlyReads) { result in
                    var machine = self
                    let action = machine.next(result)
                    return machine.step(action, secrets)
                }
            )
        case .readToken(let arn, let creation):
            let repository = start.change.repository
            return secrets.read(arn, for: .token, of: repository) { token, _ in
                var machine = self
                let action = machine.next(token: token, creation)
                return machine.step(action, secrets)
            }
        case .end(let outcome): return .ended(outcome)
        }
    }
}
