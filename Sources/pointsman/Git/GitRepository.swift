import Codec
import Foundation
import Synchronization

/// A clone on this machine, read by the `git` command.
///
/// Only commands for programs are asked, whose output no configuration changes, and fields end in
/// zeros, which no name and no message has. The user's configuration still counts where it says that
/// a clone may be read at all (`safe.directory`). Nothing that a clone's own configuration names is run:
/// neither a monitor of its files nor what fetches objects that it lacks.
struct GitRepository {
    let path: String
    var program = "git"
    /// The environment that `git` is given, but for what names another repository.
    var environment = ProcessInfo.processInfo.environment
    /// From so many commits on they are compared in parts, at the same time.
    var manyCommits = 1_000

    /// One commit of a branch's own line: what a push or a merge has brought.
    struct Commit: Equatable {
        var id: String
        var time: Timestamp
        var message: String
        var paths: [String]
    }

    /// The commits of a branch's own line, the latest first.
    struct History: Equatable {
        var commits: [Commit]
        /// Whether the oldest commit is left out: a shallow clone lacks its parent, so that it seems
        /// to have changed every file.
        var isCut = false
    }

    /// The history of the checked-out branch; of a merge what it brought.
    ///
    /// - Parameters:
    ///   - since: No earlier ones.
    ///   - last: Only so many.
    func history(since: Timestamp?, last: Int?) throws(Failure) -> History {
        var arguments = ["--first-parent"]
        // Not `--since`, which takes what it does not understand, such as the year 2100, for now.
        if let since { arguments.append("--max-age=\(max(0, since.milliseconds / 1_000))") }
        if let last { arguments.append("--max-count=\(last)") }
        var heads = try self.heads(arguments + ["HEAD"])
        var history = History(commits: [])
        if let first = heads.last, first.parent == nil, try isCut(first.commit) {
            heads.removeLast()
            history.isCut = true
        }
        history.commits = heads.map(\.commit)
        // git compares on one processor alone, and that is most of the time that it takes.
        let parts = heads.count < manyCommits ? 1 : min(8, max(1, Self.processors))
        let size = max(1, (heads.count + parts - 1) / parts)
        let ranges = stride(from: 0, to: heads.count, by: size)
            .map { $0..<min($0 + size, heads.count) }
        let asked = ranges.map { range in
            heads[range].flatMap { head in
                Array("\(head.commit.id)\(head.parent.map { " \($0)" } ?? "")\n".utf8)
            }
        }
        let found = Mutex([Result<[[String]], Failure>?](repeating: nil, count: ranges.count))
        let commits = history.commits
        DispatchQueue.concurrentPerform(iterations: ranges.count) { part in
            let paths = Result { () throws(Failure) in
                try self.paths(of: commits[ranges[part]], asked: asked[part])
            }
            found.withLock { $0[part] = paths }
        }
        for (range, list) in zip(ranges, found.withLock { $0 }) {
            for (index, paths) in zip(range, try list?.get() ?? []) {
                history.commits[index].paths = paths
            }
        }
        return history
    }

    private static let processors = ProcessInfo.processInfo.activeProcessorCount

    /// The paths of some commits.
    ///
    /// git prints a commit's id, then for each path what happened to it, which begins with a colon, and
    /// the path.
    private func paths(
        of commits: ArraySlice<Commit>,
        asked: [UInt8]
    ) throws(Failure) -> [[String]] {
        var places: [String: Int] = [:]
        for (place, commit) in commits.enumerated() { places[commit.id] = place }
        var paths = [[String]](repeating: [], count: commits.count)
        let output = try git(
            ["diff-tree", "--stdin", "-r", "-z", "--raw", "--root"] + Self.differences,
            input: asked
        )
        var place: Int?
        var isPath = false
        for field in output.split(separator: 0, omittingEmptySubsequences: false) {
            if isPath {
                if let place { paths[place].append(String(decoding: field, as: UTF8.self)) }
                isPath = false
            } else if field.first == UInt8(ascii: ":") {
                isPath = true
            } else {
                place = places[String(decoding: field, as: UTF8.self)]
            }
        }
        return paths
    }

    /// Which paths a comparison lists: both names of a renamed file, and submodules too.
    private static let differences = ["--no-renames", "--ignore-submodules=none", "--no-ext-diff"]

    /// What one branch has that another does not, as one commit: its latest, with all paths in which
    /// it differs from the commit where the two parted.
    func difference(of head: String, from base: String) throws(Failure) -> Commit {
        let head = try commit(head)
        let base = try commit(base)
        let parting = try run(["merge-base", base, head])
        guard parting.status == 0 else {
            let hint = try isShallow() ? ": the clone is shallow (git fetch --unshallow)" : ""
            throw Failure("reading '\(path)': the two have no commit in common\(hint)")
        }
        guard var commit = try heads(["--max-count=1", head]).first?.commit else {
            throw Failure("reading '\(path)': there is no commit \(head)")
        }
        let output = try git(
            ["diff-tree", "-r", "-z", "--name-only"] + Self.differences
                + [text(parting.output), head]
        )
        commit.paths = output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return commit
    }

    /// The id of the commit that a name stands for.
    private func commit(_ name: String) throws(Failure) -> String {
        // Of a branch and a tag of one name git would take the tag.
        for name in name == "HEAD" ? [name] : ["refs/heads/\(name)", name] {
            let arguments = ["--verify", "--quiet", "--end-of-options", "\(name)^{commit}"]
            let run = try run(["rev-parse"] + arguments)
            if run.status == 0 { return text(run.output) }
        }
        throw Failure("reading '\(path)': there is no commit '\(name)'")
    }

    func files() throws(Failure) -> [String] {
        try git(["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"])
            .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The files below the folder that git tracks or would track, and what it is told to ignore.
    ///
    /// By their paths from there; folders that are ignored as a whole end in `/`. `nil` where it is no clone.
    func listing() -> (files: [String], ignored: [String])? {
        func list(_ what: [String]) -> [String]? {
            let output = try? git(["ls-files", "-z", "--others", "--exclude-standard"] + what)
            return output?.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
        guard let files = list(["--cached"]) else { return nil }
        return (files, list(["--ignored", "--directory"]) ?? [])
    }

    /// The topmost folder of the clone; `nil` where it is none.
    func root() -> String? {
        guard let output = try? git(["rev-parse", "--show-toplevel"]) else { return nil }
        // Its name may end in blanks.
        return String(decoding: output.dropLast(), as: UTF8.self)
    }

    /// The name of the branch that is checked out.
    func branch() throws(Failure) -> String {
        // Not `rev-parse`, which says nothing where a tag is called HEAD.
        let name = text(try run(["symbolic-ref", "--quiet", "HEAD"]).output)
        guard name.hasPrefix("refs/heads/") else {
            throw Failure("reading '\(path)': no branch is checked out; --branch names one")
        }
        return String(name.dropFirst("refs/heads/".count))
    }

    /// The remote `origin`; `nil` where there is none.
    func origin() -> GitOrigin? {
        // As it was given: a user may have it rewritten to that of a mirror (`url.….insteadOf`).
        (try? git(["config", "--get", "remote.origin.url"])).flatMap { GitOrigin(url: text($0)) }
    }
}

extension GitRepository {
    /// Commits without their paths, each with its first parent.
    private func heads(_ arguments: [String]) throws(Failure) -> [(commit: Commit, parent: String?)]
    {
        let format = "%x00%H%x00%P%x00%ct%x00%B%x00"
        let output = try git(
            ["rev-list", "--encoding=UTF-8", "--format=\(format)"] + arguments + ["--"]
        )
        // Before each commit's fields stands the line that rev-list itself prints.
        let fields = output.split(separator: 0, omittingEmptySubsequences: false)
        var heads: [(commit: Commit, parent: String?)] = []
        for start in stride(from: 1, to: fields.count - 4, by: 5) {
            let texts = fields[start..<start + 4].map { String(decoding: $0, as: UTF8.self) }
            let commit = Commit(
                id: texts[0],
                // Anybody can write any number there; the last second of the year 9999 is the latest.
                time: Timestamp(
                    milliseconds: min(max(Int(texts[2]) ?? 0, 0), 253_402_300_799) * 1_000
                ),
                message: texts[3],
                paths: []
            )
            heads.append((commit, texts[1].split(separator: " ").first.map(String.init)))
        }
        return heads
    }

    private func isShallow() throws(Failure) -> Bool {
        text(try git(["rev-parse", "--is-shallow-repository"])) == "true"
    }

    /// Whether a commit that seems to have no parent has one which a shallow clone lacks.
    private func isCut(_ commit: Commit) throws(Failure) -> Bool {
        guard try isShallow() else { return false }
        let object = String(decoding: try git(["cat-file", "commit", commit.id]), as: UTF8.self)
        let head = object.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.isEmpty }
        return head.contains { $0.hasPrefix("parent ") }
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func git(_ arguments: [String], input: [UInt8] = []) throws(Failure) -> [UInt8] {
        let run = try run(arguments, input: input)
        guard run.status == 0 else { throw failure(run.reason) }
        return run.output
    }

    private func run(_ arguments: [String], input: [UInt8] = []) throws(Failure) -> ProgramRun {
        do throws(Failure) {
            return try ProgramRun(
                "/usr/bin/env",
                [program, "-c", "core.fsmonitor=false", "-C", path] + arguments,
                input: input,
                environment: environment.filter { Self.isPassedOn($0.key) }
                    .merging(Self.confined) { $1 }
            )
        } catch {
            throw failure(error.description)
        }
    }

    /// Nothing is fetched that the clone lacks, by whatever protocol, and nobody is asked.
    private static let confined = [
        "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "", "GIT_TERMINAL_PROMPT": "0",
    ]

    /// Of git's own variables only those are passed on which say how it is reached and whom it trusts:
    /// others name a repository (in a hook, that of the hook), or how things are shown.
    private static func isPassedOn(_ name: String) -> Bool {
        !name.hasPrefix("GIT_")
            || ["GIT_CONFIG_", "GIT_SSH", "GIT_SSL_", "GIT_ASKPASS", "GIT_EXEC_PATH"].contains {
                name.hasPrefix($0)
            }
    }

    private func failure(_ reason: String) -> Failure {
        Failure("reading the git repository '\(path)': \(reason)")
    }
}
