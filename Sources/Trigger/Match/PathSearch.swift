internal import Platform

/// Looks for the paths of one change that patterns match, each pattern's work done once.
///
/// The paths are sorted, so a plain beginning leaves a range of them, found by halving. Within
/// it, three bytes that every match holds leave the few that ``PathGrams`` lists. What is left
/// is matched, in order, only as far as somebody asks, and remembered.
struct PathSearch {
    /// What is known of one pattern.
    private struct Progress {
        /// The paths that may match; of a pattern that needs no trying, those that do.
        var range: Range<Int>
        /// The next path to try.
        var next: Int
        /// The next position in the grams' list; `nil` where all of the range is tried.
        var position: Range<Int>?
        /// The paths found, as runs, in order.
        var runs: [Range<Int>] = []
        /// The paths on which the expression was given up; they are among the runs.
        var exceeded: [Int] = []
        /// How often the expression needed a great effort.
        var efforts = 0
    }

    let patterns: PathPatterns
    private let paths: PathList
    private var progress: [Progress] = []
    /// Where each pattern's progress lies; negative where it has none.
    private var slots: [Int32]
    private var grams: PathGrams?
    private var machine = GlobMachine()
    /// How often any expression needed a great effort.
    private var efforts = 0

    /// How many great efforts, of some 2 ms each, one expression may cost a change: what needs
    /// more is given up, so that no rule takes the time of the others.
    private static let mostEfforts = 20
    /// How many all expressions together may.
    private static let mostEffortsInAll = 400
    /// From how many candidates on it pays to look for grams.
    private static let manyCandidates = 16

    init(_ paths: PathList, _ patterns: PathPatterns) {
        self.paths = paths
        self.patterns = patterns
        slots = [Int32](repeating: -1, count: patterns.patterns.count)
    }

    /// The first path in a range that a pattern matches.
    mutating func first(_ number: Int, in range: Range<Int>) -> Int? {
        if patterns.outlines[number].needsNoTrying {
            let common = wholeRange(number).clamped(to: range)
            return common.isEmpty ? nil : common.lowerBound
        }
        let slot = slot(number, from: range.lowerBound)
        if let run = run(slot, endingBehind: range.lowerBound) {
            let first = max(run.lowerBound, range.lowerBound)
            return first < range.upperBound ? first : nil
        }
        let end = min(range.upperBound, progress[slot].range.upperBound)
        while progress[slot].next < end {
            guard step(number, slot) else { continue }
            let found = progress[slot].next - 1
            if found >= range.lowerBound { return found < range.upperBound ? found : nil }
        }
        return nil
    }

    /// Where the run of paths ends that a pattern matches from a path on; `nil` if not even that.
    mutating func endOfRun(_ number: Int, from path: Int) -> Int? {
        if patterns.outlines[number].needsNoTrying {
            let range = wholeRange(number)
            return range.contains(path) ? range.upperBound : nil
        }
        let slot = slot(number, from: path)
        let last = progress[slot].range.upperBound
        while progress[slot].next <= path, progress[slot].next < last { _ = step(number, slot) }
        while let run = run(slot, endingBehind: path), run.contains(path) {
            let mayGoOn = run.upperBound == progress[slot].next && run.upperBound < last
            guard mayGoOn, step(number, slot) else { return run.upperBound }
        }
        return nil
    }

    /// Whether a pattern was given up on a path that it was said to match.
    func hasExceeded(_ number: Int, _ path: Int) -> Bool {
        slots[number] >= 0 && progress[Int(slots[number])].exceeded.contains(path)
    }

    /// The first run that ends behind a path, of those found so far.
    private func run(_ slot: Int, endingBehind path: Int) -> Range<Int>? {
        let count = progress[slot].runs.count
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if progress[slot].runs[middle].upperBound > path {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low < count ? progress[slot].runs[low] : nil
    }

    /// Tries the next candidate, and says whether it matches.
    private mutating func step(_ number: Int, _ slot: Int) -> Bool {
        var candidate = progress[slot].next
        let end = progress[slot].range.upperBound
        if let positions = progress[slot].position, let grams {
            var position = positions.lowerBound
            while position < positions.upperBound, grams.path(at: position) < candidate {
                position += 1
            }
            candidate = position < positions.upperBound ? min(grams.path(at: position), end) : end
            progress[slot].position = position..<positions.upperBound
        }
        guard candidate < end else {
            progress[slot].next = end
            return false
        }
        progress[slot].next = candidate + 1
        guard matches(number, slot, candidate) else { return false }
        let last = progress[slot].runs.count - 1
        if last >= 0, progress[slot].runs[last].upperBound == candidate {
            progress[slot].runs[last] = progress[slot].runs[last].lowerBound..<candidate + 1
        } else {
            progress[slot].runs.append(candidate..<candidate + 1)
        }
        return true
    }

    private mutating func matches(_ number: Int, _ slot: Int, _ index: Int) -> Bool {
        let path = paths.utf8(at: index)
        // Cheaper than the pattern, and mostly the end of it.
        for run in patterns.patterns[number].needed where !path.holds(run) { return false }
        switch patterns.patterns[number] {
        case .glob(let glob):
            return glob.matches(path, &machine)
        case .expression(let expression):
            guard let expression = expression.expression else { return true }
            switch search(expression, path, slot) {
            case .match: return true
            case .noMatch: return false
            case .limitExceeded:
                progress[slot].exceeded.append(index)
                return true
            }
        }
    }

    /// Matches with a usual effort, and with a great one while there is any left.
    private mutating func search(
        _ expression: Expression,
        _ path: ArraySlice<UInt8>,
        _ slot: Int
    ) -> Expression.Result {
        let result = expression.match(path.span, .usual)
        guard result == .limitExceeded, progress[slot].efforts < Self.mostEfforts,
            efforts < Self.mostEffortsInAll
        else { return result }
        progress[slot].efforts += 1
        efforts += 1
        return expression.match(path.span, .great)
    }

    /// The paths that match a pattern that needs no trying.
    private mutating func wholeRange(_ number: Int) -> Range<Int> {
        // Remembering costs more than finding it again, unless others will ask.
        patterns.isShared[number] ? progress[slot(number, from: 0)].range : candidates(number)
    }

    /// The paths that begin as a pattern does.
    private func candidates(_ number: Int) -> Range<Int> {
        let outline = patterns.outlines[number]
        let range = paths.range(prefix: patterns.heads.span.extracting(outline.head))
        guard outline.isPlain else { return range }
        // A path comes before all others that begin with it.
        let isThere =
            !range.isEmpty && paths.utf8(at: range.lowerBound).count == outline.head.count
        return range.lowerBound..<range.lowerBound + (isThere ? 1 : 0)
    }

    /// Where a pattern's progress lies; made when it is asked about for the first time.
    private mutating func slot(_ number: Int, from path: Int) -> Int {
        if slots[number] >= 0 { return Int(slots[number]) }
        let range = candidates(number)
        // One rule asks in order: what lies before its first question concerns nobody.
        let start = patterns.isShared[number] ? 0 : path
        var new = Progress(range: range, next: max(range.lowerBound, start))
        if patterns.outlines[number].hasNeeded, range.count > Self.manyCandidates {
            let grams = grams ?? PathGrams(paths)
            self.grams = grams
            new.position = grams.rarest(in: patterns.patterns[number].needed)
        }
        slots[number] = Int32(truncatingIfNeeded: progress.count)
        progress.append(new)
        return progress.count - 1
    }
}
