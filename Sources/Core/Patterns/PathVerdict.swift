/// What the changed paths say about a rule.
enum PathVerdict: Equatable {
    /// The lowest path that an include and no exclude matches, and the rule's first pattern that
    /// does; none where the rule has no include.
    case match(path: Int, pattern: Int?)
    /// The rule has used up its steps before any path was found.
    case exceeded
    /// Includes match, but only what is excluded: the lowest such path and the first exclude.
    case excluded(path: Int, pattern: Int)
    /// No include matches any path.
    case none
}

extension PathSearch {
    /// Finds the path that decides for a rule: a change matches if some changed path matches an
    /// include and no exclude.
    mutating func verdict(_ selection: PathPatterns.Selection, count: Int) -> PathVerdict {
        var excluded: PathVerdict?
        var start = 0
        while start < count {
            var path = count
            var pattern: Int?
            if selection.included.isEmpty { path = start }
            for place in selection.included {
                let number = patterns.places[place]
                let found = first(number, in: start..<path)
                if steps.isOver { return .exceeded }
                guard let found else { continue }
                path = found
                pattern = number
                if path == start { break }
            }
            guard path < count else { break }
            var end: Int?
            for place in selection.excluded {
                let number = patterns.places[place]
                let found = endOfRun(number, from: path)
                if steps.isOver { return .exceeded }
                guard let found else { continue }
                end = found
                if excluded == nil {
                    excluded = .excluded(path: path, pattern: number)
                }
                break
            }
            guard let end else {
                return .match(path: path, pattern: pattern)
            }
            start = end
        }
        return steps.isOver ? .exceeded : excluded ?? .none
    }
}
