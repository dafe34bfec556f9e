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

    /// The patterns by their numbers.
    private(set) var patterns: [PathPattern] = []
    /// Whether more than one place names a pattern.
    private(set) var isShared: [Bool] = []
    /// The pattern's number at each place that names one.
    private(set) var places: [Int] = []
    private var globs: [ByteKey: Int] = [:]
    private var expressions: [ByteKey: Int] = [:]

    /// Adds a rule's patterns.
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
        let key = ByteKey([UInt8](glob.pattern.utf8))
        if let number = globs[key] {
            addAgain(number)
        } else {
            globs[key] = patterns.count
            addNew(.glob(glob))
        }
    }

    private mutating func add(_ expression: PathExpression) {
        let key = ByteKey([UInt8](expression.pattern.utf8))
        if let number = expressions[key] {
            addAgain(number)
        } else {
            expressions[key] = patterns.count
            addNew(.expression(expression))
        }
    }

    private mutating func addAgain(_ number: Int) {
        isShared[number] = true
        places.append(number)
    }

    private mutating func addNew(_ pattern: PathPattern) {
        places.append(patterns.count)
        patterns.append(pattern)
        isShared.append(false)
    }
}

/// Bytes as the key of a dictionary.
///
/// An array hashes its bytes one by one, which is dear; a string's equality is not that of its
/// bytes.
struct ByteKey: Hashable {
    private let bytes: [UInt8]
    private let sum: UInt64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // FNV-1a, to be mixed further by the dictionary.
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        self.sum = sum
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(sum)
    }

    static func == (one: ByteKey, other: ByteKey) -> Bool {
        one.sum == other.sum && one.bytes == other.bytes
    }
}
