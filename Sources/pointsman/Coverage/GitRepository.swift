import Codec
import Core
import Foundation

/// A clone on this machine, read by the `git` command.
struct GitRepository {
    let path: String
    var program = "git"

    /// One commit of a branch's own line: what a push or a merge has brought.
    struct Commit: Equatable {
        var id: String
        var time: Timestamp
        var message: String
        var paths: [String]
    }

    /// The commits of the checked-out branch, the latest first; of a merge what it brought.
    ///
    /// - Parameters:
    ///   - since: No earlier ones, as `git log --since` takes it.
    ///   - last: Only so many.
    func commits(since: String?, last: Int?) throws(Failure) -> [Commit] {
        var arguments = [
            "log", "--first-parent", "--diff-merges=first-parent", "--name-only", "--no-renames",
            "-z", "--format=%x01%H%x1f%ct%x1f%B",
        ]
        if let since { arguments.append("--since=\(since)") }
        if let last { arguments.append("--max-count=\(last)") }
        return Self.commits(in: try git(arguments + ["--"]))
    }

    func files() throws(Failure) -> [String] {
        try git(["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"])
            .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    func branch() throws(Failure) -> String {
        let name = text(try git(["rev-parse", "--abbrev-ref", "HEAD"]))
        guard name != "HEAD" else {
            throw Failure("reading '\(path)': no branch is checked out; --branch names one")
        }
        return name
    }

    /// `owner/name` of the remote `origin`; `nil` where there is none.
    func origin() -> String? {
        guard let url = try? text(git(["remote", "get-url", "origin"])) else { return nil }
        let bare = url.hasSuffix(".git") ? String(url.dropLast(4)) : url
        let parts = bare.split { $0 == "/" || $0 == ":" }
        return parts.count >= 2 ? parts.suffix(2).joined(separator: "/") : nil
    }

    /// Reads what `git log` prints: a head, then a line feed and the paths, all ended by zeros.
    static func commits(in output: [UInt8]) -> [Commit] {
        var commits: [Commit] = []
        for part in output.split(separator: 0) {
            let text = String(decoding: part, as: UTF8.self)
            if part.first == 1 {
                let fields = text.dropFirst().split(
                    separator: "\u{1F}",
                    maxSplits: 2,
                    omittingEmptySubsequences: false
                )
                guard fields.count == 3, let seconds = Int(fields[1]) else { continue }
                commits.append(
                    Commit(
                        id: String(fields[0]),
                        time: Timestamp(milliseconds: seconds * 1_000),
                        message: String(fields[2]),
                        paths: []
                    )
                )
            } else if !commits.isEmpty {
                let isFirst = commits[commits.count - 1].paths.isEmpty
                let path = isFirst && text.hasPrefix("\n") ? String(text.dropFirst()) : text
                commits[commits.count - 1].paths.append(path)
            }
        }
        return commits
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func git(_ arguments: [String]) throws(Failure) -> [UInt8] {
        do throws(Failure) {
            let run = try ProgramRun("/usr/bin/env", [program, "-C", path] + arguments)
            guard run.status == 0 else { throw Failure(text([UInt8](run.errors.utf8))) }
            return run.output
        } catch {
            throw Failure("reading the git repository '\(path)': \(error)")
        }
    }
}

/// A commit as the push that GitHub would have delivered.
struct CommitPush {
    var commit: GitRepository.Commit
    var source: Change.Source
    var repository: String
    var branch: String

    /// The change; who pushed is not known.
    func change() throws(Failure) -> Change? {
        let listed = JSON([
            "id": .string(commit.id),
            "added": .array([]),
            "removed": .array([]),
            "modified": .array(commit.paths.map(JSON.string)),
        ])
        let push = JSON([
            "ref": .string("refs/heads/\(branch)"),
            "before": .string(String(repeating: "1", count: 40)),
            "after": .string(commit.id),
            "repository": JSON(["full_name": .string(repository)]),
            "head_commit": JSON(["message": .string(commit.message)]),
            "commits": .array([listed]),
        ])
        let event = try EventFile(name: commit.id, bytes: push.encoded(), receivedAt: commit.time)
        var change = event.changes.first
        change?.source = source
        // A clone has them all, however many GitHub would have listed.
        change?.paths.incomplete = nil
        return change
    }
}
