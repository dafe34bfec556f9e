import Trigger

/// Finds, among the sorted paths of a change, the one that comes nearest to a pattern.
///
/// By halving: of ten thousand rules about a hundred thousand paths each is asked.
struct NearestPath {
    private let paths: PathList
    /// The paths in lower case, sorted again; made when somebody asks.
    private let folded: Folded

    /// The paths in lower case.
    private final class Folded {
        private let paths: PathList
        private(set) lazy var list = PathList(
            paths.lazy.map { path in Path(utf8: path.utf8.map(Self.lowercased)) }
        )

        init(_ paths: PathList) {
            self.paths = paths
        }

        static func lowercased(_ byte: UInt8) -> UInt8 {
            (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
    }

    init(_ paths: PathList) {
        self.paths = paths
        folded = Folded(paths)
    }

    /// What comes nearest to any of some globs, in words; `nil` where nothing is near.
    func nearest(to globs: [Glob]) -> String? {
        guard !paths.isEmpty else { return nil }
        var best: (shared: Int, words: String)?
        for glob in globs {
            guard let miss = miss(glob) else { continue }
            if miss.shared > best?.shared ?? -1 { best = miss }
        }
        return best?.words
    }

    /// How many bytes a path shares with the plain beginning of a pattern, and what is said.
    private func miss(_ glob: Glob) -> (shared: Int, words: String)? {
        let pattern = glob.pattern
        let head = Array(PatternText.head(of: pattern).utf8)
        let (index, shared, _) = paths.nearest(to: head)
        let path = text(paths.utf8(at: index))
        if shared == head.count, let words = variant(of: pattern, path) { return (shared, words) }
        if let words = differentCase(pattern) { return (max(shared, head.count), words) }
        let at = PatternText.segments(pattern, path, shared: shared)
        let suggestion = siblings(at)
        guard shared > 0 || suggestion != nil else { return nil }
        var words = "'\(path)' comes nearest to '\(pattern)'"
        if !at.found.isEmpty, !at.wanted.isEmpty {
            words += ", which wants '\(at.wanted)' where it has '\(at.found)'"
        }
        if let suggestion {
            words += "; did you mean '\(suggestion)'?"
        }
        return (shared, words)
    }

    /// A pattern that differs a little and matches: one that a `**` is missing in.
    private func variant(of pattern: String, _ path: String) -> String? {
        let wider = pattern.replacing("**", with: "*").replacing("*", with: "**")
        if wider != pattern, let glob = try? Glob(wider), glob.matches(path) {
            return "`*` ends at a '/': '\(wider)' matches '\(path)'"
        }
        let below = pattern.hasSuffix("/") ? pattern + "**" : pattern + "/**"
        if let glob = try? Glob(below), glob.matches(path) {
            return "'\(pattern)' is that path alone, '\(path)' lies below it: write '\(below)'"
        }
        return nil
    }

    /// A path that the pattern would match if case did not count.
    private func differentCase(_ pattern: String) -> String? {
        guard let glob = try? Glob(pattern.lowercased()) else { return nil }
        let head = Array(PatternText.head(of: pattern.lowercased()).utf8)
        let (index, shared, _) = folded.list.nearest(to: head)
        guard shared == head.count, glob.matches(folded.list[index].utf8) else { return nil }
        let wanted = folded.list[index].utf8
        let path = paths.first { $0.utf8.map(Folded.lowercased) == wanted }
        guard let path else { return nil }
        return "'\(text(path.utf8[...]))' differs from '\(pattern)' only in case"
    }

    /// The name of a folder or file that the pattern's own is most probably meant to be.
    private func siblings(_ at: PatternText.Departure) -> String? {
        guard !at.wanted.isEmpty else { return nil }
        let folder = Array(at.before.utf8)
        var names: [String] = []
        var index = paths.nearest(to: folder).lower
        while index < paths.count, names.count < Self.mostSiblings,
            paths.utf8(at: index).starts(with: folder)
        {
            let rest = paths.utf8(at: index).dropFirst(folder.count)
            let segment = rest.prefix { $0 != UInt8(ascii: "/") }
            names.append(text(segment))
            // Behind all that begins with this name: `0` comes next to `/`.
            index = max(index + 1, paths.lowerBound(folder + segment + [UInt8(ascii: "0")]))
        }
        guard let name = suggestion(for: at.wanted, among: names) else { return nil }
        return at.before + name + at.behind
    }

    private static let mostSiblings = 200

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
