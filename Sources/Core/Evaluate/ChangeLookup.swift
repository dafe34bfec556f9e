internal import AWS
internal import Platform

/// What rules need to know of a change and its event does not say: the provider says it when it is
/// called, which is only done if it decides something.
struct ChangeLookup {
    private let services: Services
    private let paths: ProviderPaths
    /// The change with all that is known of it by now.
    private(set) var change: Change
    /// Why nothing can be started: CodeCommit refuses to say which commit a tag points to.
    private(set) var refusal: String?
    /// What a CodeCommit push was compared with, if that hangs on what has been evaluated before.
    private var steps: [EvaluatedCommits.Step]?
    private var isFirst = true
    private var mayAskForPaths = true
    /// The head of a comment's pull request that was last received.
    private let pullHead: PullHeadStore.Known
    /// What has become of a comment; `nil` until a rule hangs on it.
    private var comment: CommentLookup.Finding?

    init(
        services: Services,
        paths: ProviderPaths,
        change: Change,
        pullHead: PullHeadStore.Known
    ) {
        self.services = services
        self.paths = paths
        self.change = change
        self.pullHead = pullHead
    }

    /// Decides some of the rules, and looks up what that hangs on.
    mutating func decide(
        _ portion: RuleStore.Portion,
        deadline: Deadline
    ) throws(InvocationError) -> [Decision] {
        defer { isFirst = false }
        if let command = change.comment {
            return try decide(portion, onComment: command, deadline: deadline)
        }
        if isFirst { try findCodeCommitPaths(for: portion, deadline: deadline) }
        var decisions = portion.rules.decide(change, steps: portion.steps)
        if mayAskForPaths, decisions.contains(where: { mayHangOnOtherPaths($0) }) {
            mayAskForPaths = false
            if let paths = paths.paths(of: change, deadline: deadline) {
                change.paths = paths
                decisions = portion.rules.decide(change, steps: portion.steps)
            }
        }
        if isFirst, !portion.isWhole || decisions.contains(where: { $0.outcome == .start }) {
            let object = change.tagObject
            try resolveTag(deadline: deadline)
            if change.tagObject != object {
                decisions = portion.rules.decide(change, steps: portion.steps)
            }
        }
        return decisions
    }

    /// Whether the complete list of paths may lead to another decision.
    ///
    /// More paths can turn a skip into a start, and never a start into a skip. Gitea and GitLab do not say that a
    /// push was forced, so a list of theirs that looks complete may lack the paths that the force took away.
    private func mayHangOnOtherPaths(_ decision: Decision) -> Bool {
        decision.hangsOnUnknownPaths
            || change.kind == .push && change.source.hidesForce && decision.isSkippedByPaths
    }

    /// Decides what a comment asks for; GitHub is asked if it may be one of the rules.
    private mutating func decide(
        _ portion: RuleStore.Portion,
        onComment command: CommentCommand,
        deadline: Deadline
    ) throws(InvocationError) -> [Decision] {
        let lookup = CommentLookup(
            services: services,
            access: paths.gitHubAccess,
            command: command
        )
        if isFirst, !portion.isWhole || portion.rules.mayBeAsked(by: command) {
            do throws(APIProblem) {
                if case .unknown(let error) = pullHead { throw APIProblem(.failed, error) }
                comment = try lookup.find(for: &change, head: pullHead.head, deadline: deadline)
            } catch {
                throw .commentUnavailable(error.description)
            }
        }
        let decided = portion.rules.decide(change, steps: portion.steps)
        switch comment {
        case .asked(let name):
            var asked = portion.rules.decisions(decided, onComment: command, named: [name])
            do throws(CallError) {
                try lookup.ask(for: &asked, on: change, deadline: deadline)
            } catch {
                throw .commentUnavailable(error.description)
            }
            return asked
        case .refused(let reason):
            return portion.rules.decisions(decided, onComment: command, refusal: reason)
        case nil:
            return portion.rules.decisions(decided, onComment: command)
        }
    }

    /// CodeCommit's events carry no paths; no rule looks at those of a pull request that is closed.
    private mutating func findCodeCommitPaths(
        for portion: RuleStore.Portion,
        deadline: Deadline
    ) throws(InvocationError) {
        guard change.source == .codecommit, portion.rules.hasPathPatterns || !portion.isWhole,
            change.pullRequest?.action != "closed"
        else { return }
        do throws(CallError) {
            let found = try CodeCommitPaths(services: services, change: change)
                .find(deadline: deadline)
            (change.paths, steps) = (found.paths, found.steps)
        } catch {
            throw InvocationError(
                type: "Function.PathsUnavailable",
                message: "nothing was decided, since the changed paths cannot be read: \(error)"
            )
        }
    }

    /// Finds the commit of a CodeCommit tag, which rules run on.
    private mutating func resolveTag(deadline: Deadline) throws(InvocationError) {
        guard change.source == .codecommit, change.kind == .tag else { return }
        do throws(CallError) {
            change = try CodeCommitTag(services: services, change: change)
                .resolved(deadline: deadline)
        } catch {
            let reason = "the commit that the tag points to cannot be read: \(error)"
            guard error.isRetryable else {
                refusal = reason
                return
            }
            throw InvocationError(
                type: "Function.CommitUnavailable",
                message: "nothing was started, since \(reason)"
            )
        }
    }

    /// Remembers that all of a CodeCommit push is done; false if there is more to look at.
    func conclude(deadline: Deadline) throws(CallError) -> Bool {
        guard change.source == .codecommit, change.kind == .push else { return true }
        return try CommitStore(services: services, change: change)
            .conclude(compared: steps, deadline: deadline)
    }
}

extension InvocationError {
    fileprivate static func commentUnavailable(_ problem: String) -> InvocationError {
        InvocationError(
            type: "Function.CommentUnavailable",
            message:
                "nothing was started, since what the comment asks for cannot be looked up: \(problem)"
        )
    }
}
