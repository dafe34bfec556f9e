internal import Platform

/// Looks for the paths of one change that patterns match, each pattern's work done once.
///
/// The paths are sorted, so a plain beginning leaves a range of them, found by halving. Within
/// it, three bytes that every match holds leave the few that ``PathGrams`` lists. What is left
/// is matched, in order, only as far as somebody asks, and remembered.
struct PathSearch {
    private struct Progress {
        /// The paths that may match; of a pattern that needs no trying, those that do.
        var range: Range<Int>
        /// The next path to try.
        var next: Int
        /// The next position in the grams' list; `nil` where all of the range is tried.
        var position: Range<Int>?
        /// The paths found, as runs, in order.
        var runs: [Range<Int>] = []
        /// The steps that the paths before ``next`` took.
        var cost = 0
        /// Where that had grown by 64 and more: the path behind, and the steps up to it.
        var marks: [(next: Int, cost: Int)] = []
        /// The turn in which a rule asked last, and up to which cost it has taken the steps.
        var turn: Int32 = 0
        var paid = 0

        /// The steps that the paths before one took, to the precision of the marks: the same for
        /// every rule, also after the search has gone on.
        func cost(before path: Int) -> Int {
            guard let last = marks.last else { return 0 }
            if last.next <= path { return last.cost }
            var low = 0
            var high = marks.count
            while low < high {
                let middle = low + (high - low) / 2
                if marks[middle].next <= path { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? 0 : marks[low - 1].cost
        }

        mutating func add(_ steps: Int) {
            cost += steps
            if cost - (marks.last?.cost ?? 0) >= 64 { marks.append((next, cost)) }
        }
    }

    let patterns: PathPatterns
    private let paths: PathList
    private var progress: [Progress] = []
    /// Where each pattern's progress lies; negative where it has none.
    private var slots: [Int32]
    private var grams: PathGrams?
    private var machine = GlobMachine()
    /// What the rule whose turn it is, and all of them, have taken.
    ///
    /// Once it is over, what is said to match is not to be relied on.
    var steps: MatchingSteps
    private var questions = 0

    /// How many questions about what is known, or found by halving, are one step.
    private static let questionsInStep = 8
    /// From how many candidates on it pays to look for grams.
    private static let manyCandidates = 16

    init(_ paths: PathList, _ patterns: PathPatterns, _ steps: MatchingSteps = MatchingSteps()) {
        self.steps = steps
        self.paths = paths
        self.patterns = patterns
        slots = [Int32](repeating: -1, count: patterns.patterns.count)
    }

    /// The first path in a range that a pattern matches.
    mutating func first(_ number: Int, in range: Range<Int>) -> Int? {
        countQuestion()
        if patterns.outlines[number].needsNoTrying {
            let common = wholeRange(number).clamped(to: range)
            return common.isEmpty ? nil : common.lowerBound
        }
        let slot = slot(number, from: range.lowerBound)
        if let run = run(slot, endingBehind: range.lowerBound) {
            let first = max(run.lowerBound, range.lowerBound)
            pay(slot, from: range.lowerBound, upTo: min(first + 1, range.upperBound))
            return first < range.upperBound ? first : nil
        }
        pay(slot, from: range.lowerBound, upTo: min(progress[slot].next, range.upperBound))
        let end = min(range.upperBound, progress[slot].range.upperBound)
        while progress[slot].next < end, !steps.isOver {
            let matches = step(number, slot)
            pay(slot, from: range.lowerBound, upTo: min(progress[slot].next, range.upperBound))
            guard matches else { continue }
            let found = progress[slot].next - 1
            if found >= range.lowerBound { return found < range.upperBound ? found : nil }
        }
        return nil
    }

    /// Where the run of paths ends that a pattern matches from a path on; `nil` if not even that.
    mutating func endOfRun(_ number: Int, from path: Int) -> Int? {
        countQuestion()
        if patterns.outlines[number].needsNoTrying {
            let range = wholeRange(number)
            return range.contains(path) ? range.upperBound : nil
        }
        let slot = slot(number, from: path)
        let last = progress[slot].range.upperBound
        while progress[slot].next <= path, progress[slot].next < last, !steps.isOver {
            _ = step(number, slot)
            pay(slot, from: path, upTo: min(progress[slot].next, path + 1))
        }
        while let run = run(slot, endingBehind: path), run.contains(path) {
            pay(slot, from: path, upTo: min(run.upperBound + 1, progress[slot].next))
            let mayGoOn =
                run.upperBound == progress[slot].next && run.upperBound < last && !steps.isOver
            guard mayGoOn else { return run.upperBound }
            _ = step(number, slot)
        }
        pay(slot, from: path, upTo: path + 1)
        return nil
    }

    private mutating func countQuestion() {
        questions += 1
        if questions % Self.questionsInStep == 0 { steps.take(1) }
    }

    /// Has the rule whose turn it is take the steps of a pattern on the paths between two.
    private mutating func pay(_ slot: Int, from start: Int, upTo end: Int) {
        if progress[slot].turn != steps.turn {
            progress[slot].turn = steps.turn
            progress[slot].paid = progress[slot].cost(before: start)
        }
        guard progress[slot].cost > progress[slot].paid else { return }
        let due = progress[slot].cost(before: end) - progress[slot].paid
        guard due > 0 else { return }
        progress[slot].paid += due
        steps.takeAgain(due)
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
        let left = steps.left
        var unused = left
        let matches = matches(number, candidate, &unused)
        guard unused >= 0 else {
            // Given up here: a rule that has more steps left tries this path again.
            progress[slot].next = candidate
            steps.take(left + 1)
            return false
        }
        steps.spend(left - unused)
        progress[slot].next = candidate + 1
        progress[slot].add(left - unused)
        guard matches else { return false }
        let last = progress[slot].runs.count - 1
        if last >= 0, progress[slot].runs[last].upperBound == candidate {
            progress[slot].runs[last] = progress[slot].runs[last].lowerBound..<candidate + 1
        } else {
            progress[slot].runs.append(candidate..<candidate + 1)
        }
        return true
    }

    private mutating func matches(_ number: Int, _ index: Int, _ left: inout Int) -> Bool {
        let path = paths.utf8(at: index)
        left -= 1
        // Cheaper than the pattern, and mostly the end of it.
        for run in patterns.patterns[number].needed {
            left -= path.count / 64
            if !path.holds(run) { return false }
        }
        switch patterns.patterns[number] {
        case .glob(let glob):
            return glob.matches(path, &machine, &left)
        case .expression(let expression):
            guard let expression = expression.expression else { return true }
            return expression.match(path.span, &left) == .match
        }
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

/// Which paths hold three bytes in a row, for any three bytes.
///
/// It finds the few paths that a pattern without a plain beginning can match. Grams share buckets by a hash, so a bucket may list paths without the gram.
struct PathGrams {
    private static let bits: UInt32 = 16

    /// Where each bucket's paths start in `paths`, and one more.
    private let starts: [UInt32]
    private let paths: [UInt32]

    init(_ list: PathList) {
        let buckets = 1 << Int(Self.bits)
        var starts = [UInt32](repeating: 0, count: buckets + 1)
        // The path that was put into a bucket last, so that each is there once.
        var last = [UInt32](repeating: .max, count: buckets)
        for index in list.indices {
            let path = UInt32(truncatingIfNeeded: index)
            Self.forEachBucket(list.utf8(at: index)) { bucket in
                guard last[bucket] != path else { return }
                last[bucket] = path
                starts[bucket + 1] += 1
            }
        }
        for bucket in 0..<buckets { starts[bucket + 1] += starts[bucket] }
        var paths = [UInt32](repeating: 0, count: Int(starts[buckets]))
        var ends = starts
        for bucket in 0..<buckets { last[bucket] = .max }
        for index in list.indices {
            let path = UInt32(truncatingIfNeeded: index)
            Self.forEachBucket(list.utf8(at: index)) { bucket in
                guard last[bucket] != path else { return }
                last[bucket] = path
                paths[Int(ends[bucket])] = path
                ends[bucket] += 1
            }
        }
        self.starts = starts
        self.paths = paths
    }

    /// The positions of the paths, in order, that may hold all of some runs: those of the gram
    /// that is rarest; `nil` where the runs have no gram.
    func rarest(in runs: [[UInt8]]) -> Range<Int>? {
        var best: Range<Int>?
        for run in runs {
            Self.forEachBucket(run[...]) { bucket in
                let range = Int(starts[bucket])..<Int(starts[bucket + 1])
                if range.count < best?.count ?? .max { best = range }
            }
        }
        return best
    }

    /// The path at a position.
    func path(at position: Int) -> Int {
        Int(paths[position])
    }

    private static func forEachBucket(_ bytes: ArraySlice<UInt8>, _ body: (Int) -> Void) {
        guard bytes.count >= 3 else { return }
        var gram = UInt32(bytes[bytes.startIndex]) << 8 | UInt32(bytes[bytes.startIndex + 1])
        for index in (bytes.startIndex + 2)..<bytes.endIndex {
            gram = (gram << 8 | UInt32(bytes[index])) & 0xFF_FFFF
            // Fibonacci hashing: the upper bits of the product depend on all of the gram's.
            body(Int((gram &* 0x9E37_79B1) >> (32 - bits)))
        }
    }
}
