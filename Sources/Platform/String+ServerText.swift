extension String {
    /// How much of a server's text is kept, in code points: it goes into records and log lines, and
    /// nobody reads more.
    private static var mostServerText: Int { 1_000 }

    /// A text that a server sent, as much of it as is kept.
    public var cutAsServerText: String {
        // Nearly every text is short.
        guard utf8.count > Self.mostServerText else { return self }
        let scalars = unicodeScalars
        let end = scalars.index(
            scalars.startIndex,
            offsetBy: Self.mostServerText,
            limitedBy: scalars.endIndex
        )
        guard let end, end < scalars.endIndex else { return self }
        return String(scalars[..<end])
    }
}
