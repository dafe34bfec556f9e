import Core

/// A glob that is valid, and most probably meant in another language: a regular expression, an extended
/// glob of a shell, or a name whose brackets were to be plain.
struct ForeignPattern: Equatable {
    /// What is odd about it.
    var message: String
    /// The glob that was probably meant; `nil` where that is not known.
    var suggestion: String?

    /// `nil` where nothing says that another language is meant.
    ///
    /// - Parameter list: The property whose element it is, such as `ExcludePaths`.
    init?(_ pattern: String, in list: String) {
        let isOfPaths = list.hasSuffix("Paths")
        let isOfRefs = list.hasSuffix("Branches") || list.hasSuffix("Tags")
        guard
            let found = Self.extendedGlob(pattern, list)
                ?? (isOfRefs ? Self.betweenSlashes(pattern) : nil)
                ?? Self.expression(
                    pattern,
                    isOfPaths: isOfPaths,
                    isOfRefs: isOfRefs,
                    isExclude: list.hasPrefix("Exclude")
                )
                ?? (isOfPaths || isOfRefs ? Self.alternatives(pattern, isOfPaths) : nil)
                ?? Self.bracketedWord(pattern, anywhere: list.hasSuffix("Actors"))
        else {
            return nil
        }
        self = found
        // What is advised is tried: it must be a glob, and say nothing odd itself.
        if let suggestion, (try? Glob(suggestion)) == nil || suggestion == pattern {
            self.suggestion = nil
        }
    }

    private init(_ message: String, suggestion: String?) {
        self.message = message
        self.suggestion = suggestion
    }

    /// `!(docs)`, `@(api|web)`.
    private static func extendedGlob(_ pattern: String, _ list: String) -> Self? {
        // Behind a wildcard a plain '(' is possible: `*(1).txt`.
        let form = /([!@+])\([^()\/]*\)|([?*])\([^()\/]*\|[^()\/]*\)/
        guard let match = pattern.firstMatch(of: form), let sign = match.1 ?? match.2 else {
            return nil
        }
        let name = list.hasPrefix("Exclude") ? list : "Exclude" + list
        let what = "'\(sign)(' begins an extended glob of a shell, and '(' is plain here"
        if sign == "!" {
            return Self("\(what): what is not to match goes to \(name)", suggestion: nil)
        }
        let instead = pattern.replacing(/@\(([^()\/]*)\)/) { alternatives($0.1) }
        return Self(what, suggestion: instead.contains("(") ? nil : instead)
    }

    private static let looksLikeExpression = "looks like a regular expression, and this is a glob"

    /// `/v.*/`, as some languages write a regular expression; no name begins with a slash.
    private static func betweenSlashes(_ pattern: String) -> Self? {
        guard let match = pattern.wholeMatch(of: /\/(.*[^\/\\].*)\/[gimsux]*/) else { return nil }
        let inner = String(match.1)
        return Self(
            "\(looksLikeExpression): '/' is plain here",
            suggestion: glob(of: inner) ?? (inner.contains(/[\\^$()|+]/) ? nil : inner)
        )
    }

    /// `^main$`, `release/.*`, `(api|web)`, `.*\.go`, `v\d+`.
    private static func expression(
        _ pattern: String,
        isOfPaths: Bool,
        isOfRefs: Bool,
        isExclude: Bool
    ) -> Self? {
        let sign: String
        if pattern.hasPrefix("^") {
            sign = "'^' is plain here"
        } else if pattern.hasSuffix("$"), !pattern.hasSuffix("\\$") {
            sign = "'$' is plain here"
        } else if pattern.contains(/\([^()]*\|[^()]*\)/) {
            sign = "'(' and '|' are plain here"
        } else if let match = pattern.firstMatch(of: /\\([dDwWsSb])(?<count>[+{])?/),
            // In a path it may separate folders, as on Windows.
            !isOfPaths || match.count != nil
        {
            sign = "'\\\(match.1)' is a plain '\(match.1)' here"
        } else if pattern.contains("\\.") {
            sign = "'.' needs no '\\' here"
        } else if endsInDots(pattern, isOfPaths: isOfPaths, isExclude: isExclude)
            || (isOfRefs && pattern.contains(/(?:^v?|[-_\/])\.[*+]/))
        {
            sign = "'.' is plain here"
        } else if pattern.contains(/\[[^\[\]]+\]\+/) {
            sign = "'+' is plain here"
        } else {
            return nil
        }
        let place = isOfPaths && !isExclude ? "; those belong in PathExpressions" : ""
        return Self("\(looksLikeExpression): \(sign)\(place)", suggestion: glob(of: pattern))
    }

    /// Whether `.*` or `.+` stands where a glob would have `**`: behind a plain folder, or where no
    /// name can begin with a dot.
    private static func endsInDots(_ pattern: String, isOfPaths: Bool, isExclude: Bool) -> Bool {
        guard let match = pattern.wholeMatch(of: /(?:(?<folder>.*)\/)?\.[*+]/) else { return false }
        guard isOfPaths else { return true }
        // Files that begin with a dot may well be excluded.
        guard !isExclude else { return false }
        guard let folder = match.folder else { return true }
        return !folder.contains(/[*?\[{]/)
    }

    /// The glob of a simple regular expression.
    private static func glob(of expression: String) -> String? {
        var text = expression
        if text.hasPrefix("^") { text.removeFirst() }
        if text.hasSuffix("$") { text.removeLast() }
        // What is a character of a glob already stands behind a zero, and a digit as one.
        text = text.replacing(/\\([.\/-])/) { "\u{0}\($0.1)" }
            .replacing(/\((?:\?:)?([^()]*\|[^()]*)\)/) { alternatives($0.1) }
            .replacing(/(?:\\d|\[0-9\])([+*])?/) { $0.1 == nil ? "\u{1}" : "\u{1}*" }
            .replacing(/\\w[+*]/) { _ in "*" }
            .replacing(/\.[*+]/) { _ in "**" }
            .replacing("\u{0}", with: "")
        let isPlain = !text.contains(/[\\^$()|+?\[\]]/) && !text.contains("***")
        text = text.replacing("\u{1}", with: "[0-9]")
        return isPlain && !text.isEmpty && text != expression ? text : nil
    }

    private static func alternatives(_ texts: Substring) -> String {
        "{\(texts.replacing("|", with: ","))}"
    }

    /// `main|develop`, `main,develop`.
    private static func alternatives(_ pattern: String, _ isOfPaths: Bool) -> Self? {
        for sign in ["|", ","] where pattern.contains(sign) && !pattern.contains(/[{}()\[\]\\]/) {
            let parts = pattern.split(separator: sign, omittingEmptySubsequences: false)
                .map { $0.trimmingPrefix(while: \.isWhitespace) }
            // A file's name may have them.
            if isOfPaths, !parts.allSatisfy({ $0.contains(/[*\/]/) }) { continue }
            let isSure = !parts.contains { $0.isEmpty || $0.contains(",") }
            return Self(
                "'\(sign)' is plain here: alternatives stand in braces, or are elements of the list",
                suggestion: isSure ? "{\(parts.joined(separator: ","))}" : nil
            )
        }
        return nil
    }

    /// `dependabot[bot]`, `app/[slug]/page.tsx`: letters in brackets that are a word.
    private static func bracketedWord(_ pattern: String, anywhere: Bool) -> Self? {
        for match in pattern.matches(of: /\[((?:\.\.\.)?[A-Za-z_]{3,})\]/) {
            let before = pattern[..<match.range.lowerBound]
            let after = pattern[match.range.upperBound...]
            let isSegment =
                (before.isEmpty || before.hasSuffix("/")) && (after.isEmpty || after.hasPrefix("/"))
            guard anywhere || isSegment, !before.hasSuffix("\\") else { continue }
            return Self(
                "'[\(match.1)]' is one character of these, not the word: a plain '[' is written '\\['",
                suggestion: "\(before)\\[\(match.1)\\]\(after)"
            )
        }
        return nil
    }
}
