/// A pattern that no branch and no tag can match, because git has no such names, or that is a name as
/// git shows it somewhere else.
struct ImpossibleName: Equatable {
    /// Why nothing matches.
    var message: String
    /// The pattern that was probably meant; `nil` where that is not known.
    var suggestion: String?

    /// `nil` where names may match, as far as the plain characters tell.
    ///
    /// - Parameter list: The property whose element it is: `Branches`, `Tags`, or one that excludes them.
    init?(_ pattern: String, in list: String) {
        let isOfBranches = list.hasSuffix("Branches")
        let what = isOfBranches ? "branch" : "tag"
        for prefix in isOfBranches ? Self.ofBranches : ["tags/"] where pattern.hasPrefix(prefix) {
            let rest = String(pattern.dropFirst(prefix.count))
            message = "a \(what)'s name is compared without '\(prefix)'"
            suggestion = rest.isEmpty ? nil : rest
            return
        }
        // Of these more is known elsewhere.
        guard !pattern.hasPrefix("refs/") else { return nil }
        for prefix in ["./", "/"] where pattern.hasPrefix(prefix) {
            let rest = String(pattern.dropFirst(prefix.count))
            message = "no \(what)'s name begins with '\(prefix)'"
            suggestion = rest.isEmpty || rest.hasSuffix("/") ? nil : rest
            return
        }
        if pattern.hasSuffix("/") {
            message = "no \(what)'s name ends with '/'"
            suggestion = pattern + "**"
            return
        }
        // git-check-ref-format(1).
        for sign in ["//", "..", "@{", "~", " "] where pattern.contains(sign) {
            let words = sign == " " ? "a blank" : "'\(sign)'"
            message = "no \(what)'s name has \(words) in it"
            suggestion = nil
            return
        }
        return nil
    }

    /// Behind them git shows branches in other places.
    private static let ofBranches = [
        "refs/remotes/origin/", "remotes/origin/", "origin/", "heads/",
    ]
}
