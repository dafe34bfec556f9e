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
        guard
            let found = Self.extendedGlob(pattern, list)
                ?? Self.expression(
                    pattern,
                    isOfPaths: isOfPaths,
                    isExclude: list.hasPrefix("Exclude")
                )
                ?? Self.bracketedWord(pattern, anywhere: list.hasSuffix("Actors"))
        else {
            return nil
        }
        self = found
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

    /// `^main$`, `release/.*`, `(api|web)`, `.*\.go`.
    private static func expression(
        _ pattern: String,
        isOfPaths: Bool,
        isExclude: Bool
    ) -> Self? {
        let sign: String
        if pattern.hasPrefix("^") {
            sign = "'^' is plain here"
        } else if pattern.hasSuffix("$"), !pattern.hasSuffix("\\$") {
            sign = "'$' is plain here"
        } else if pattern.contains(/\([^()]*\|[^()]*\)/) {
            sign = "'(' and '|' are plain here"
        } else if pattern.contains("\\.") {
            sign = "'.' needs no '\\' here"
        } else if endsInDots(pattern, isOfPaths: isOfPaths, isExclude: isExclude) {
            sign = "'.' is plain here"
        } else {
            return nil
        }
        let place = isOfPaths && !isExclude ? "; those belong in PathExpressions" : ""
        return Self(
            "looks like a regular expression, and this is a glob: \(sign)\(place)",
            suggestion: glob(of: pattern)
        )
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
        text = text.replacing(/\\([.\/-])/) { "\u{0}\($0.1)" }
            .replacing(/\((?:\?:)?([^()]*\|[^()]*)\)/) { alternatives($0.1) }
            .replacing(".*", with: "**").replacing("\u{0}", with: "")
        let isPlain = !text.contains(/[\\^$()|+?\[\]]/) && !text.contains("***")
        return isPlain && !text.isEmpty && text != expression ? text : nil
    }

    private static func alternatives(_ texts: Substring) -> String {
        "{\(texts.replacing("|", with: ","))}"
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
