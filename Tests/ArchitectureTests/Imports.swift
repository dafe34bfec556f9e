/// An import as it is written.
struct Import {
    let module: String
    /// Whether other modules see the types of the module through this one.
    let isPublic: Bool

    /// The imports of a file.
    static func all(of file: SourceFile) -> [Import] {
        let line =
            #/^[^\S\n]*((?:@\w+[^\S\n]+|\w+[^\S\n]+)*?)import[^\S\n]+(?:\w+[^\S\n]+(?=\w))?(\w+)/#
        return file.code.matches(of: line.anchorsMatchLineEndings()).map { match in
            Import(
                module: String(match.output.2),
                isPublic: match.output.1.contains(#/public|package/#)
            )
        }
    }

    /// What each target may import.
    static let allowed: [String: Set<String>] = [
        "Codec": [],
        "Platform": ["CLibraries", "Codec"],
        "AWS": ["Codec", "Platform"],
        "Core": ["AWS", "Codec", "Platform"],
        "bootstrap": ["Core", "AWS", "Platform"],
        "Echo": ["AWS", "Platform"],
    ]
}
