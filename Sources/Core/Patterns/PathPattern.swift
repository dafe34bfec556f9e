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
