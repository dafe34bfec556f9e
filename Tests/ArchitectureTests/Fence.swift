import Testing

/// A rule about the sources that the compiler does not hold.
struct Fence: CustomTestStringConvertible, Sendable {
    /// The rule, as a sentence.
    let testDescription: String
    /// What a file does against it: one short sentence each.
    let breaches: @Sendable (SourceFile) -> [String]
    /// A file that breaks it, and what is to be said of that.
    let example: (file: SourceFile, breach: String)

    init(
        _ rule: String,
        example: (path: String, text: String, breach: String),
        breaches: @escaping @Sendable (SourceFile) -> [String]
    ) {
        self.testDescription = rule
        self.breaches = breaches
        self.example = (SourceFile(path: example.path, text: example.text), example.breach)
    }

    /// What of these a file says, each once.
    static func says(_ regex: Regex<Substring>, in file: SourceFile) -> [String] {
        words(regex, in: file.code).map { "says \($0)" }
    }

    /// What of these stands in a text, each once.
    ///
    /// A word ends where its letters do. Unicode's own bounds, which Swift goes by, put none between
    /// a dot and a letter: `a.b` would be one word.
    static func words(_ regex: Regex<Substring>, in text: String) -> [String] {
        Set(text.matches(of: regex.wordBoundaryKind(.simple)).map { String($0.output) }).sorted()
    }
}
