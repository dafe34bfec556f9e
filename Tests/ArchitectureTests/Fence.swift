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
    static func says(_ words: Regex<Substring>, in file: SourceFile) -> [String] {
        Set(file.code.matches(of: words).map { "says \($0.output)" }).sorted()
    }
}
