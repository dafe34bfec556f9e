import ArgumentParser
import Codec
import Core
import Platform

/// `pointsman coverage`: which rules never start, and which folders none covers.
struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Says which rules never start, and which folders no rule covers.",
        discussion: """
            With --git, what would have happened: the functions' own code decides about every \
            commit of the clone's checked-out branch as one push. With --bucket, what did happen, by \
            decision records; these name no paths.

            Which folders of this repository does no rule cover?
              pointsman coverage --rules rules --git .

            How often would each rule have started this year?
              pointsman coverage --rules rules --git . --since 2026-01-01

            And by the last 200 commits alone?
              pointsman coverage --rules rules --git . --last 200

            Which rules of the stack did not start in a month?
              pointsman coverage --stack pointsman --since 2026-02-01

            Exit status 1: a rule never starts, or a file is no rule. A rule for tags or pull \
            requests, or for who pushed, does not count: no history tells.
            """
    )

    @Option(help: "The rules: a folder or a file (default: those in the stack's bucket).")
    var rules: String?

    @Option(help: "A clone; its checked-out branch is looked at.")
    var git: String?

    @OptionGroup var stack: StackOptions

    @Option(help: "The first day to look at (yyyy-mm-dd).")
    var since: String?

    @Option(help: "Look at no more than this many commits or deliveries.")
    var last: Int?

    @Option(help: "The repository as rules name it (default: that of the remote origin).")
    var repository: String?

    @Option(help: "The branch that the commits were pushed to (default: the one checked out).")
    var branch: String?

    @Flag(help: "Show every file that is no rule.")
    var all = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard git == nil || rules == nil ? stack.isKnown : !stack.isGiven else {
            throw ValidationError(
                git == nil
                    ? "say what to look at: either --git, or --stack or --bucket"
                    : "say where the rules are: either --rules, or --stack or --bucket"
            )
        }
        if let last, last < 1 {
            throw ValidationError("--last: expected a number of at least 1, found \(last)")
        }
        if let since, Timestamp(iso8601: "\(since)T00:00:00Z") == nil {
            throw ValidationError("--since: expected yyyy-mm-dd, found '\(since)'")
        }
    }

    /// The beginning of the first day.
    private var first: Timestamp? { since.flatMap { Timestamp(iso8601: "\($0)T00:00:00Z") } }

    func run() throws {
        let folder = try rules.map { (path) throws(Failure) in
            try RuleFolder(path).holdingSomething(path)
        }
        let coverage: Coverage
        if let git {
            let rules: RuleSource
            if let folder { rules = .folder(folder) } else { rules = .bucket(try stack.open()) }
            coverage = try self.coverage(rules, GitRepository(path: git))
        } else {
            coverage = try self.coverage(folder, stack.open())
        }
        try output.show(coverage.json, coverage.lines)
        let unplaced = folder?.unplaced ?? []
        let undecided = RuleFolder.lines(undecided: folder?.undecided ?? [])
        for line in undecided + RuleFolder.lines(unplaced, all: all) { StandardError.tell(line) }
        if coverage.rules.contains(where: \.isIdle) || !unplaced.isEmpty { throw ExitCode.found }
    }

    /// What a clone's history says.
    private func coverage(
        _ rules: RuleSource,
        _ clone: GitRepository
    ) throws(Failure) -> Coverage {
        let (choice, origin) = (RepositoryChoice(rules.known), clone.origin())
        let (source, repository) = try choice.repository(named: self.repository, origin: origin)
        let branch: String
        if let named = self.branch { branch = named } else { branch = try clone.branch() }
        StatusLine.show("reading the history of \(branch)")
        let history = try clone.history(since: first, last: last)
        let pushes = history.commits.map { commit in
            CommitPush(commit: commit, source: source, repository: repository, branch: branch)
        }
        let cut =
            "the clone is shallow: its oldest commit is left out, since what that changed is not "
            + "known (git fetch --unshallow)"
        guard let sample = try pushes.first?.change() else {
            throw Failure("there is no commit to look at" + (history.isCut ? ": \(cut)" : ""))
        }
        StatusLine.show("deciding about \(pushes.count) commits")
        var coverage = try Coverage(
            rules.rules(for: sample),
            pushes,
            sample: sample,
            files: clone.files()
        )
        if history.isCut { coverage.notes.append(cut) }
        if let warning = choice.warning(named: self.repository, origin: origin) {
            coverage.notes.append(warning)
        }
        if self.branch == nil, let note = coverage.noteOnBranch(branch) {
            coverage.notes.append(note)
        }
        return coverage
    }

    /// What decision records say.
    ///
    /// - Parameter folder: The rules; `nil` for those in the bucket.
    private func coverage(_ folder: RuleFolder?, _ bucket: Bucket) throws(Failure) -> Coverage {
        let now = WallClock.system.now()
        let days = first.map { (now.milliseconds - $0.milliseconds) / 86_400_000 + 1 } ?? 30
        let search = RecordSearch(bucket, day: nil, days: days, now: now)
        let names: [String]
        if let folder {
            names = folder.entries.map { $0.name(prefix: RuleFolder.prefix) }
        } else {
            names = try bucket.ruleKeys().map { RuleName.short($0, prefix: bucket.prefix) }
        }
        let records = try search.latest(last ?? .max)
        return Coverage(records, names: names, prefix: bucket.prefix, place: search.place)
    }
}
