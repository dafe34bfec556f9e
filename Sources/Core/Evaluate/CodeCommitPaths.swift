internal import AWS
internal import Platform

/// The paths that a CodeCommit change has changed: its events carry none, CodeCommit is asked.
///
/// - A push is compared with the commit before it, which EventBridge tells; else with the last
///   evaluated (``EvaluatedCommits``); else with its first parent. A root commit has all its files.
/// - A pull request is compared with the commit that its base is at. The events tell no merge
///   base, so this is the two-dot difference: all that merging would change is in it, and so is
///   what only the base has changed since. It may start more than was meant, and nothing less.
///
/// What fails in a way that may pass fails the invocation: nothing is decided on a part. What
/// will not pass (a base that a forced push removed, a missing permission, too many paths) leaves
/// the paths incomplete, with the reason, and `WhenPathsUnknown` decides.
struct CodeCommitPaths {
    let services: Services
    let change: Change

    /// The share of the time left that reading goes on for: the starts are to have the rest.
    private static let share = 2

    /// A comparison and how far it has been read.
    private struct Reading {
        var before: String?
        var after: String
        var continuation: String?
    }

    struct Found {
        var paths: ChangedPaths
        /// What was compared, where that hangs on what has been evaluated before.
        var steps: [EvaluatedCommits.Step]?
    }

    func find(deadline: Deadline) throws(CallError) -> Found {
        switch change.kind {
        case .push where change.before == nil: try sinceLast(deadline: deadline)
        case .push: Found(paths: try pushed(deadline: deadline))
        case .pullRequest: Found(paths: try requested(deadline: deadline))
        case .tag, .mergeGroup, .image: Found(paths: change.paths)
        }
    }

    private func requested(deadline: Deadline) throws(CallError) -> ChangedPaths {
        guard let base = change.pullRequest?.baseCommit, let head = change.after else {
            return change.paths
        }
        return try read(
            [Reading(before: base, after: head)],
            comparedWith: "\(base), where the base is",
            deadline: deadline
        )
    }

    private func pushed(deadline: Deadline) throws(CallError) -> ChangedPaths {
        guard let before = change.before, let after = change.after else { return change.paths }
        return try read(
            [Reading(before: before, after: after)],
            comparedWith: "\(before), where the branch was",
            deadline: deadline
        )
    }

    private func sinceLast(deadline: Deadline) throws(CallError) -> Found {
        let store = CommitStore(services: services, change: change)
        let steps = try store.enter(deadline: deadline).steps(to: change)
        var readings: [Reading] = []
        var comparedWith = "the same commit, which was evaluated before"
        for (index, step) in steps.enumerated() {
            var before: String?
            var words: String
            switch step.base {
            case .commit(let commit):
                before = commit
                words = "\(commit), the last commit evaluated"
            case .firstParent:
                do throws(CallError) {
                    before = try firstParent(of: step.after, deadline: deadline)
                } catch  where !error.isRetryable {
                    let paths = ChangedPaths(paths: [], incomplete: Self.reason(error))
                    return Found(paths: paths, steps: steps)
                }
                words =
                    before.map { "\($0), the commit's first parent" } ?? "nothing: a root commit"
            }
            if index == 0 {
                comparedWith = words
                let others = steps.count - 1
                if others > 0 { comparedWith += ", by way of \(others) not yet evaluated" }
            }
            readings.append(Reading(before: before, after: step.after))
        }
        let paths = try read(readings, comparedWith: comparedWith, deadline: deadline)
        return Found(paths: paths, steps: steps)
    }

    private func firstParent(of commit: String, deadline: Deadline) throws(CallError) -> String? {
        let call = CodeCommit.getCommit(change.repository, commit)
        return try CodeCommit.firstParent(of: call, services.client.send(call, deadline: deadline))
    }

    /// Reads all pages of all comparisons, those in parallel.
    private func read(
        _ readings: [Reading],
        comparedWith: String,
        deadline: Deadline
    ) throws(CallError) -> ChangedPaths {
        var builder = PathListBuilder()
        var incomplete: String?
        var open = readings
        let left = deadline.remaining(at: services.clock.now())
        let readBy = deadline.reserving(milliseconds: left - left / Self.share)
        while !open.isEmpty {
            let calls = open.map {
                CodeCommit.getDifferences(
                    change.repository,
                    before: $0.before,
                    after: $0.after,
                    continuation: $0.continuation
                )
            }
            let answers = services.client.send(calls, deadline: deadline)
            var next: [Reading] = []
            for (index, answer) in answers.enumerated() {
                do throws(CallError) {
                    let page = try CodeCommit.page(of: calls[index], answer.get())
                    for path in page.paths { builder.append(path) }
                    guard let continuation = page.continuation else { continue }
                    var reading = open[index]
                    reading.continuation = continuation
                    next.append(reading)
                } catch  where !error.isRetryable {
                    incomplete = Self.reason(error)
                }
            }
            open = next
            guard !open.isEmpty else { break }
            if builder.isFull {
                incomplete = "there are more than the \(builder.count) that were read"
                break
            }
            if readBy.remaining(at: services.clock.now()) == 0 {
                incomplete = "there was no time to read more than \(builder.count) of them"
                break
            }
        }
        return ChangedPaths(
            paths: builder.list(),
            incomplete: incomplete,
            comparedWith: comparedWith
        )
    }

    /// Why paths are missing, as a clause for a sentence.
    private static func reason(_ error: CallError) -> String {
        CodeCommit.isAboutMissingCommit(error)
            ? "CodeCommit no longer has a commit to compare, as after a forced push: \(error)"
            : "CodeCommit refused to compare: \(error)"
    }
}

/// The commit that a tag of CodeCommit points to: its events name what the tag is at, which is a
/// tag object where the tag is annotated, and do not say which of the two it is.
///
/// An id that is no commit's is a tag object's, or that of something that no pipeline can run on.
/// CodeCommit then tells the commit by the tag's name alone: of a tag that was moved meanwhile
/// that is the newer commit, and of one that was removed there is none.
struct CodeCommitTag {
    let services: Services
    let change: Change

    /// The change with its commit; without one where the tag points to something else.
    func resolved(deadline: Deadline) throws(CallError) -> Change {
        guard let object = change.after, let tag = change.tag else { return change }
        let asCommit = CodeCommit.getCommit(change.repository, object)
        if try commit(asCommit, CodeCommit.commitID, deadline) != nil { return change }
        let byName = CodeCommit.getFolder(change.repository, tag: tag)
        var resolved = change
        resolved.after = try commit(byName, CodeCommit.folderCommit, deadline)
        resolved.tagObject = object
        return resolved
    }

    /// The commit that an answer names; `nil` where there is none.
    private func commit(
        _ call: AWSCall,
        _ read: (AWSCall, HTTPResponse) throws(CallError) -> String,
        _ deadline: Deadline
    ) throws(CallError) -> String? {
        do throws(CallError) {
            return try read(call, services.client.send(call, deadline: deadline))
        } catch  where CodeCommit.isAboutNoCommit(error) {
            return nil
        }
    }
}

/// Which commits of a CodeCommit branch have been evaluated, kept in S3 by compare-and-swap.
struct CommitStore {
    let services: Services
    let change: Change

    /// Enters the change's commit: all commits of its branch, with it.
    func enter(deadline: Deadline) throws(CallError) -> EvaluatedCommits {
        try update(deadline: deadline) { $0.enter(change) }
    }

    /// Marks the change's commit as done, so that those to come are compared with it; whether
    /// that was right to do.
    ///
    /// It is not where an older push was entered while this one was evaluated, and this one has
    /// not been compared with it: then nothing is written.
    func conclude(
        compared steps: [EvaluatedCommits.Step]?,
        deadline: Deadline
    ) throws(CallError) -> Bool {
        var isWhole = true
        _ = try update(deadline: deadline) { commits in
            if let steps {
                isWhole = commits.steps(to: change).allSatisfy { steps.contains($0) }
            }
            return isWhole && commits.conclude(change)
        }
        return isWhole
    }

    /// Applies an edit, unless it says that it is none, to the object as it is at that moment.
    ///
    /// A write whose answer was lost looks like another run's: read again, it leaves the edit
    /// nothing to do.
    private func update(
        deadline: Deadline,
        _ edit: @escaping (inout EvaluatedCommits) -> Bool
    ) throws(CallError) -> EvaluatedCommits {
        let key = services.keys.commits(of: change)
        var commits = EvaluatedCommits()
        let update = S3Update(of: key, in: services.s3) { found in
            commits = EvaluatedCommits()
            if let found {
                if let known = EvaluatedCommits(parsing: found.body) {
                    commits = known
                } else {
                    services.log.warning(
                        "\(services.s3.bucket)/\(key) lists no commits, is overwritten"
                    )
                }
            }
            return edit(&commits) ? S3Update.Content(commits.encoded()) : nil
        }
        try services.client.update(update, deadline: deadline)
        return commits
    }
}
