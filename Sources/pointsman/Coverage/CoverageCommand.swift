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

            Which rules did not start in a month?
              pointsman coverage --rules rules --bucket acme-pointsman --since 2026-02-01

            Exit status 1: a rule never starts, or a file is no rule.
            """
    )

    @Option(help: "The rules: a folder or a file.")
    var rules: String

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

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard git == nil ? stack.isKnown : !stack.isGiven else {
            throw ValidationError("say what to look at: either --git, or --stack or --bucket")
        }
        if let since, Timestamp(iso8601: "\(since)T00:00:00Z") == nil {
            throw ValidationError("--since: expected yyyy-mm-dd, found '\(since)'")
        }
    }

    func run() throws {
        let folder = try RuleFolder(rules)
        let coverage =
            try git.map { try self.coverage(folder, GitRepository(path: $0)) }
            ?? self.coverage(folder, stack.open())
        output.show(coverage.json, coverage.lines)
        for file in folder.unplaced {
            StandardError.tell("no rule: \(file.file): \(file.reason)")
        }
        let hasUnused = coverage.rules.contains { $0.starts == 0 }
        if hasUnused || !folder.unplaced.isEmpty { throw ExitCode.found }
    }

    private func coverage(
        _ folder: RuleFolder,
        _ clone: GitRepository
    ) throws(Failure) -> Coverage {
        let choice = RepositoryChoice(folder)
        let (source, repository) = try choice.repository(named: repository, origin: clone.origin())
        let branch: String
        if let named = self.branch { branch = named } else { branch = try clone.branch() }
        let commits = try clone.commits(since: since.map { "\($0)T00:00:00Z" }, last: last)
        let pushes = commits.map { commit in
            CommitPush(commit: commit, source: source, repository: repository, branch: branch)
        }
        return try Coverage(folder, pushes, files: clone.files())
    }

    private func coverage(_ folder: RuleFolder, _ bucket: Bucket) throws(Failure) -> Coverage {
        let now = WallClock.system.now()
        let first = since.flatMap { Timestamp(iso8601: "\($0)T00:00:00Z") }
        let days = first.map { (now.milliseconds - $0.milliseconds) / 86_400_000 + 1 } ?? 30
        let search = RecordSearch(bucket, day: nil, days: days, now: now)
        let records = try search.latest(last ?? .max)
        return Coverage(records, folder, prefix: bucket.prefix, place: search.place)
    }
}

/// Finds which repository of those that rules are about a clone is of.
struct RepositoryChoice {
    /// `github/acme/app` and so on, each once.
    private let names: [String]

    init(_ folder: RuleFolder) {
        var names: Set<ByteKey> = []
        for entry in folder.entries {
            let parts = entry.name(prefix: RuleFolder.prefix).split(separator: "/")
            if parts.count > 2 || parts.first == "codecommit" {
                names.insert(ByteKey(parts.dropLast().joined(separator: "/")))
            }
        }
        self.names = names.sorted().map(\.text)
    }

    /// The repository that was asked for, else that of the remote, else the only one there is.
    func repository(
        named asked: String?,
        origin: String?
    ) throws(Failure) -> (source: Change.Source, repository: String) {
        if let asked {
            let found = names.first { $0.hasSuffix("/\(asked.lowercased())") }
            return (found.flatMap(Self.source) ?? .github, asked)
        }
        let own = origin.flatMap { origin in
            names.first { $0.hasSuffix("/\(origin.lowercased())") }
        }
        guard let name = own ?? (names.count == 1 ? names.first : nil),
            let source = Self.source(name)
        else {
            let all = names.prefix(5).joined(separator: ", ")
            throw Failure(
                "the rules are about \(names.count) repositories (\(all)): --repository says which"
            )
        }
        return (source, name.split(separator: "/").dropFirst().joined(separator: "/"))
    }

    private static func source(_ name: String) -> Change.Source? {
        name.split(separator: "/").first.flatMap { Change.Source(rawValue: String($0)) }
    }
}
