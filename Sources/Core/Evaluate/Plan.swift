/// What is to be done about each decision: some call for a start, the others are told as they are.
struct Plan {
    /// What is to be started, in the order of the decisions.
    private(set) var starts: [Start] = []
    private var steps: [Step] = []

    private enum Step {
        /// The next of the starts is this decision's.
        case start(Decision)
        case told(RuleOutcome)
    }

    /// - Parameters:
    ///   - refusal: Why nothing of the change can be started, if that is so.
    ///   - ownSecrets: what no target may name, so that it is not even read.
    init(
        _ decisions: [Decision],
        of change: Change,
        refusal: String? = nil,
        ownSecrets: OwnSecrets
    ) {
        for decision in decisions {
            if let refusal, decision.outcome == .start {
                steps.append(.told(RuleOutcome(decision, .failed, answer: refusal)))
                continue
            }
            do throws(RuleProblem) {
                if let target = decision.target,
                    let problem = ownSecrets.problems(of: target).first
                {
                    throw problem
                }
                guard let start = try Start(decision, of: change) else {
                    steps.append(.told(RuleOutcome(decision)))
                    continue
                }
                starts.append(start)
                // The start has it, with its placeholders resolved.
                var decision = decision
                decision.target = nil
                steps.append(.start(decision))
            } catch {
                steps.append(.told(RuleOutcome(decision, .refused(error.description))))
            }
        }
    }

    /// Returns the starts and forgets them, so that each can be released as soon as it has ended.
    mutating func takeStarts() -> [Start] {
        defer { starts = [] }
        return starts
    }

    /// What became of each rule, given how the starts ended; those of other plans may follow.
    func outcomes(_ ends: inout ArraySlice<EndedStart>) -> [RuleOutcome] {
        steps.map { step in
            switch step {
            case .told(let outcome): return outcome
            case .start(let decision):
                guard let end = ends.popFirst() else {
                    return RuleOutcome(decision, .failed, willBeRetried: true)
                }
                var outcome = RuleOutcome(decision, end.result)
                outcome.superseded = end.superseded
                return outcome
            }
        }
    }
}

/// How a start has ended, and what became of the runs that it takes the place of.
struct EndedStart: Equatable {
    var result: StartResult
    var superseded: [StoppedRun] = []
}

extension Start {
    /// The start that a decision calls for, or `nil` where it calls for none.
    ///
    /// Throws if a placeholder gives the target a value that it cannot have.
    package convenience init?(
        _ decision: Decision,
        of change: Change
    ) throws(RuleProblem) {
        guard let target = decision.target else { return nil }
        // A pipeline of the pull request's own may have been removed since, and is made anew.
        let head =
            target.followsPullRequests
            ? nil : change.headDigest(ifOpened: decision.hasLabels)
        let order = StartOrder(of: change, startsNewest: decision.startsNewest)
        let supersedes = decision.supersedes && change.kind == .pullRequest && order != nil
        self.init(
            ruleKey: decision.ruleKey,
            change: change,
            identity: (head ?? change.bodyDigest).startIdentity(ruleKey: decision.ruleKey),
            isOncePerHead: head != nil,
            action: try target.action(
                for: change,
                ends: decision.ends,
                hasStatus: decision.status != nil
            ),
            order: order,
            status: decision.status,
            supersedes: supersedes,
            endsRuns: supersedes && decision.ends
        )
    }
}
