internal import AWS
internal import Codec
internal import Platform

/// How the pipeline is made.
extension PullRequestPipelineStart {
    /// How many pipelines may live that are made from one template.
    ///
    /// An account has 1000 in a region (CodePipeline user guide, "Quotas").
    static let mostPipelines = 50

    /// - Parameter listed: The template's pipelines, where they are listed already.
    func make(_ listed: [CodePipeline.Summary]?) -> StartStep {
        let call = CodePipeline.getPipeline(target.template)
        return .read(call, target.access) { (response) throws(CallError) in
            let template = try CodePipeline.pipeline(of: call, response).declaration
            do throws(PipelineCloneError) {
                let clone = try PipelineClone(of: template, for: target)
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
        guard clone.needsOAuthToken, let arn = target.oauthTokenSecretARN else { return then(nil) }
        return secrets.reading(arn, for: .token, of: start.repository) { token, _ in then(token) }
    }

    /// Removes what nothing has happened in for long, and counts what is left.
    private func makeRoom(
        for clone: PipelineClone,
        _ token: Secret?,
        _ listed: [CodePipeline.Summary]?
    ) -> StartStep {
        PullRequestPipelineSweep(target, at: now).begin(listed) { left, note in
            guard left < Self.mostPipelines else {
                let why =
                    "the template '\(target.template)' has \(left) pipelines of pull requests: "
                    + "at most \(Self.mostPipelines) may live"
                return .ended(.refused(why + note))
            }
            return create(clone, token, claims: target.pipeline.claims[...], note)
        }
    }

    /// Makes it with the first of the claims that CodePipeline takes.
    private func create(
        _ clone: PipelineClone,
        _ token: Secret?,
        claims: ArraySlice<String>,
        _ note: String
    ) -> StartStep {
        let repository = target.pipeline.repositoryID
            .map { [CodePipeline.Tag(PullRequestPipelineName.repositoryKey, $0)] }
        let call = CodePipeline.createPipeline(
            name,
            declaration: clone.declaration(oauthToken: token),
            tags: [
                .init(PullRequestPipelineName.claimKey, claims.first ?? claim),
                .init(PullRequestPipelineName.templateKey, target.template),
                .init(PullRequestPipelineName.startKey, start.identity),
                .init(PullRequestPipelineName.eventTimeKey, target.eventTime.iso8601Milliseconds),
            ] + (repository ?? [])
        )
        return .send(
            StartStep.Request(call: call, access: target.access) { result in
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
