/// A part of a glob as it is read.
enum GlobItem: Equatable {
    case scalar(UInt32)
    /// `?`: any code point but `/`.
    case one
    /// `[…]`: any code point of a set, never `/`.
    case set(GlobSet)
    /// One `*`; a run of two or more is `**`.
    case star
    /// `{…,…}`: any of these.
    case alternatives([[GlobItem]])
}

/// The code points inside `[…]`.
struct GlobSet: Equatable, Sendable {
    /// It is `[!…]`.
    var isNegated = false
    /// The ranges, ends included.
    var ranges: [ClosedRange<UInt32>] = []

    /// Whether the set has a code point; `/` is in none.
    func contains(_ scalar: UInt32) -> Bool {
        guard scalar != slash else { return false }
        for range in ranges where range.contains(scalar) { return !isNegated }
        return isNegated
    }
}

/// `/`, which ends a segment.
let slash = UInt32(UInt8(ascii: "/"))

/// Reads a glob into its parts.
///
///     glob         = *part
///     part         = "?" / "*" / class / "{" alternative *("," alternative) "}" / plain
///     alternative  = *(part except braces)
///     class        = "[" ["!" / "^"] first *(char / range) "]"   ; a "]" that is first is itself
///     plain        = "\" any / any
struct GlobParser {
    private let pattern: String
    private let scalars: [UInt32]
    private var index = 0

    init(_ pattern: String) {
        self.pattern = pattern
        scalars = pattern.unicodeScalars.map { $0.value }
    }

    mutating func parse() throws(GlobError) -> [GlobItem] {
        var items: [GlobItem] = []
        while index < scalars.count {
            if scalars[index] == UInt32(UInt8(ascii: "{")) {
                items.append(try alternatives())
            } else {
                items.append(try part())
            }
        }
        return items
    }

    private mutating func alternatives() throws(GlobError) -> GlobItem {
        let open = index
        index += 1
        var alternatives: [[GlobItem]] = [[]]
        while index < scalars.count {
            switch scalars[index] {
            case UInt32(UInt8(ascii: "}")):
                index += 1
                return .alternatives(alternatives)
            case UInt32(UInt8(ascii: ",")):
                index += 1
                alternatives.append([])
            case UInt32(UInt8(ascii: "{")):
                throw error(.nestedAlternatives, at: index)
            default:
                alternatives[alternatives.count - 1].append(try part())
            }
        }
        throw error(.unclosedAlternatives, at: open)
    }

    private mutating func part() throws(GlobError) -> GlobItem {
        switch scalars[index] {
        case UInt32(UInt8(ascii: "?")):
            index += 1
            return .one
        case UInt32(UInt8(ascii: "*")):
            index += 1
            return .star
        case UInt32(UInt8(ascii: "[")):
            return .set(try set())
        default:
            return .scalar(try plain())
        }
    }

    private mutating func set() throws(GlobError) -> GlobSet {
        let open = index
        index += 1
        var set = GlobSet()
        if peek() == UInt32(UInt8(ascii: "!")) || peek() == UInt32(UInt8(ascii: "^")) {
            set.isNegated = true
            index += 1
        }
        let first = index
        while index < scalars.count {
            let start = index
            if scalars[index] == closingBracket, index > first {
                index += 1
                return set
            }
            let low = try plain()
            guard peek() == UInt32(UInt8(ascii: "-")), index + 1 < scalars.count,
                scalars[index + 1] != closingBracket
            else {
                set.ranges.append(low...low)
                continue
            }
            index += 1
            let high = try plain()
            guard low <= high else {
                throw error(.reversedRange(text(start..<index)), at: start)
            }
            set.ranges.append(low...high)
        }
        throw error(.unclosedClass, at: open)
    }

    private mutating func plain() throws(GlobError) -> UInt32 {
        if scalars[index] == UInt32(UInt8(ascii: "\\")) {
            guard index + 1 < scalars.count else { throw error(.nothingEscaped, at: index) }
            index += 1
        }
        index += 1
        return scalars[index - 1]
    }

    private let closingBracket = UInt32(UInt8(ascii: "]"))

    private func peek() -> UInt32? {
        index < scalars.count ? scalars[index] : nil
    }

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range].compactMap(Unicode.Scalar.init))
        return String(text)
    }

    private func error(_ problem: GlobError.Problem, at index: Int) -> GlobError {
        GlobError(pattern: pattern, problem: problem, column: index + 1)
    }
}
