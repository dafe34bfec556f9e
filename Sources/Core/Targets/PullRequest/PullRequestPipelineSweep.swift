internal import AWS
internal import Codec
internal import Platform

/// Removes pipelines of the same template, of whatever repository, in which nothing has happened
/// for long, before another one is made.
///
/// That a pull request was closed is known from its closing delivery alone. Where that was lost,
/// its pipeline stays, and nothing that CodePipeline knows tells it from one whose pull request is
/// open and quiet. So age decides, and may be wrong: the next push to such a pull request
/// makes its pipeline again. A repository that was renamed or removed leaves its pipelines behind
/// under names that no event ever asks for: these go here alone.
struct PullRequestPipelineSweep {
    private let target: PullRequestPipelineTarget.Filled
    private let now: Timestamp

    /// Days without a change or a run after which a pipeline goes.
    static let days = 30
    /// How many pipelines one start looks at: one call each, and three more for one that is idle.
    static let mostLookedAt = 10
    /// How many pipelines one start removes.
    static let mostRemoved = 3

    init(_ target: PullRequestPipelineTarget.Filled, at now: Timestamp) {
        self.target = target
        self.now = now
    }

    /// What is done then, given how many of the template's pipelines are left and what there is
    /// to say of those that are gone: nothing, or `; …`.
    typealias Continuation = (_ left: Int, _ note: String) -> StartStep

    /// Begins with the template's pipelines, where they are listed already; without a list
    /// nothing is made.
    func begin(_ listed: [CodePipeline.Summary]?, then: @escaping Continuation) -> StartStep {
        guard let listed else {
            return .pipelines(beginning: target.pipeline.templatePrefix, target.access) {
                begin($0, then: then)
            }
        }
        let old = listed.filter { isCandidate($0) }
            .sorted { ($0.updated?.milliseconds ?? 0) < ($1.updated?.milliseconds ?? 0) }
            .map { $0.name }
        return next(turn(of: old)[...], Progress(left: listed.count), then)
    }

    /// The oldest; of more than can be looked at those whose turn it is, as the oldest may all be
    /// in use.
    private func turn(of names: [String]) -> [String] {
        guard names.count > Self.mostLookedAt else { return names }
        let first = max(0, now.milliseconds / 1_000) % names.count
        return Array((names[first...] + names[..<first]).prefix(Self.mostLookedAt))
    }

    private struct Progress {
        var left: Int
        var removed: [String] = []
        /// Those of which it could not be told whether they were removed.
        var open: [String] = []

        var touched: Int { removed.count + open.count }

        var note: String {
            var note = ""
            for name in removed { note += "; removed '\(name)', idle for \(days) days" }
            for name in open { note += "; it could not be told whether '\(name)' was removed" }
            return note
        }
    }

    private func isCandidate(_ pipeline: CodePipeline.Summary) -> Bool {
        !isSame(pipeline.name, target.pipeline.text) && isLongAgo(pipeline.updated)
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
        guard let name = names.first, progress.touched < Self.mostRemoved else {
            return then(progress.left, progress.note)
        }
        let rest = names.dropFirst()
        return ifIdle(name) { isIdle in
            guard isIdle else { return next(rest, progress, then) }
            return .owner(of: name, target.access) { result in
                guard case .success(let owned?) = result, isClone(owned) else {
                    return next(rest, progress, then)
                }
                return remove(name, rest, progress, then)
            }
        }
    }

    /// Whether the tags say that it was made from the template, for a pull request.
    private func isClone(_ owned: OwnedPipeline) -> Bool {
        owned.tag(PullRequestPipelineName.claimKey) != nil && owned.isMade(from: target.template)
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
