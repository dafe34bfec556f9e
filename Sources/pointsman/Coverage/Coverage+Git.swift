import Codec
import Trigger

extension Coverage {
    /// Decides all rules about each commit of a branch as if it had been pushed by itself.
    init(_ folder: RuleFolder, _ pushes: [CommitPush], files: [String]) throws(Failure) {
        guard let first = pushes.first, let sample = try first.change() else {
            throw Failure("there is no commit to look at")
        }
        let concerned = ConcernedRules(folder, for: sample)
        let set = RuleSet(concerned.entries.map(\.rule))
        var uses: [ByteKey: RuleUse] = [:]
        for entry in concerned.entries {
            var use = RuleUse(name: entry.name(prefix: concerned.prefix))
            use.coversAll = entry.rule.coversAll
            uses[ByteKey(entry.rule.key)] = use
        }
        for push in pushes {
            guard let change = try push.change() else { continue }
            for decision in set.decide(change) {
                uses[ByteKey(decision.ruleKey)]?.count(decision, on: push.commit.time.day)
            }
        }
        let name = "\(first.branch) of \(first.repository)"
        subject = pushes.count == 1 ? "1 commit of \(name)" : "\(pushes.count) commits of \(name)"
        changes = pushes.count
        rules = RuleUse.sorted(uses.values)
        gaps = Self.gaps(concerned.entries.map(\.rule), sample, files, pushes)
        notes = ["each commit counts as one push of its own"]
        if rules.contains(where: { $0.misses["Actors"] != nil || $0.misses["ExcludeActors"] != nil }
        ) {
            notes.append("who pushed is not known: rules that ask for an actor are skipped")
        }
        let all = rules.filter(\.coversAll).count
        if all > 0 { notes.append("\(all) of the rules look at no path and cover every folder") }
    }

    /// The folders that no rule's patterns reach; rules that look at no path do not count.
    private static func gaps(
        _ rules: [Rule],
        _ sample: Change,
        _ files: [String],
        _ pushes: [CommitPush]
    ) -> [Gap] {
        var change = sample
        change.paths.paths = PathList(files.map { Path(utf8: [UInt8]($0.utf8)) })
        var covered: Set<Path> = []
        for rule in rules where rule.looksAtPaths {
            let paths = Explanation(rule, change, pathLimit: .max).paths
            for match in paths?.matching ?? [] { covered.insert(match.path) }
        }
        var tree = FolderTree()
        for path in change.paths.paths {
            tree.add(String(decoding: path.utf8, as: UTF8.self), isCovered: covered.contains(path))
        }
        return tree.gaps.map { gap in
            var gap = gap
            gap.changes = pushes.count { push in
                push.commit.paths.contains { gap.holds($0) }
            }
            return gap
        }
    }
}

extension Coverage.RuleUse {
    mutating func count(_ decision: Decision, on day: String) {
        if decision.outcome == .start {
            starts += 1
            last = Swift.max(last ?? day, day)
        } else {
            misses[decision.clause, default: 0] += 1
        }
    }

    /// Those that start most often first.
    static func sorted(_ uses: some Sequence<Self>) -> [Self] {
        uses.sorted { ($1.starts, $0.name) < ($0.starts, $1.name) }
    }
}

extension Coverage.Gap {
    /// Whether a file is one of those that are not covered.
    func holds(_ path: String) -> Bool {
        guard path.utf8.starts(with: folder.utf8) else { return false }
        return !isPartly || !path.utf8.dropFirst(folder.utf8.count).contains(UInt8(ascii: "/"))
    }
}

extension Rule {
    /// Whether the rule says anything about changed paths.
    fileprivate var looksAtPaths: Bool { RuleSet([self]).looksAtPaths }

    /// Whether any push may start it, whatever it changed.
    fileprivate var coversAll: Bool {
        guard let definition else { return false }
        return !looksAtPaths && definition.events.contains(.push)
    }
}
