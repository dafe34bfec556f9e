extension RuleDefinition {
    /// The bytes of what the rule says about all of a change but its paths.
    ///
    /// The rules of one repository mostly say the same, so that is decided once for all that do.
    static func scopeBytes(
        _ source: Change.Source,
        _ repository: String,
        _ events: [Change.Kind],
        _ patterns: [Patterns],
        allowsForks: Bool,
        _ skipMessages: [String],
        _ target: Target
    ) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(128)
        key.append(contentsOf: source.rawValue.utf8)
        key.add(repository)
        key.add(target.name)
        key.append(.groupEnd)
        if allowsForks { key.add(Forks.allow.rawValue) }
        key.append(.groupEnd)
        for event in events { key.add(event.rawValue) }
        for patterns in patterns { key.add(patterns) }
        for text in skipMessages { key.add(text) }
        return key
    }
}

extension RuleDefinition {
    /// Whether another rule starts the same target for the same changes, as far as both spell it
    /// alike.
    func saysTheSame(as other: RuleDefinition) -> Bool {
        guard scope == other.scope, paths == other.paths, target == other.target,
            startsWhenPathsUnknown == other.startsWhenPathsUnknown,
            pathExpressions.count == other.pathExpressions.count
        else { return false }
        return zip(pathExpressions, other.pathExpressions).allSatisfy { $0.text == $1.text }
    }
}

extension UInt8 {
    // No text holds these two, being UTF-8.
    fileprivate static let textStart: UInt8 = 0xFF
    fileprivate static let groupEnd: UInt8 = 0xFE
}

extension [UInt8] {
    fileprivate mutating func add(_ text: String) {
        append(.textStart)
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func add(_ patterns: RuleDefinition.Patterns) {
        for globs in [patterns.included, patterns.excluded] {
            append(.groupEnd)
            for glob in globs {
                append(.textStart)
                append(contentsOf: glob.text.bytes)
            }
        }
        append(.groupEnd)
    }
}
