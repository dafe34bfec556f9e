/// Makes inputs out of a corpus: the same ones for the same seed.
struct Mutator {
    private var state: UInt64
    private let corpus: [[UInt8]]

    /// What formats are made of: likelier to get past a first check than random bytes.
    private static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\\"", "null", "true", "-",
        "1e999", "0.", "**", "*", "?", "/", "%", "%2", "%ff", "&", "=", "+", "\u{0}", "\u{FFFD}",
        "ä",
        "𝄞", "#{after}", "#{", "(?:", "(a*)*", "[^", "{1,9999}", "refs/heads/", "\"commits\":[]",
        "\"deleted\":true", "payload=",
    ].map { Array($0.utf8) }
    private static let longest = 16_384

    init(seed: UInt64, corpus: [[UInt8]]) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        self.corpus = corpus
    }

    /// The next input: one of the corpus after one to six changes.
    mutating func next() -> [UInt8] {
        var input = corpus[random(corpus.count)]
        for _ in 0...random(6) { change(&input) }
        return Array(input.prefix(Self.longest))
    }

    private mutating func change(_ input: inout [UInt8]) {
        let at = random(input.count + 1)
        switch random(8) {
        case 0 where at < input.count: input[at] = UInt8(truncatingIfNeeded: random(256))
        case 1 where at < input.count: input[at] ^= 1 << UInt8(random(8))
        case 2: input.insert(contentsOf: Self.tokens[random(Self.tokens.count)], at: at)
        case 3: input.removeSubrange(at..<min(input.count, at + 1 + random(16)))
        case 4: input.removeLast(random(input.count + 1) / 4)
        case 5: input.insert(contentsOf: slice(of: input), at: at)
        case 6: input.insert(contentsOf: slice(of: corpus[random(corpus.count)]), at: at)
        default:
            let token = Self.tokens[random(Self.tokens.count)]
            input.insert(
                contentsOf: Array(repeating: token, count: 1 + random(200)).joined(),
                at: at
            )
        }
    }

    private mutating func slice(of input: [UInt8]) -> ArraySlice<UInt8> {
        let start = random(input.count + 1)
        return input[start..<min(input.count, start + random(64))]
    }

    /// A number below a bound, by xorshift.
    private mutating func random(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return bound > 0 ? Int(state % UInt64(bound)) : 0
    }
}
