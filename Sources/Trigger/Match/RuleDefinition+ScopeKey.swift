extension RuleDefinition {
    /// The bytes of what the rule says about all of a change but its paths.
    ///
    /// The rules of one repository mostly say the same, so that is decided once for all that do.
    var scopeKey: [UInt8] {
        var key = [UInt8](source.rawValue.utf8)
        func add(_ text: String) {
            // No text holds this byte, being UTF-8.
            key.append(0xFF)
            key.append(contentsOf: text.utf8)
        }
        func add(_ patterns: RuleDefinition.Patterns) {
            key.append(0xFE)
            for glob in patterns.included { add(glob.pattern) }
            key.append(0xFE)
            for glob in patterns.excluded { add(glob.pattern) }
        }
        add(repository)
        add(target.name)
        key.append(0xFE)
        for event in events { add(event.rawValue) }
        add(branches)
        add(tags)
        add(actors)
        for text in skipMessages { add(text) }
        return key
    }
}
