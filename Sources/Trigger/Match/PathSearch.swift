internal import Platform

/// Looks for the paths of one change that patterns match, each pattern's work done once.
///
/// The paths are sorted, so a plain beginning leaves a range of them, found by halving. Within
/// it, three bytes that every match holds leave the few that ``PathGrams`` lists. What is left
/// is matched, in order, only as far as somebody asks, and remembered.
struct PathSearch {
    /// What is known of one pattern.
    private struct Progress {
        var isPrepared = false
        /// Every path of `range` matches: nothing is left to try.
        var matchesAll = false
        /// The paths that may match.
        var range = 0..<0
        /// The next path to try.
        var next = 0
        /// The next position in the grams' list; `nil` where all of the range is tried.
        var position: Range<Int>?
        /// The paths found, as runs, in order.
        var runs: [Range<Int>] = []
        /// The paths on which the expression was given up; they are among the runs.
        var exceeded: [Int] = []
    }

    private let paths: PathList
    let patterns: PathPatterns
    private var progress: [Progress]
    private var grams: PathGrams?
    private var machine = GlobMachine()

    /// From how many candidates on it pays to look for grams.
    private static let manyCandidates = 16

    init(_ paths: PathList, _ patterns: PathPatterns) {
        self.paths = paths
        self.patterns = patterns
        progress = [Progress](repeating: Progress(), count: patterns.patterns.count)
    }

    /// The first path in a range that a pattern matches.
    mutating func first(_ number: Int, in range: Range<Int>) -> Int? {
        prepare(number, from: range.lowerBound)
        if progress[number].matchesAll {
            let common = progress[number].range.clamped(to: range)
            return common.isEmpty ? nil : common.lowerBound
        }
        if let run = run(number, endingBehind: range.lowerBound) {
            let first = max(run.lowerBound, range.lowerBound)
            return first < range.upperBound ? first : nil
        }
        let end = min(range.upperBound, progress[number].range.upperBound)
        while progress[number].next < end {
            guard step(number) else { continue }
            let found = progress[number].next - 1
            if found >= range.lowerBound { return found < range.upperBound ? found : nil }
        }
        return nil
    }

    /// Where the run of paths ends that a pattern matches from a path on; `nil` if not even that.
    mutating func endOfRun(_ number: Int, from path: Int) -> Int? {
        prepare(number, from: path)
        if progress[number].matchesAll {
            let range = progress[number].range
            return range.contains(path) ? range.upperBound : nil
        }
        let last = progress[number].range.upperBound
        while progress[number].next <= path, progress[number].next < last { _ = step(number) }
        while let run = run(number, endingBehind: path), run.contains(path) {
            let mayGoOn = run.upperBound == progress[number].next && run.upperBound < last
            guard mayGoOn, step(number) else { return run.upperBound }
        }
        return nil
    }

    /// Whether a pattern was given up on a path that it was said to match.
    func hasExceeded(_ number: Int, _ path: Int) -> Bool {
        progress[number].exceeded.contains(path)
    }

    /// The first run that ends behind a path, of those found so far.
    private func run(_ number: Int, endingBehind path: Int) -> Range<Int>? {
        let count = progress[number].runs.count
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if progress[number].runs[middle].upperBound > path {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low < count ? progress[number].runs[low] : nil
    }

    /// Tries the next candidate, and says whether it matches.
    private mutating func step(_ number: Int) -> Bool {
        var candidate = progress[number].next
        let end = progress[number].range.upperBound
        if let positions = progress[number].position, let grams {
            var position = positions.lowerBound
            while position < positions.upperBound, grams.path(at: position) < candidate {
                position += 1
            }
            candidate = position < positions.upperBound ? min(grams.path(at: position), end) : end
            progress[number].position = position..<positions.upperBound
        }
        guard candidate < end else {
            progress[number].next = end
            return false
        }
        progress[number].next = candidate + 1
        guard matches(number, candidate) else { return false }
        let last = progress[number].runs.count - 1
        if last >= 0, progress[number].runs[last].upperBound == candidate {
            progress[number].runs[last] = progress[number].runs[last].lowerBound..<candidate + 1
        } else {
            progress[number].runs.append(candidate..<candidate + 1)
        }
        return true
    }

    private mutating func matches(_ number: Int, _ index: Int) -> Bool {
        let path = paths.utf8(at: index)
        // Cheaper than the pattern, and mostly the end of it.
        for run in patterns.patterns[number].needed where !path.holds(run) { return false }
        switch patterns.patterns[number] {
        case .glob(let glob):
            return glob.matches(path, &machine)
        case .expression(let expression):
            guard let expression = expression.expression else { return true }
            switch expression.match(path.span) {
            case .match: return true
            case .noMatch: return false
            case .limitExceeded:
                progress[number].exceeded.append(index)
                return true
            }
        }
    }

    /// Finds the candidates of a pattern, when it is asked about for the first time.
    private mutating func prepare(_ number: Int, from path: Int) {
        guard !progress[number].isPrepared else { return }
        progress[number].isPrepared = true
        let pattern = patterns.patterns[number]
        var range = paths.range(prefix: pattern.head)
        switch pattern {
        case .glob(let glob):
            if glob.middle == .anything, glob.tail.isEmpty { progress[number].matchesAll = true }
            if glob.middle == .nothing {
                // A path comes before all others that begin with it.
                let isThere =
                    !range.isEmpty && paths.utf8(at: range.lowerBound).count == glob.head.count
                range = range.lowerBound..<range.lowerBound + (isThere ? 1 : 0)
                progress[number].matchesAll = true
            }
        case .expression(let expression):
            progress[number].matchesAll = expression.expression == nil
        }
        progress[number].range = range
        // One rule asks in order; what lies before its first question concerns nobody else.
        let start = patterns.isShared[number] ? 0 : path
        progress[number].next = max(progress[number].range.lowerBound, start)
        guard !progress[number].matchesAll, !pattern.needed.isEmpty,
            progress[number].range.count > Self.manyCandidates
        else { return }
        let grams = grams ?? PathGrams(paths)
        self.grams = grams
        progress[number].position = grams.rarest(in: pattern.needed)
    }
}
