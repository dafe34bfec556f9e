/// What one rule's patterns say about the changed paths, for an ``Explanation``.
struct ExplainedPaths {
    /// A property over changed paths that the rule states.
    struct Clause {
        var name: String
        var wants: String
        /// Where the rule's set names its patterns.
        var places: Range<Int>
    }

    /// The properties in the order in which they are looked at.
    private(set) var clauses: [Clause] = []
    /// The rule is of the mono-repo trigger, in which one property has all the patterns.
    var isEarlier = false {
        didSet { for index in clauses.indices { clauses[index].name = "ChangeMatchExpressions" } }
    }
    private let set: RuleSet
    private let selection: PathPatterns.Selection
    private let change: Change
    private let verdict: PathVerdict

    init(_ set: RuleSet, _ selection: PathPatterns.Selection, _ change: Change) {
        self.set = set
        self.selection = selection
        self.change = change
        var search = PathSearch(change.paths.paths, set.patterns)
        search.steps.begin(allowed: Budget.rule.limit)
        verdict = search.verdict(selection, count: change.paths.paths.count)
        for place in selection.included { add(place, pattern(at: place).clause, "") }
        for place in selection.excluded { add(place, "ExcludePaths", "none of ") }
    }

    private mutating func add(_ place: Int, _ name: String, _ before: String) {
        let text = pattern(at: place).text
        let words = text.isEmpty ? "the empty expression" : text
        if let last = clauses.last, isSame(last.name, name) {
            clauses[clauses.count - 1].wants += ", " + words
            clauses[clauses.count - 1].places = last.places.lowerBound..<place + 1
        } else {
            clauses.append(Clause(name: name, wants: before + words, places: place..<place + 1))
        }
    }

    private func pattern(at place: Int) -> PathPattern {
        set.patterns.patterns[set.patterns.places[place]]
    }

    /// The index of the clause that decides; `nil` where none does.
    private var deciding: Int? {
        switch verdict {
        case .match(_, let number?):
            clauses.firstIndex { clause in
                clause.places.contains { set.patterns.places[$0] == number }
            }
        case .match(_, nil): clauses.count - 1
        case .exceeded: nil
        case .excluded: change.paths.incomplete == nil ? clauses.count - 1 : nil
        case .none: change.paths.incomplete == nil ? 0 : nil
        }
    }

    /// What the paths decide; `nil` where they do not.
    var outcome: Decision.Outcome? {
        switch verdict {
        case .match: .start
        case .exceeded: nil
        case .excluded, .none: change.paths.incomplete == nil ? .skipped : nil
        }
    }

    /// What each clause did.
    var roles: [Explanation.Role] {
        clauses.indices.map { index in
            if index == deciding { return .decided }
            let excludes = clauses[index].places.lowerBound >= selection.excluded.lowerBound
            switch verdict {
            case .match:
                if excludes { return .passed }
                return index < deciding ?? 0 ? .noMatch : .notLookedAt
            case .excluded:
                return excludes ? .noMatch : .passed
            case .none, .exceeded:
                return .noMatch
            }
        }
    }

    /// The changed paths, so many of each kind, with the patterns that say so.
    func listed(limit: Int) -> Explanation.Paths {
        // All paths are listed, which may take more than deciding does.
        var search = PathSearch(
            change.paths.paths,
            set.patterns,
            MatchingSteps(inAll: .max / 2)
        )
        search.steps.begin(allowed: .max / 2)
        var listed = Explanation.Paths()
        for index in change.paths.paths.indices {
            let included = first(selection.included, index, &search)
            let excluded = first(selection.excluded, index, &search)
            let isIncluded = included != nil || selection.included.isEmpty
            var match: Explanation.PathMatch {
                Explanation.PathMatch(
                    path: change.paths.paths[index],
                    included: included,
                    excluded: excluded
                )
            }
            if !isIncluded {
                listed.othersCount += 1
                if listed.others.count < limit { listed.others.append(match) }
            } else if excluded != nil {
                listed.excludedCount += 1
                if listed.excluded.count < limit { listed.excluded.append(match) }
            } else {
                listed.matchingCount += 1
                if listed.matching.count < limit { listed.matching.append(match) }
            }
        }
        return listed
    }

    /// The first of some patterns that matches a path.
    private func first(_ places: Range<Int>, _ path: Int, _ search: inout PathSearch) -> String? {
        for place in places {
            let number = set.patterns.places[place]
            if search.first(number, in: path..<path + 1) != nil { return pattern(at: place).text }
        }
        return nil
    }
}
