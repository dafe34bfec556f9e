/// The changed paths of a change and whether they are all of them.
package struct ChangedPaths: Equatable, Sendable {
    /// The paths, sorted by their bytes, each once.
    package var paths: PathList
    /// Why the set is not complete, as a clause for a sentence; `nil` when it is.
    package var incomplete: String?
    /// How many commits the event lists; `nil` for an event that never lists any.
    ///
    /// Rules of the earlier design tell an empty list (matches nothing) from a
    /// truncated one (starts).
    package var commits: Int?
    /// What the change was compared with to find them, for the decision record; `nil` where the
    /// event itself lists them.
    package var comparedWith: String?

    /// Paths of an event.
    package init(
        paths: PathList,
        incomplete: String? = nil,
        commits: Int? = nil,
        comparedWith: String? = nil
    ) {
        self.paths = paths
        self.incomplete = incomplete
        self.commits = commits
        self.comparedWith = comparedWith
    }
}

/// A file's path in a repository: UTF-8 bytes, compared as bytes.
///
/// Not a `String`: two paths that differ only in Unicode normalisation are two files.
package struct Path: Hashable, Comparable, Sendable {
    /// The path as UTF-8.
    package var utf8: [UInt8]

    /// The path of these bytes.
    package init(utf8: [UInt8]) {
        self.utf8 = utf8
    }

    /// Whether one path sorts before the other, by bytes.
    package static func < (one: Path, other: Path) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
