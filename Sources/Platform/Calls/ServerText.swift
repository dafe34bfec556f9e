extension String {
    /// The first characters, counted as code points.
    package func cut(to maximum: Int) -> String {
        // Nearly every text is short, and has no more code points than bytes.
        guard utf8.count > maximum else { return self }
        let scalars = unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: maximum, limitedBy: scalars.endIndex)
        guard let end else { return self }
        return String(scalars[..<end])
    }

    /// A text that a server sent, as much of it as is kept: 1,000 code points.
    ///
    /// It goes into records and log lines, and nobody reads more.
    package var cutAsServerText: String { cut(to: 1_000) }

    /// What stands before the first line break.
    package var firstLine: String {
        String(decoding: utf8.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }
}
