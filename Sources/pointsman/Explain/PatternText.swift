/// A glob as it is written, cut where a path departs from it.
enum PatternText {
    /// Where a path departs from a pattern, by whole segments.
    struct Departure: Equatable {
        /// What both begin with, up to a `/`.
        var before: String
        /// The pattern's next segment, empty where it has a wildcard.
        var wanted: String
        /// What the pattern has behind it.
        var behind: String
        /// The path's next segment.
        var found: String
    }

    /// The beginning of a pattern that has nothing special in it.
    static func head(of pattern: String) -> String {
        String(pattern.prefix { !#"*?[{\"#.contains($0) })
    }

    /// Where a path that shares so many bytes with a pattern departs from it.
    static func segments(_ pattern: String, _ path: String, shared: Int) -> Departure {
        let common = String(decoding: pattern.utf8.prefix(shared), as: UTF8.self)
        let before = common.lastIndex(of: "/").map { String(common[...$0]) } ?? ""
        let rest = pattern.dropFirst(before.count)
        let segment = String(rest.prefix { $0 != "/" })
        let found = String(path.dropFirst(before.count).prefix { $0 != "/" })
        let wanted = head(of: segment) == segment ? segment : ""
        return Departure(
            before: before,
            wanted: wanted,
            behind: String(rest.dropFirst(segment.count)),
            found: found
        )
    }
}
