internal import AWS
internal import Codec
internal import Platform

/// What becomes of a comment on a pull request, which may come from anybody: GitHub says who may ask for
/// a run and which commit the pull request is at, and the statuses that were recorded say what has failed.
struct CommentLookup {
    let services: Services
    /// `nil` without `GITHUB_TOKEN_ARN`.
    let access: GitHubAccess?
    let command: CommentCommand

    /// What is known of a comment.
    enum Finding {
        /// It may ask for runs, by that name.
        case asked(name: String)
        /// It starts nothing; why.
        case refused(String)
    }

    /// Asks GitHub, and adds what it says of the pull request to the change; throws what may be otherwise
    /// at the next attempt.
    ///
    /// - Parameter head: The pull request's head that was last received.
    func find(
        for change: inout Change,
        head: PullHead?,
        deadline: Deadline
    ) throws(APIProblem) -> Finding {
        let login = Self.login(of: change)
        guard let access else {
            return .refused(
                "whether \(login) may ask for it cannot be told: GITHUB_TOKEN_ARN is not set"
            )
        }
        guard let head, let eventTime = change.eventTime else {
            return .refused(
                "no event of the pull request was received, so that its commit is not known: push to "
                    + "it or reopen it, and comment again"
            )
        }
        guard head.eventTime <= eventTime else {
            return .refused(
                "the pull request was pushed to after the comment, and is at \(head.after) now: "
                    + "comment again"
            )
        }
        // The other half is for starting what is asked for.
        let left = deadline.remaining(at: services.clock.now())
        let deadline = deadline.reserving(milliseconds: left / 2)
        let repository = change.repository
        do throws(APIProblem) {
            let why = try refusal(of: login, in: repository, access, deadline: deadline)
            if let why { return .refused(why) }
            let call = access.api.pullRequest(change.pullRequest?.number ?? 0, of: repository)
            let response = try access.send(
                call,
                for: .comments(repository: repository),
                deadline: deadline
            )
            guard let pull = GitHubPull(response.body) else {
                throw APIProblem(.failed, .unreadable(call, response, "it is no pull request"))
            }
            return finding(pull, head, &change)
        } catch {
            // What GitHub refuses now it will refuse again.
            guard error.kind == .refused else { throw error }
            return .refused("GitHub's API does not say whether it may start: \(error.description)")
        }
    }

    private static func login(of change: Change) -> String { change.namedActor ?? "nobody" }

    /// Why the commenter may not ask for a run; `nil` for one who may push.
    private func refusal(
        of login: String,
        in repository: String,
        _ access: GitHubAccess,
        deadline: Deadline
    ) throws(APIProblem) -> String? {
        let call = access.api.permission(of: login, in: repository)
        let why: String
        do throws(APIProblem) {
            let response = try access.send(
                call,
                for: .comments(repository: repository),
                deadline: deadline
            )
            guard let role = GitHubPermission.role(by: response.body) else {
                throw APIProblem(.failed, .unreadable(call, response, "it has no 'permission'"))
            }
            if GitHubPermission.mayWrite(role) { return nil }
            why = "the permission is \(clipped(role))"
        } catch {
            // That there is no token says nothing about who has commented.
            guard !error.isOfToken, error.kind == .refused,
                error.status == 403 || error.status == 404
            else { throw error }
            why = error.description
        }
        return "\(login) may not push to \(repository), and so not ask for a run: \(why)"
    }

    private func finding(_ pull: GitHubPull, _ head: PullHead, _ change: inout Change) -> Finding {
        guard pull.isOpen else { return .refused("the pull request is closed by now") }
        guard isSame(pull.head, head.after) else {
            return .refused(
                "the pull request is at \(clipped(pull.head)) by now, and not at \(head.after): "
                    + "comment again"
            )
        }
        let isFork = head.fork || pull.isFork(of: change.repository)
        do throws(CommentCommand.Refusal) {
            let name = try command.name(onHead: head.after, ofFork: isFork)
            change.after = head.after
            change.branch = pull.base
            change.pullRequest?.base = pull.base
            change.pullRequest?.baseCommit = pull.baseCommit
            change.pullRequest?.head = pull.headBranch
            change.pullRequest?.draft = pull.isDraft
            change.pullRequest?.labels = pull.labels
            change.pullRequest?.fork = isFork
            change.pullRequest?.headRepository = isFork ? pull.headRepository : nil
            return .asked(name: name)
        } catch {
            return .refused(error.reason)
        }
    }
}

/// What has failed on a pull request's head, by the statuses that were recorded.
extension CommentLookup {
    /// Decides once a comment may ask for runs: `/retest` starts those rules alone whose status on the
    /// commit is `failure` or `error`.
    ///
    /// - Parameter change: the comment with all that is known of its pull request.
    func ask(
        for decisions: inout [Decision],
        on change: Change,
        deadline: Deadline
    ) throws(CallError) {
        let states = try states(of: decisions, on: change, deadline: deadline)
        let request = "\(Self.login(of: change)) asked for it by '\(clipped(command.line))'"
        for index in decisions.indices where decisions[index].outcome == .start {
            guard command.verb == .retest else {
                decisions[index].decide(by: .comment, request)
                continue
            }
            guard let context = decisions[index].status else {
                decisions[index].skip(
                    by: .comment,
                    "the rule has no Status that would say whether it has failed: /test starts it"
                )
                continue
            }
            let found =
                states[index].map { "is \($0.rawValue)" } ?? "was not set on \(change.after ?? "")"
            let status = "its status \(context) \(found)"
            if states[index] == .failure || states[index] == .error {
                decisions[index].decide(by: .comment, "\(request): \(status)")
            } else {
                decisions[index].skip(
                    by: .comment,
                    "\(status): /retest starts what has failed"
                )
            }
        }
    }

    /// For each decision the recorded state of its rule's status, if `/retest` may start it; all are read
    /// at the same time.
    private func states(
        of decisions: [Decision],
        on change: Change,
        deadline: Deadline
    ) throws(CallError) -> [CommitState?] {
        var states = [CommitState?](repeating: nil, count: decisions.count)
        guard command.verb == .retest else { return states }
        var indices: [Int] = []
        var calls: [AWSCall] = []
        for index in decisions.indices where decisions[index].outcome == .start {
            guard let context = decisions[index].status else { continue }
            let key = services.keys.status(
                of: change.after ?? "",
                in: change.repository,
                of: change.source,
                context: context
            )
            indices.append(index)
            calls.append(services.s3.getObject(key))
        }
        let answers = services.client.send(calls, deadline: deadline)
        for position in indices.indices {
            let object = try S3.object(ofGet: calls[position], answers[position].get())
            states[indices[position]] =
                object.flatMap { StatusRecord(parsing: $0.body) }?.wanted.status.state
        }
        return states
    }
}
