/// Text for a comment on GitHub or GitLab, in which the words of others are only words.
enum Markdown {
    /// A text as code: nothing in it is a link, a mention, an image or a tag.
    ///
    /// A code span ends at as many backticks as it begins with (CommonMark, 6.1).
    static func code(_ text: String) -> String {
        let text = text.printable
        guard !text.isEmpty else { return "" }
        let fence = String(repeating: "`", count: longestRunOfBackticks(text) + 1)
        // A space at both ends is taken away again, and keeps a backtick from the fence.
        let ends: [UInt8?] = [text.utf8.first, text.utf8.last]
        let isBare = ends.allSatisfy { $0 != backtick && $0 != UInt8(ascii: " ") }
        return isBare ? fence + text + fence : "\(fence) \(text) \(fence)"
    }

    /// Lines as a block of code.
    static func block(_ lines: [String]) -> [String] {
        let longest = lines.map(longestRunOfBackticks).max() ?? 0
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return ["\(fence)text"] + lines + [fence]
    }

    private static let backtick = UInt8(ascii: "`")

    /// Counted by bytes: with an accent on it a backtick is another character for Swift, and the same
    /// for Markdown.
    private static func longestRunOfBackticks(_ text: String) -> Int {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == backtick ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
