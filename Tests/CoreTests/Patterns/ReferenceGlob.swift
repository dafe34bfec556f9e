/// A second glob matcher, slow and by another way.
///
/// Braces are written out, then every way to split the subject is tried. Only for patterns that
/// are globs.
enum ReferenceGlob {
    static func matches(_ pattern: String, _ subject: String) -> Bool {
        let text = Array(subject.unicodeScalars)
        return expansions(Array(pattern.unicodeScalars)).contains { match($0, 0, text, 0) }
    }

    /// The pattern once for every choice of alternatives.
    private static func expansions(_ pattern: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        var index = 0
        while index < pattern.count {
            if pattern[index] == "{" {
                var alternatives: [[Unicode.Scalar]] = [[]]
                var end = index + 1
                while pattern[end] != "}" {
                    if pattern[end] == "," {
                        alternatives.append([])
                        end += 1
                    } else {
                        let next = skip(pattern, end)
                        alternatives[alternatives.count - 1] += pattern[end..<next]
                        end = next
                    }
                }
                let rests = expansions(Array(pattern[(end + 1)...]))
                return alternatives.flatMap { alternative in
                    rests.map { pattern[..<index] + alternative + $0 }
                }
            }
            index = skip(pattern, index)
        }
        return [pattern]
    }

    /// The index behind an escape, a class or one code point.
    private static func skip(_ pattern: [Unicode.Scalar], _ index: Int) -> Int {
        if pattern[index] == "\\" { return index + 2 }
        guard pattern[index] == "[" else { return index + 1 }
        var end = index + 1
        if pattern[end] == "!" || pattern[end] == "^" { end += 1 }
        let first = end
        while pattern[end] != "]" || end == first { end += pattern[end] == "\\" ? 2 : 1 }
        return end + 1
    }

    private static func match(
        _ pattern: [Unicode.Scalar],
        _ index: Int,
        _ text: [Unicode.Scalar],
        _ at: Int
    ) -> Bool {
        guard index < pattern.count else { return at == text.count }
        switch pattern[index] {
        case "*":
            var end = index
            while end < pattern.count, pattern[end] == "*" { end += 1 }
            var next = end
            if next < pattern.count, pattern[next] == "\\" { next += 1 }
            let isSegment =
                (index == 0 || pattern[index - 1] == "/") && next < pattern.count
                && pattern[next] == "/"
            if end - index > 1, isSegment, match(pattern, next + 1, text, at) { return true }
            for taken in at...text.count {
                if match(pattern, end, text, taken) { return true }
                if taken < text.count, end - index == 1, text[taken] == "/" { return false }
            }
            return false
        case "?":
            return at < text.count && text[at] != "/" && match(pattern, index + 1, text, at + 1)
        case "[":
            let end = skip(pattern, index)
            return at < text.count
                && classHolds(Array(pattern[(index + 1)..<(end - 1)]), text[at])
                && match(pattern, end, text, at + 1)
        default:
            let plain = pattern[index] == "\\" ? index + 1 : index
            return at < text.count && pattern[plain] == text[at]
                && match(pattern, plain + 1, text, at + 1)
        }
    }

    private static func classHolds(_ inside: [Unicode.Scalar], _ scalar: Unicode.Scalar) -> Bool {
        guard scalar != "/" else { return false }
        var inside = inside
        var isNegated = false
        if inside.first == "!" || inside.first == "^" {
            isNegated = true
            inside.removeFirst()
        }
        var found = false
        func take() -> Unicode.Scalar {
            if inside[0] == "\\" { inside.removeFirst() }
            return inside.removeFirst()
        }
        while !inside.isEmpty {
            let low = take()
            if inside.count > 1, inside[0] == "-" {
                inside.removeFirst()
                if (low...take()).contains(scalar) { found = true }
            } else if low == scalar {
                found = true
            }
        }
        return found != isNegated
    }
}
