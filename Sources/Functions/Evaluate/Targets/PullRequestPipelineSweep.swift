internal import AWS
internal import Codec
internal import Platform
internal import Trigger

/// Removes pipelines of the same template and repository in which nothing has happened for long,
/// before another one is made.
///
/// That a pull request was closed is known from its closing delivery alone. Where that was lost,
/// its pipeline stays, and nothing that CodePipeline knows tells it from one whose pull request is
/// open and quiet. So age decides, and may be wrong: the next push to such a pull request
/// makes its pipeline again.
struct PullRequestPipelineSweep {
    private let target: PullRequestPipelineTarget.Filled
    private let now: Timestamp

    /// Days without a change or a run after which a pipeline goes.
    static let days = 30
    /// How many pipelines one start looks at: each takes up to four calls.
    static let mostLookedAt = 3
    /// How many pages of pipelines are read, of 1000 each.
    static let mostPages = 5

    init(_ target: PullRequestPipelineTarget.Filled, at now: Timestamp) {
        self.target = target
        self.now = now
    }

    /// What is done then, given how many of the template's pipelines are left and what there is
    /// to say of those that are gone: nothing, or `; …`.
    typealias Continuation = (_ left: Int, _ note: String) -> StartStep

    func begin(then: @escaping Continuation) -> StartStep {
        list(nextToken: nil, page: 1, found: []) { found in
            let old = found.filter { isCandidate($0) }
                .sorted { ($0.updated?.milliseconds ?? 0) < ($1.updated?.milliseconds ?? 0) }
                .prefix(Self.mostLookedAt).map { $0.name }
            return next(old[...], Progress(left: found.count), then)
        }
    }

    private struct Progress {
        var left: Int
        var removed: [String] = []
        /// Those of which it could not be told whether they were removed.
        var open: [String] = []

        var note: String {
            var note = ""
            for name in removed { note += "; removed '\(name)', idle for \(days) days" }
            for name in open { note += "; it could not be told whether '\(name)' was removed" }
            return note
        }
    }

    /// The template's pipelines of pull requests; without them nothing is made.
    private func list(
        nextToken: String?,
        page number: Int,
        found: [CodePipeline.Summary],
        then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listPipelines(nextToken: nextToken)
        let prefix = target.pipeline.templatePrefix
        return .read(call, target.access) { (response) throws(CallError) in
            let page = try CodePipeline.page(of: call, response)
            let all = found + page.pipelines.filter { $0.name.utf8.starts(with: prefix.utf8) }
            guard let next = page.nextToken, number < Self.mostPages else { return then(all) }
            return list(nextToken: next, page: number + 1, found: all, then: then)
        }
    }

    private func isCandidate(_ pipeline: CodePipeline.Summary) -> Bool {
        pipeline.name.utf8.starts(with: target.pipeline.repositoryPrefix.utf8)
            && !isSame(pipeline.name, target.pipeline.text)
            && isLongAgo(pipeline.updated)
    }

    private func isLongAgo(_ moment: Timestamp?) -> Bool {
        guard let moment else { return false }
        return moment.adding(milliseconds: Self.days * 86_400_000) <= now
    }

    /// Looks at one after the other; what fails is left for another time.
    private func next(
        _ names: ArraySlice<String>,
        _ progress: Progress,
        _ then: @escaping Continuation
    ) -> StartStep {
        guard let name = names.first else { return then(progress.left, progress.note) }
        let rest = names.dropFirst()
        return .owner(of: name, target.access) { result in
            guard case .success(let owned?) = result, isClaimed(owned) else {
                return next(rest, progress, then)
            }
            return ifIdle(name) { isIdle in
                isIdle ? remove(name, rest, progress, then) : next(rest, progress, then)
            }
        }
    }

    /// Whether the tags say what the name does.
    private func isClaimed(_ owned: OwnedPipeline) -> Bool {
        guard let claim = owned.tag(PullRequestPipelineName.claimKey),
            let template = owned.tag(PullRequestPipelineName.templateKey)
        else { return false }
        return target.pipeline.claimPrefixes.contains { claim.utf8.starts(with: $0.utf8) }
            && isSame(template, target.template)
    }

    private func ifIdle(_ name: String, then: @escaping (Bool) -> StartStep) -> StartStep {
        let call = CodePipeline.latestExecution(of: name)
        return .send(
            StartStep.Request(call: call, access: target.access) { result in
                do throws(CallError) {
                    guard let run = try CodePipeline.run(of: call, result.get()) else {
                        return then(true)
                    }
                    return then(!run.isUnderWay && isLongAgo(run.updated))
                } catch {
                    return then(false)
                }
            }
        )
    }

    private func remove(
        _ name: String,
        _ rest: ArraySlice<String>,
        _ progress: Progress,
        _ then: @escaping Continuation
    ) -> StartStep {
        let call = CodePipeline.deletePipeline(name)
        return .send(
            StartStep.Request(call: call, access: target.access) { result in
                var progress = progress
                switch result {
                case .success:
                    progress.left -= 1
                    progress.removed.append(name)
                case .failure(let error):
                    if error.mayHaveActed { progress.open.append(name) }
                }
                return next(rest, progress, then)
            }
        )
    }
}
