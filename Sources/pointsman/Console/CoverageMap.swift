import Codec
import Core

/// The folders of repositories, and which rules cover their files: what the page draws.
struct CoverageMap {
    /// Folders that the page is sent at the most; deeper ones count as their parents' files.
    static let mostFolders = 3_000

    private struct Folder {
        var files = 0
        var uncovered = 0
        /// By the rule's place in the table, its files that lie directly here.
        var rules: [Int: Int] = [:]
        var children: [String: Int] = [:]
    }

    let repository: String
    private var folders = [Folder()]
    private var names: [String] = []
    private var numbers: [String: Int] = [:]

    init(_ repository: String) {
        self.repository = repository
    }

    /// Adds a file, with the names of the rules that cover it.
    mutating func add(_ path: String, coveredBy rules: some Sequence<String>) {
        var place = 0
        for name in path.split(separator: "/").dropLast() {
            if let next = folders[place].children[String(name)] {
                place = next
            } else if folders.count < Self.mostFolders {
                folders.append(Folder())
                folders[place].children[String(name)] = folders.count - 1
                place = folders.count - 1
            } else {
                break
            }
        }
        folders[place].files += 1
        var isCovered = false
        for rule in rules {
            isCovered = true
            folders[place].rules[number(of: rule), default: 0] += 1
        }
        if !isCovered { folders[place].uncovered += 1 }
    }

    private mutating func number(of rule: String) -> Int {
        if let known = numbers[rule] { return known }
        names.append(rule)
        numbers[rule] = names.count - 1
        return names.count - 1
    }

    var json: JSON {
        JSON([
            "repository": .string(repository),
            "rules": .array(names.map(JSON.string)),
            "root": node("", 0),
        ])
    }

    private func node(_ name: String, _ place: Int) -> JSON {
        let folder = folders[place]
        let rules = folder.rules.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let children = folder.children.sorted { $0.key < $1.key }
        return JSON([
            "name": .string(name),
            "files": .int(folder.files),
            "uncovered": .int(folder.uncovered),
            "rules": .array(rules.flatMap { [.int($0.key), .int($0.value)] }),
            "children": children.isEmpty ? nil : .array(children.map { node($0.key, $0.value) }),
        ])
    }
}

/// The paths that records name: of each rule the one that decided.
struct SeenPaths {
    /// Paths that are kept at the most.
    static let most = 20_000

    private var repositories: [String: [String: Set<String>]] = [:]
    private var count = 0

    mutating func add(_ saved: SavedRecord, prefix: String) {
        let repository = "\(saved.change("source") ?? "")/\(saved.change("repository") ?? "")"
        for rule in saved.json["rules"]?.array ?? [] {
            guard let path = rule["path"]?.string, let key = rule["rule"]?.string else { continue }
            if repositories[repository]?[path] == nil {
                guard count < Self.most else { continue }
                count += 1
                repositories[repository, default: [:]][path] = []
            }
            let outcome = rule["outcome"]?.string.flatMap(RuleOutcome.Outcome.init(rawValue:))
            if let outcome, ![.skipped, .invalid].contains(outcome) {
                repositories[repository]?[path]?.insert(RuleName.short(key, prefix: prefix))
            }
        }
    }

    /// What the page draws without a clone.
    var json: JSON {
        let maps = repositories.sorted { $0.key < $1.key }.map { repository, paths in
            var map = CoverageMap(repository)
            for (path, rules) in paths.sorted(by: { $0.key < $1.key }) {
                map.add(path, coveredBy: rules.sorted())
            }
            return map.json
        }
        let note =
            "Of each rule a record names only the path that decided. Start the console with --git "
            + "CLONE to see every file of a repository."
        return Redaction.clean(
            JSON(["basis": .string("records"), "note": .string(note), "maps": .array(maps)])
        )
    }
}

/// The clone whose files are held against the rules: the one place that needs `coverage` and git.
struct ClonedFiles: Sendable {
    let path: String
    /// The repository as rules name it, instead of that of the remote `origin`.
    var repository: String?

    /// What the page draws of the files of the checked-out commit.
    func json(_ overview: RuleOverview, keys: BucketKeys) throws(Failure) -> JSON {
        let clone = GitRepository(path: path)
        let files = try clone.files()
        let (source, name) = try RepositoryChoice(overview.entries.map { $0.rule })
            .repository(named: repository, origin: clone.origin())
        let push = CommitPush(
            commit: GitRepository.Commit(
                // Zeros alone would be the end of a branch.
                id: String(repeating: "2", count: 40),
                time: Timestamp(milliseconds: 0),
                message: "",
                paths: []
            ),
            source: source,
            repository: name,
            branch: (try? clone.branch()) ?? "main"
        )
        guard var change = try push.change() else {
            throw Failure("reading '\(path)': '\(name)' is no repository's name")
        }
        change.paths.paths = PathList(files.map { Path(utf8: [UInt8]($0.utf8)) })
        let listings = keys.ruleListings(for: change)
        var covered: [Path: [String]] = [:]
        var all: [String] = []
        for (rule, _) in overview.entries
        where listings.contains(where: { $0.contains(rule.key) }) && rule.problems.isEmpty {
            guard RuleSet([rule]).hasPathPatterns else {
                all.append(overview.name(of: rule))
                continue
            }
            let paths = Trace(rule, change, pathLimit: .max).paths
            for match in paths?.matching.named ?? [] {
                covered[match.path, default: []].append(overview.name(of: rule))
            }
        }
        var map = CoverageMap("\(source.rawValue)/\(name)")
        for file in files {
            map.add(file, coveredBy: covered[Path(utf8: [UInt8](file.utf8))] ?? [])
        }
        return Redaction.clean(
            JSON([
                "basis": .string("clone"), "maps": .array([map.json]),
                "coveringAll": .array(all.map(JSON.string)),
            ])
        )
    }
}
