internal import AWS
internal import Codec
internal import Platform

/// Deletes pipelines of the same template, of any repository, in which nothing has happened for
/// long, before another one is created.
///
/// That a pull request was closed is known from its closing delivery alone. If that was lost, its
/// pipeline stays, and nothing that CodePipeline knows tells it from one whose pull request is open
/// and quiet. So age decides, and may be wrong: the next push to such a pull request creates its
/// pipeline again. A repository that was renamed or removed leaves pipelines behind under names that
/// no event ever asks for: only this deletes them.
struct PipelineSweep {
    let creation: PullRequestPipelineStart.Creation
    /// The pipelines still to be looked at: one call each, and three more for one that is idle.
    private(set) var names: ArraySlice<String>
    /// How many of the template's pipelines are left.
    private(set) var left: Int
    private var deleted: [String] = []
    /// Those of which it could not be told whether they were deleted.
    private var unknown: [String] = []

    /// Days without a change or a run after which a pipeline is deleted.
    static let days = 30
    /// How many pipelines one start looks at.
    static let maximumLookedAt = 10
    /// How many pipelines one start deletes.
    static let maximumDeleted = 3

    init(
        _ pipelines: [CodePipeline.Summary],
        without own: String,
        _ creation: PullRequestPipelineStart.Creation,
        at now: Timestamp
    ) {
        self.creation = creation
        left = pipelines.count
        let old = pipelines.filter { !isSame($0.name, own) && Self.isLongAgo($0.updated, at: now) }
        let names = old.map { $0.name }.inOrder(of: old.map { $0.updated?.milliseconds ?? 0 })
        self.names = Self.turn(of: names, at: now)
    }

    /// The oldest; if there are too many, those whose turn it is, as the oldest may all be in use.
    private static func turn(of names: [String], at now: Timestamp) -> ArraySlice<String> {
        guard names.count > maximumLookedAt else { return names[...] }
        let first = max(0, now.milliseconds / 1_000) % names.count
        return (names[first...] + names[..<first]).prefix(maximumLookedAt)
    }

    private static func isLongAgo(_ moment: Timestamp?, at now: Timestamp) -> Bool {
        guard let moment else { return false }
        return moment.adding(milliseconds: days * 86_400_000) <= now
    }

    /// Whether the answer about a pipeline's latest run says that nothing has happened in it for long.
    static func isIdle(
        _ call: AWSCall,
        _ result: Result<HTTPResponse, CallError>,
        at now: Timestamp
    ) -> Bool {
        do throws(CallError) {
            guard let run = try CodePipeline.run(of: call, result.get()) else { return true }
            return !run.isUnderWay && isLongAgo(run.updated, at: now)
        } catch {
            return false
        }
    }

    var isFull: Bool { deleted.count + unknown.count >= Self.maximumDeleted }

    var withoutFirst: PipelineSweep {
        var sweep = self
        sweep.names.removeFirst()
        return sweep
    }

    /// Notes what came of deleting the first pipeline; one that is left is left for another time.
    mutating func deletedFirst(_ result: Result<HTTPResponse, CallError>) {
        guard let name = names.popFirst() else { return }
        switch result {
        case .success:
            left -= 1
            deleted.append(name)
        case .failure(let error):
            if error.mayHaveActed { unknown.append(name) }
        }
    }

    var note: String {
        var note = ""
        for name in deleted { note += "; removed '\(name)', idle for \(Self.days) days" }
        for name in unknown { note += "; it could not be told whether '\(name)' was removed" }
        return note
    }
}
