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
    private let pipeline: PullRequestPipeline
    private let now: Timestamp

    /// Days without a change or a run after which a pipeline goes.
    static let days = 30
    /// How many pipelines one start looks at: one call each, and three more for one that is idle.
    static let mostLookedAt = 10
    /// How many pipelines one start removes.
    static let mostRemoved = 3

    init(_ pipeline: PullRequestPipeline, at now: Timestamp) {
        self.pipeline = pipeline
        self.now = now
    }

    /// What is done then, given how many of the template's pipelines are left and what there is
    /// to say of those that are gone: nothing, or `; …`.
    typealias Continuation = (_ left: Int, _ note: String) -> StartStep

    /// Begins with the template's pipelines, where they are listed already; without a list
    /// nothing is made.
    func begin(_ listed: [CodePipeline.Summary]?, then: @escaping Continuation) -> StartStep {
        guard let listed else {
            return .pipelines(beginning: pipeline.name.templatePrefix, pipeline.target.access) {
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
        !isSame(pipeline.name, self.pipeline.name.text) && isLongAgo(pipeline.updated)
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
            return .owner(of: name, pipeline.target.access) { result in
                guard case .success(let owned?) = result, isClone(owned) else {
                    return next(rest, progress, then)
                }
                return remove(name, rest, progress, then)
            }
        }
    }

    /// Whether the tags say that it was made from the template, for a pull request.
    private func isClone(_ owned: OwnedPipeline) -> Bool {
        owned.tag(PullRequestPipelineName.claimKey) != nil
            && owned.isMade(from: pipeline.target.template)
    }

    private func ifIdle(_ name: String, then: @escaping (Bool) -> StartStep) -> StartStep {
        let call = CodePipeline.latestExecution(of: name)
        return .send(
            StartStep.Request(call: call, access: pipeline.target.access) { result in
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
            StartStep.Request(call: call, access: pipeline.target.access) { result in
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

/// A pipeline and the tags that say whose it is.
struct OwnedPipeline {
    var name: String
    var pipeline: CodePipeline.Pipeline
    var tags: [CodePipeline.Tag]

    /// The value of a tag.
    func tag(_ key: String) -> String? {
        tags.first { isSame($0.key, key) }?.value
    }

    /// When that happened which it was last made or started for; `nil` also where that is later
    /// than now can be.
    func eventTime(at now: Timestamp) -> Timestamp? {
        let time = tag(PullRequestPipelineName.eventTimeKey).flatMap(Timestamp.init(iso8601:))
        return time?.isMadeUp(at: now) == true ? nil : time
    }

    /// Whether its tags say that it was made from that template.
    func isMade(from template: String) -> Bool {
        tag(PullRequestPipelineName.templateKey).map { isSame($0, template) } ?? false
    }
}

extension StartStep {
    /// Goes on with a pipeline and its tags; with none where there is no such pipeline.
    ///
    /// Nothing is done but reading.
    static func owner(
        of name: String,
        _ access: AWSAccess<String>,
        then: @escaping (Result<OwnedPipeline?, CallError>) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.getPipeline(name)
        return .send(
            Request(call: call, access: access) { result in
                let pipeline: CodePipeline.Pipeline
                do throws(CallError) {
                    pipeline = try CodePipeline.pipeline(of: call, result.get())
                } catch {
                    return then(absence(error, "PipelineNotFoundException"))
                }
                return tags(of: pipeline, named: name, access, then: then)
            }
        )
    }

    private static func tags(
        of pipeline: CodePipeline.Pipeline,
        named name: String,
        _ access: AWSAccess<String>,
        then: @escaping (Result<OwnedPipeline?, CallError>) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listTags(ofPipeline: pipeline.arn)
        return .send(
            Request(call: call, access: access) { result in
                do throws(CallError) {
                    let tags = try CodePipeline.tags(of: call, result.get())
                    return then(
                        .success(OwnedPipeline(name: name, pipeline: pipeline, tags: tags))
                    )
                } catch {
                    return then(absence(error, "ResourceNotFoundException"))
                }
            }
        )
    }

    private static func absence(
        _ error: CallError,
        _ code: String
    ) -> Result<OwnedPipeline?, CallError> {
        error.code == code ? .success(nil) : .failure(error)
    }

    /// How many pages of pipelines are read, of 1000 each.
    private static let mostPages = 5

    /// Goes on with the pipelines whose names begin like that; a list that cannot be read ends the
    /// start.
    static func pipelines(
        beginning prefix: String,
        _ access: AWSAccess<String>,
        then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        page(1, nextToken: nil, found: [], prefix, access, then)
    }

    private static func page(
        _ number: Int,
        nextToken: String?,
        found: [CodePipeline.Summary],
        _ prefix: String,
        _ access: AWSAccess<String>,
        _ then: @escaping ([CodePipeline.Summary]) -> StartStep
    ) -> StartStep {
        let call = CodePipeline.listPipelines(nextToken: nextToken)
        return .read(call, access) { (response) throws(CallError) in
            let page = try CodePipeline.page(of: call, response)
            let all = found + page.pipelines.filter { $0.name.utf8.starts(with: prefix.utf8) }
            guard let next = page.nextToken, number < mostPages else { return then(all) }
            return Self.page(number + 1, nextToken: next, found: all, prefix, access, then)
        }
    }
}
