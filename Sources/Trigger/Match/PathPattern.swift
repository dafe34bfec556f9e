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

    /// The rule's property that has it.
    var clause: String {
        switch self {
        case .glob: "Paths"
        case .expression: "PathExpressions"
        }
    }

    /// The bytes that tell one pattern from another.
    var identity: [UInt8] {
        switch self {
        case .glob(let glob): [0] + glob.pattern.utf8
        case .expression(let expression): [1] + expression.pattern.utf8
        }
    }
}

/// The patterns of many rules, each distinct one once.
struct PathPatterns {
    /// A rule's patterns, as numbers, in the rule's order.
    struct Selection {
        /// One of these must match, where there are any.
        var included: [Int] = []
        /// None of these may match.
        var excluded: [Int] = []
    }

    /// The patterns by their numbers.
    private(set) var patterns: [PathPattern] = []
    /// Whether more than one place names a pattern.
    private(set) var isShared: [Bool] = []
    private var numbers: [[UInt8]: Int] = [:]

    /// Adds a rule's patterns.
    mutating func select(
        included: [Glob],
        excluded: [Glob],
        expressions: [PathExpression]
    ) -> Selection {
        var selection = Selection()
        for glob in included { selection.included.append(number(of: .glob(glob))) }
        for one in expressions { selection.included.append(number(of: .expression(one))) }
        for glob in excluded { selection.excluded.append(number(of: .glob(glob))) }
        return selection
    }

    private mutating func number(of pattern: PathPattern) -> Int {
        let identity = pattern.identity
        if let number = numbers[identity] {
            isShared[number] = true
            return number
        }
        let number = patterns.count
        numbers[identity] = number
        patterns.append(pattern)
        isShared.append(false)
        return number
    }
}
