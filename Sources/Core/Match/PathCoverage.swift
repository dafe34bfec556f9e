/// What one rule's patterns say about each of many paths.
///
/// For people, as ``Trace`` is: a history names each path over and over, and here each pattern is tried
/// on each path once. A push starts the rule, as far as paths decide, if one of its paths does.
package struct PathCoverage {
    package let ruleKey: String
    /// Whether the rule says anything about paths; otherwise both lists are empty.
    package let hasPathPatterns: Bool
    /// The paths that start it, as runs of the list's places.
    package fileprivate(set) var starting: [Range<Int>] = []
    /// Those that would, but are excluded.
    package fileprivate(set) var excluded: [Range<Int>] = []
}

extension RuleSet {
    /// What each rule's patterns say about each path, in the order of the rules' keys.
    package func selections(of paths: PathList) -> [PathCoverage] {
        // No push is decided here, so no budget is to be kept.
        var search = PathSearch(paths, patterns, MatchingSteps(inAll: .max / 2))
        search.steps.begin(allowed: .max / 2)
        var known = [[Range<Int>]?](repeating: nil, count: patterns.patterns.count)
        func runs(_ places: Range<Int>) -> [Range<Int>] {
            var all: [Range<Int>] = []
            for place in places {
                let number = patterns.places[place]
                let runs = known[number] ?? search.runs(of: number, among: paths.count)
                known[number] = runs
                all += runs
            }
            return all.merged
        }
        return zip(rules, entries).map { rule, entry in
            let selection = entry.selection
            var said = PathCoverage(ruleKey: rule.key, hasPathPatterns: !selection.isEmpty)
            guard said.hasPathPatterns, !paths.isEmpty else { return said }
            let included =
                selection.included.isEmpty ? [0..<paths.count] : runs(selection.included)
            (said.starting, said.excluded) = included.split(by: runs(selection.excluded))
            return said
        }
    }
}

extension PathSearch {
    /// All paths that a pattern matches.
    fileprivate mutating func runs(of number: Int, among count: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        while start < count, let found = first(number, in: start..<count) {
            let end = endOfRun(number, from: found) ?? found + 1
            runs.append(found..<end)
            start = end
        }
        return runs
    }
}

extension [Range<Int>] {
    /// The same places as runs in order that do not touch.
    fileprivate var merged: [Range<Int>] {
        var merged: [Range<Int>] = []
        for run in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, run.lowerBound <= last.upperBound {
                let end = Swift.max(last.upperBound, run.upperBound)
                merged[merged.count - 1] = last.lowerBound..<end
            } else {
                merged.append(run)
            }
        }
        return merged
    }

    /// The places that are in none of other runs, and those that are; both in order.
    fileprivate func split(by others: [Range<Int>]) -> (outside: [Range<Int>], inside: [Range<Int>])
    {
        var outside: [Range<Int>] = []
        var inside: [Range<Int>] = []
        var next = 0
        for run in self {
            var start = run.lowerBound
            while next < others.count, others[next].upperBound <= start { next += 1 }
            var other = next
            while start < run.upperBound {
                guard other < others.count, others[other].lowerBound < run.upperBound else {
                    outside.append(start..<run.upperBound)
                    break
                }
                if start < others[other].lowerBound {
                    outside.append(start..<others[other].lowerBound)
                    start = others[other].lowerBound
                }
                let end = Swift.min(others[other].upperBound, run.upperBound)
                inside.append(start..<end)
                start = end
                other += 1
            }
        }
        return (outside, inside)
    }
}
