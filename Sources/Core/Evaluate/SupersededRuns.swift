internal import AWS
internal import Codec
internal import Platform

/// The earlier runs of pull requests that are stopped because newer starts take their place, of rules with
/// `Supersede`.
///
/// They are stopped once nothing is left to start. Until then the head names them: an attempt that is killed in
/// between is made again, finds its start in the ledger or gets the same run from the target, and stops what it
/// found in the head. What could not be stopped stays in the head (``HeadRun/isDue``), and the attempt fails.
final class SupersededRuns {
    private let stopper: RunStopper
    private let heads: HeadStore
    /// What became of those of each start, in the order in which the starts were added.
    private var stopped: [[StoppedRun]] = []
    /// Started and written down, by this attempt or an earlier one, with something left to stop.
    private var waiting: [Successor] = []
    /// What is still to be written of those whose runs were stopped.
    private var overdue: [S3Update] = []

    /// A start that has taken the place of earlier runs.
    private final class Successor {
        let index: Int
        let start: Start
        let answer: String
        let run: RunName?
        let head: HeadStore.Known

        init(
            _ index: Int,
            _ start: Start,
            _ answer: String,
            _ run: RunName?,
            _ head: HeadStore.Known
        ) {
            self.index = index
            self.start = start
            self.answer = answer
            self.run = run
            self.head = head
        }
    }

    init(stopper: RunStopper, heads: HeadStore) {
        self.stopper = stopper
        self.heads = heads
    }

    /// How many starts wait for what they take the place of to be stopped.
    var waitingCount: Int { waiting.count }

    /// Why a run could not be stopped that another attempt is to stop; `nil` if there is none.
    var unstopped: String? {
        for runs in stopped {
            for case .pending(let why) in runs.map({ $0.end }) { return why }
        }
        return nil
    }

    /// What became of the earlier runs of the start at an index.
    subscript(index: Int) -> [StoppedRun] { stopped[index] }

    /// Makes room for one more start.
    func addStart() { stopped.append([]) }
}

extension SupersededRuns {
    /// The runs that are to be stopped now that a start has ended so.
    func runsToStop(for claimed: ClaimedStart, _ result: StartResult) -> [HeadRun] {
        let hasRun = result.run != nil || claimed.start.endsRuns
        guard hasRun, claimed.startedAnswer(result) != nil else { return [] }
        return claimed.head.runsToStop(for: claimed.start)
    }

    /// Takes a start that an earlier attempt has made: the updates of its head that nothing is to be stopped for.
    ///
    /// The earlier attempt may not have been able to write the head.
    func take(
        _ start: Start,
        at index: Int,
        startedBefore answer: String,
        run: RunName?,
        head: HeadStore.Known
    ) -> [S3Update] {
        if case .unknown = head { return [] }
        guard head.runsToStop(for: start).isEmpty else {
            waiting.append(Successor(index, start, answer, run, head))
            return []
        }
        return heads.raisingAgain(start, answer: answer, run: run, over: head)
    }

    /// The updates of the head of a start that has ended so; none if it was not started.
    ///
    /// What is to be stopped for it is in the head from then on, and is stopped by the next ``stop(for:_:deadline:)``.
    func raise(_ claimed: ClaimedStart, _ result: StartResult) -> [S3Update] {
        guard let answer = claimed.startedAnswer(result) else { return [] }
        var runs = stopped[claimed.index]
        if runs.isEmpty {
            runs = runsToStop(for: claimed, result).map { StoppedRun($0, .pending("")) }
            if !runs.isEmpty {
                waiting.append(
                    Successor(claimed.index, claimed.start, answer, result.run, claimed.head)
                )
            }
        }
        return heads.raising(
            claimed.start,
            answer: answer,
            run: result.run,
            stopped: runs,
            over: claimed.head
        )
    }

    /// The updates of the heads whose runs were stopped since the last time.
    func overdueUpdates() -> [S3Update] {
        defer { overdue = [] }
        return overdue
    }

    /// Stops all that is to be stopped, also for starts that are about to be written down.
    func stop(
        for unwritten: [ClaimedStart],
        _ results: [StartResult],
        deadline: Deadline
    ) {
        var indices: [Int] = []
        var runs: [HeadRun] = []
        func add(_ more: [HeadRun], _ index: Int) {
            for run in more {
                indices.append(index)
                runs.append(run)
            }
        }
        for claimed in unwritten {
            add(runsToStop(for: claimed, results[claimed.index]), claimed.index)
        }
        for successor in waiting {
            add(successor.head.runsToStop(for: successor.start), successor.index)
        }
        guard !runs.isEmpty else { return }
        let ends = stopper.stop(runs, deadline: deadline)
        for position in runs.indices { stopped[indices[position]].append(ends[position]) }
        for successor in waiting {
            overdue += heads.raisingAgain(
                successor.start,
                answer: successor.answer,
                run: successor.run,
                stopped: stopped[successor.index],
                over: successor.head
            )
        }
        waiting = []
    }
}
