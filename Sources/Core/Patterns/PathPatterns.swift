/// The patterns over paths of many rules, each distinct one once.
struct PathPatterns {
    /// Where a rule's patterns are named, in the rule's order.
    struct Selection {
        /// One of these must match, where there are any.
        var included = 0..<0
        /// None of these may match.
        var excluded = 0..<0

        /// Whether the rule looks at paths.
        var isEmpty: Bool { included.isEmpty && excluded.isEmpty }
    }

    /// What is to be known of a pattern to find its candidates.
    struct Outline {
        /// Only the path that is the pattern's head matches.
        var isPlain = false
        /// The head says which paths match.
        var needsNoTrying = false
        /// There are runs of bytes that every path that matches holds.
        var hasNeeded = false
        /// Where the head lies in ``PathPatterns/heads``.
        var head = 0..<0
    }

    /// The patterns by their numbers.
    private(set) var patterns: [PathPattern] = []
    /// The same in outline.
    ///
    /// Of most patterns no more than this and the head is looked at, one after the other. The
    /// patterns themselves lie far apart in memory, which takes several times as long.
    private(set) var outlines: [Outline] = []
    /// What the paths that match begin with, one pattern after the other.
    private(set) var heads: [UInt8] = []
    /// Whether more than one place names a pattern.
    private(set) var isShared: [Bool] = []
    /// The pattern's number at each place that names one.
    private(set) var places: [Int] = []
    private var globs: [ByteKey: Int] = [:]
    private var expressions: [ByteKey: Int] = [:]

    /// No patterns, with room for those of some rules.
    init(rules: Int) {
        globs.reserveCapacity(rules)
        patterns.reserveCapacity(rules)
        outlines.reserveCapacity(rules)
        places.reserveCapacity(rules)
        isShared.reserveCapacity(rules)
    }

    /// The pattern that a place names.
    subscript(place: Int) -> PathPattern { patterns[places[place]] }

    mutating func select(
        included: [Glob],
        expressions: [PathExpression],
        excluded: [Glob]
    ) -> Selection {
        let start = places.count
        for glob in included { add(glob) }
        for expression in expressions { add(expression) }
        let middle = places.count
        for glob in excluded { add(glob) }
        return Selection(included: start..<middle, excluded: middle..<places.count)
    }

    private mutating func add(_ glob: Glob) {
        let number = globs[glob.text]
        if number == nil { globs[glob.text] = patterns.count }
        add(.glob(glob), number)
    }

    private mutating func add(_ expression: PathExpression) {
        let number = expressions[expression.text]
        if number == nil { expressions[expression.text] = patterns.count }
        add(.expression(expression), number)
    }

    /// - Parameter number: The pattern's number, if it is there already.
    private mutating func add(_ pattern: PathPattern, _ number: Int?) {
        places.append(number ?? patterns.count)
        if let number {
            isShared[number] = true
            return
        }
        patterns.append(pattern)
        outlines.append(outline(of: pattern))
        isShared.append(false)
    }

    private mutating func outline(of pattern: PathPattern) -> Outline {
        var outline = Outline(hasNeeded: !pattern.needed.isEmpty)
        switch pattern {
        case .glob(let glob):
            outline.isPlain = glob.middle == .nothing
            outline.needsNoTrying =
                outline.isPlain || (glob.middle == .anything && glob.tail.isEmpty)
        case .expression(let expression):
            outline.needsNoTrying = expression.expression == nil
        }
        let start = heads.count
        heads.append(contentsOf: pattern.head)
        outline.head = start..<heads.count
        return outline
    }
}

/// A pattern over changed paths.
enum PathPattern {
    case glob(Glob)
    case expression(PathExpression)

    /// The pattern as written.
    var text: String {
        switch self {
        case .glob(let glob): glob.pattern
        case .expression(let expression): expression.pattern
        }
    }

    /// What every path that matches begins with.
    var head: [UInt8] {
        switch self {
        case .glob(let glob): glob.head
        case .expression(let expression): expression.literals.prefix
        }
    }

    /// Runs of 3 bytes or more that every path that matches holds.
    var needed: [[UInt8]] {
        switch self {
        case .glob(let glob): glob.needed
        case .expression(let expression): expression.literals.needed
        }
    }
}
