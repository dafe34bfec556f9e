internal import AWS
internal import Codec
internal import Platform

/// Asks GitLab's API for the changed paths of a change.
struct GitLabPaths {
    let access: TokenAccess
    let clock: WallClock

    private var api: GitLabAPI { GitLabAPI(url: access.url) }

    /// How often a merge request is looked at whose differences are still being made, a second after each
    /// other: GitLab makes them after it has sent the event.
    static let looks = 4

    /// The change's paths with those that the API lists; `nil` where there is nothing to ask for.
    func paths(of change: Change, deadline: Deadline) throws(APIProblem) -> ChangedPaths? {
        switch change.kind {
        case .push:
            // A branch that was created has nothing to be compared with.
            guard let before = change.before, let after = change.after, !isSame(before, after)
            else { return nil }
            return try push(change, before, after, deadline: deadline)
        case .pullRequest:
            guard let number = change.pullRequest?.number, let head = change.after else {
                return nil
            }
            return try mergeRequest(number, head, change, deadline: deadline)
        case .tag, .mergeGroup, .image: return nil
        }
    }

    /// The comparison is that of two trees, so what a forced push took away is in it, and the old name of a
    /// renamed file too.
    private func push(
        _ change: Change,
        _ before: String,
        _ after: String,
        deadline: Deadline
    ) throws(APIProblem) -> ChangedPaths {
        let call = api.comparison(of: before, with: after, in: change.repository)
        let body = try access.calls.send(call, deadline: deadline).body
        var files = GitLabFiles(change.paths)
        let isCut = try mapError(try files.readComparison(body)) { APIProblem($0) }
        let incomplete: String? =
            if isCut {
                "GitLab has not compared all files"
            } else if files.count >= GitLabFiles.most {
                "GitLab lists \(files.count) files, and may list no more"
            } else {
                nil
            }
        return files.paths(change.paths, incomplete: incomplete)
    }

    private func mergeRequest(
        _ number: Int,
        _ head: String,
        _ change: Change,
        deadline: Deadline
    ) throws(APIProblem) -> ChangedPaths {
        guard let count = try count(ofFilesIn: number, change, deadline: deadline) else {
            throw APIProblem(.failed, "GitLab has not compared commit \(head) yet")
        }
        var files = GitLabFiles(change.paths)
        var page: Int? = 1
        while let current = page, files.count < GitLabFiles.most {
            let call = api.diffsOfMergeRequest(number, of: change.repository, page: current)
            let response = try access.calls.send(call, deadline: deadline)
            let before = files.count
            try mapError(try files.readPage(response.body)) { APIProblem($0) }
            guard !files.areTooMany else { throw .tooManyPaths(of: "GitLab") }
            let next = response.headers["x-next-page"].flatMap { Int($0) }
            page = next.flatMap { $0 > current && files.count > before ? $0 : nil }
        }
        // It may have been pushed to while its files were listed, which are then another commit's.
        let state = try state(of: number, change, deadline: deadline)
        guard state.isOf(change), state.count.map({ isSame($0, count) }) == true else {
            throw APIProblem(.failed, "the merge request has changed while its files were listed")
        }
        let incomplete: String? =
            if count.utf8.last == UInt8(ascii: "+") || files.count >= GitLabFiles.most {
                "GitLab says that \(count) files differ, and lists \(files.count)"
            } else if let all = Int(count), all != files.count {
                "GitLab says that \(all) files differ, and lists \(files.count)"
            } else {
                nil
            }
        return files.paths(change.paths, incomplete: incomplete)
    }

    private func state(
        of number: Int,
        _ change: Change,
        deadline: Deadline
    ) throws(APIProblem) -> GitLabMergeRequestState {
        let call = api.mergeRequest(number, of: change.repository)
        let body = try access.calls.send(call, deadline: deadline).body
        return try mapError(try GitLabMergeRequestState(body)) { APIProblem($0) }
    }

    /// How many files differ in a merge request whose head is the change's commit; `nil` if GitLab does not get
    /// to say that, or its head is another one by now.
    private func count(
        ofFilesIn number: Int,
        _ change: Change,
        deadline: Deadline
    ) throws(APIProblem) -> String? {
        for look in 1...Self.looks {
            let state = try state(of: number, change, deadline: deadline)
            if let count = state.count, state.isOf(change) { return count }
            guard look < Self.looks, deadline.remaining(at: clock.now()) > 1_000 else { break }
            clock.sleep(1_000)
        }
        return nil
    }
}
