/// The part of a glob between its plain beginning and its plain end, as a program for
/// ``GlobMachine``.
struct GlobProgram: Equatable, Sendable {
    enum Instruction: Equatable, Sendable {
        /// Takes that code point.
        case scalar(UInt32)
        /// Takes any code point but `/`.
        case one
        /// Takes a code point of a set.
        case set(GlobSet)
        /// Takes a run.
        case star
        /// Goes on at the next instruction and at that one.
        case fork(Int)
        /// Goes on at that instruction.
        case jump(Int)
        /// The glob ends here.
        case end
    }

    private(set) var instructions: [Instruction] = []

    /// Bytes that it takes in memory.
    var size: Int {
        var size = instructions.capacity * MemoryLayout<Instruction>.stride
        for case .set(let set) in instructions {
            size += set.ranges.capacity * MemoryLayout<ClosedRange<UInt32>>.stride
        }
        return size
    }

    init(_ items: ArraySlice<GlobItem>) {
        for item in items { add(item) }
        instructions.append(.end)
    }

    private mutating func add(_ item: GlobItem) {
        switch item {
        case .scalar(let scalar): instructions.append(.scalar(scalar))
        case .one: instructions.append(.one)
        case .set(let set): instructions.append(.set(set))
        case .star: instructions.append(.star)
        case .alternatives(let alternatives):
            var jumps: [Int] = []
            for (number, alternative) in alternatives.enumerated() {
                let isLast = number == alternatives.count - 1
                let fork = instructions.count
                if !isLast { instructions.append(.fork(0)) }
                for item in alternative { add(item) }
                if !isLast {
                    jumps.append(instructions.count)
                    instructions.append(.jump(0))
                    instructions[fork] = .fork(instructions.count)
                }
            }
            for jump in jumps { instructions[jump] = .jump(instructions.count) }
        }
    }
}

/// Runs a ``GlobProgram`` by following all of its states at once.
///
/// The work is bounded by the number of instructions times the number of code points, whatever
/// the pattern: each state is entered at most once per code point and nothing is tried again.
///
/// What `*` means depends on its neighbours, and with braces the neighbours are known only along
/// the way: `a/{**,b}/c` is `a/**/c` and `a/b/c`. So a state is an instruction together with the
/// run of stars that led to it: none, `*` or `**`, and whether that run began at the start of a
/// segment and has taken nothing yet. A `/` reached by such a `**` may be left out, which makes
/// `a/**/b` match `a/b`.
struct GlobMachine {
    /// The stars just before an instruction.
    private enum Run: Int {
        case none = 0
        case single = 2
        case double = 4
    }

    private var current: [Int] = []
    private var next: [Int] = []
    /// For each state the step in which it was entered last.
    private var entered: [Int] = []
    private var step = 0
    private var pending: [Int] = []
    private var hasEnded = false
    /// How many states were entered for the code point under way.
    private var entries = 0

    /// Matches a range of a subject whole; what lies before the range counts as its neighbour.
    ///
    /// - Parameter steps: How many it may take, one for each state that is entered; it is given up
    ///   where they are used up, and they are below 0 then.
    mutating func matches(
        _ program: GlobProgram,
        _ subject: ArraySlice<UInt8>,
        in range: Range<Int>,
        _ steps: inout Int
    ) -> Bool {
        let states = program.instructions.count * 8
        if entered.count < states {
            entered = [Int](repeating: 0, count: states)
            step = 0
        }
        var index = range.lowerBound
        current.removeAll(keepingCapacity: true)
        begin()
        let startsSegment = index == subject.startIndex || subject[index - 1] == UInt8(ascii: "/")
        enter(0, .none, false, program, startsSegment)
        swap(&current, &next)
        steps -= 1 + entries
        while index < range.upperBound {
            guard !current.isEmpty, steps >= 0 else { return false }
            let scalar = nextScalar(subject, &index, range.upperBound)
            begin()
            // A state has a look at the code point, and enters others.
            steps -= current.count
            take(scalar, program)
            steps -= entries
            swap(&current, &next)
        }
        return hasEnded && steps >= 0
    }

    private mutating func begin() {
        step += 1
        hasEnded = false
        entries = 0
        next.removeAll(keepingCapacity: true)
    }

    /// Moves every state that takes a code point to those behind it.
    private mutating func take(_ scalar: UInt32, _ program: GlobProgram) {
        let isSlash = scalar == slash
        for position in current.indices {
            let state = current[position]
            let at = state >> 3
            switch program.instructions[at] {
            case .scalar(let wanted):
                if scalar == wanted { enter(at + 1, .none, false, program, isSlash) }
            case .one:
                if !isSlash { enter(at + 1, .none, false, program, isSlash) }
            case .set(let set):
                entries += set.ranges.count / 8
                if set.contains(scalar) { enter(at + 1, .none, false, program, isSlash) }
            case .star:
                let run: Run = state & 7 == Run.double.rawValue ? .double : .single
                if !isSlash || run == .double {
                    keep(at, run)
                    enter(at + 1, run, false, program, isSlash)
                }
            case .fork, .jump, .end:
                break
            }
        }
    }

    /// Enters an instruction and all that can be reached from it without taking anything.
    private mutating func enter(
        _ at: Int,
        _ run: Run,
        _ isFresh: Bool,
        _ program: GlobProgram,
        _ startsSegment: Bool
    ) {
        push(at, run, isFresh)
        while let state = pending.popLast() {
            let at = state >> 3
            let run: Run =
                switch state & 6 {
                case 0: .none
                case 2: .single
                default: .double
                }
            let isFresh = state & 1 == 1
            switch program.instructions[at] {
            case .jump(let target):
                push(target, run, isFresh)
            case .fork(let target):
                push(target, run, isFresh)
                push(at + 1, run, isFresh)
            case .star:
                let grown: Run = run == .none ? .single : .double
                let isFresh = run == .none ? startsSegment : isFresh
                keep(at, grown)
                push(at + 1, grown, isFresh)
            case .scalar(let scalar):
                next.append(at << 3)
                if scalar == slash, run == .double, isFresh { push(at + 1, .none, false) }
            case .one, .set:
                next.append(at << 3)
            case .end:
                hasEnded = true
            }
        }
    }

    /// Remembers to enter a state, unless it was entered in this step.
    private mutating func push(_ at: Int, _ run: Run, _ isFresh: Bool) {
        let state = at << 3 | run.rawValue | (isFresh ? 1 : 0)
        guard entered[state] != step else { return }
        entered[state] = step
        entries += 1
        pending.append(state)
    }

    /// A star that goes on taking; the bits 6 and 7 of a state are free to mark it entered.
    private mutating func keep(_ at: Int, _ run: Run) {
        let mark = at << 3 | (run == .double ? 7 : 6)
        guard entered[mark] != step else { return }
        entered[mark] = step
        next.append(at << 3 | run.rawValue)
    }
}

/// The code point at an index, which moves behind it; a byte that is no UTF-8 counts as one.
private func nextScalar(_ bytes: ArraySlice<UInt8>, _ index: inout Int, _ end: Int) -> UInt32 {
    let first = bytes[index]
    index += 1
    guard first >= 0x80 else { return UInt32(first) }
    // Table 3-7 of the Unicode standard: the length by the first byte, the second byte's bounds.
    let (length, low, high): (Int, UInt8, UInt8) =
        switch first {
        case 0xC2...0xDF: (2, 0x80, 0xBF)
        case 0xE0: (3, 0xA0, 0xBF)
        case 0xED: (3, 0x80, 0x9F)
        case 0xE1...0xEF: (3, 0x80, 0xBF)
        case 0xF0: (4, 0x90, 0xBF)
        case 0xF1...0xF3: (4, 0x80, 0xBF)
        case 0xF4: (4, 0x80, 0x8F)
        default: (1, 0, 0)
        }
    // Surrogates are in no valid text: a stray byte cannot be taken for a code point.
    let stray = 0xDC00 | UInt32(first)
    guard length > 1, index + length - 1 <= end, (low...high).contains(bytes[index]) else {
        return stray
    }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for offset in 0..<(length - 1) {
        let byte = bytes[index + offset]
        guard byte & 0xC0 == 0x80 else { return stray }
        scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    index += length - 1
    return scalar
}
