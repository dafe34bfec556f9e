/// A glob: a pattern over a whole path, branch, tag or login, by code points, case-sensitive.
///
/// - `*` is any run within a segment, dot files included; `?` one code point of a segment.
/// - `**` is any run across segments. Where it is a whole segment it also stands for none:
///   `a/**/b` matches `a/b`. `a/**` is all below `a`, not `a` itself.
/// - `[abc]`, `[a-z]`, `[!a]` or `[^a]` is one code point, never `/`; a `]` that is first is itself.
/// - `{a,b}` is either; an alternative may be empty and may hold all but braces. The glob matches
///   what the globs with one alternative in the braces' place match.
/// - `\` makes the next character plain.
package struct Glob: Equatable, Sendable {
    /// The pattern as written, as UTF-8.
    let text: ByteKey
    /// What every subject begins with.
    let head: [UInt8]
    /// What every subject ends with, behind ``head``.
    let tail: [UInt8]
    /// What lies between the two.
    let middle: Middle
    /// Runs of bytes that every subject holds behind ``head``, of 3 bytes or more.
    let needed: [[UInt8]]

    /// What lies between a glob's plain beginning and end.
    enum Middle: Equatable, Sendable {
        case nothing
        /// Anything: `a/**`, `**/*.tf`.
        case anything
        /// Anything without `/`: `a/*.tf`.
        case withinSegment
        /// Whole segments, each with its `/`, or none: `**/Makefile`.
        case segments
        /// What a program accepts.
        case program(GlobProgram)
    }

    package var pattern: String { String(decoding: text.bytes, as: UTF8.self) }

    /// Bytes of what it compiles to.
    var compiledSize: Int {
        if case .program(let program) = middle { program.size } else { 0 }
    }

    package init(_ pattern: String) throws(GlobError) {
        guard pattern.utf8.count <= Budget.glob.limit else {
            throw GlobError(pattern: pattern, problem: .tooLong, column: 1)
        }
        var parser = GlobParser(pattern)
        let items = try parser.parse()
        let headEnd = items.firstIndex { !$0.isPlain } ?? items.count
        var tailStart = items.count
        while tailStart > headEnd, items[tailStart - 1].isPlain { tailStart -= 1 }
        if tailStart < items.count, items.mayDropSlash(at: tailStart) { tailStart += 1 }
        text = ByteKey([UInt8](pattern.utf8))
        head = items[..<headEnd].utf8
        tail = items[tailStart...].utf8
        middle = Middle(
            items[headEnd..<tailStart],
            startsSegment: headEnd == 0 || items[headEnd - 1] == .scalar(slash)
        )
        needed = items.neededRuns(from: headEnd)
    }

    /// Whether the pattern describes all of a text.
    package func matches(_ text: String) -> Bool {
        matches([UInt8](text.utf8))
    }

    /// Whether the pattern describes all of a text, given as UTF-8.
    package func matches(_ subject: [UInt8]) -> Bool {
        var machine = GlobMachine()
        var steps = Int.max
        return matches(subject[...], &machine, &steps)
    }

    /// The same, with a machine that keeps its memory from match to match.
    ///
    /// - Parameter steps: How many the match may take; those that it takes are subtracted. It is
    ///   given up, and below 0, where they are too few.
    func matches(
        _ subject: ArraySlice<UInt8>,
        _ machine: inout GlobMachine,
        _ steps: inout Int
    ) -> Bool {
        steps -= 1
        let start = subject.startIndex + head.count
        let end = subject.endIndex - tail.count
        guard start <= end, subject.holds(head, at: subject.startIndex),
            subject.holds(tail, at: end)
        else {
            return false
        }
        switch middle {
        case .nothing: return start == end
        case .anything: return true
        case .segments: return start == end || subject[end - 1] == UInt8(ascii: "/")
        case .withinSegment:
            for index in start..<end where subject[index] == UInt8(ascii: "/") { return false }
            return true
        case .program(let program):
            return machine.matches(program, subject, in: start..<end, &steps)
        }
    }
}

extension Glob.Middle {
    fileprivate init(_ items: ArraySlice<GlobItem>, startsSegment: Bool) {
        let shape = Array(items)
        if shape.isEmpty {
            self = .nothing
        } else if shape == [.star] {
            self = .withinSegment
        } else if shape.allSatisfy({ $0 == .star }) {
            self = .anything
        } else if startsSegment, shape == [.star, .star, .scalar(slash)] {
            self = .segments
        } else if startsSegment, shape == [.star, .star, .scalar(slash), .star] {
            // Whatever it is, it is segments and then a run within the last.
            self = .anything
        } else {
            self = .program(GlobProgram(items))
        }
    }
}

extension GlobItem {
    fileprivate var isPlain: Bool {
        if case .scalar = self { true } else { false }
    }
}

extension [GlobItem] {
    /// Whether a `/` there may be left out of a subject, being behind a `**` (or braces that may
    /// end in one).
    fileprivate func mayDropSlash(at index: Int) -> Bool {
        guard index > 0, self[index] == .scalar(slash) else { return false }
        if case .alternatives = self[index - 1] { return true }
        guard self[index - 1] == .star, index > 1 else { return false }
        if case .alternatives = self[index - 2] { return true }
        return self[index - 2] == .star
    }

    /// The runs of plain code points behind an index that no subject lacks.
    fileprivate func neededRuns(from start: Int) -> [[UInt8]] {
        var runs: [[UInt8]] = []
        var index = start
        while index < count {
            let first = mayDropSlash(at: index) ? index + 1 : index
            var end = first
            while end < count, self[end].isPlain { end += 1 }
            let run = self[first..<end].utf8
            if run.count >= 3 { runs.append(run) }
            index = end + 1
        }
        return runs
    }
}

extension ArraySlice<GlobItem> {
    /// The plain code points as UTF-8.
    fileprivate var utf8: [UInt8] {
        var bytes: [UInt8] = []
        for case .scalar(let value) in self {
            guard let scalar = Unicode.Scalar(value) else { continue }
            bytes.append(contentsOf: String(scalar).utf8)
        }
        return bytes
    }
}

/// Why a text is not a glob.
package struct GlobError: Error, Equatable, Sendable, CustomStringConvertible {
    enum Problem: Equatable, Sendable {
        /// A `[` without its `]`.
        case unclosedClass
        /// A `{` without its `}`.
        case unclosedAlternatives
        /// A `{` inside braces.
        case nestedAlternatives
        /// A range whose end comes before its start, such as `z-a`.
        case reversedRange(String)
        /// A `\` with nothing behind it.
        case nothingEscaped
        /// More UTF-8 bytes than ``Budget/glob`` has.
        case tooLong
    }

    var pattern: String
    var problem: Problem
    /// Where, in code points from 1.
    var column: Int

    /// `unclosed '[' at column 5 of 'src/[a': a ']' is missing (a plain '[' is written '\[')`.
    package var description: String {
        let place = "at column \(column) of '\(clipped(pattern))'"
        switch problem {
        case .unclosedClass:
            return "unclosed '[' \(place): a ']' is missing (a plain '[' is written '\\[')"
        case .unclosedAlternatives:
            return "unclosed '{' \(place): a '}' is missing (a plain '{' is written '\\{')"
        case .nestedAlternatives:
            return "'{' inside braces \(place): braces do not nest (a plain '{' is written '\\{')"
        case .reversedRange(let range):
            return "range '\(range)' \(place) is the wrong way round"
        case .nothingEscaped:
            return "'\\' \(place) has nothing behind it (a plain '\\' is written '\\\\')"
        case .tooLong:
            return Budget.glob.breached(by: pattern.utf8.count) + ": '\(clipped(pattern))'"
        }
    }
}
