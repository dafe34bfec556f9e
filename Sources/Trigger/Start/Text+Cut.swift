extension String {
    /// The first characters, counted as code points.
    func cut(to maximum: Int) -> String {
        let scalars = unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: maximum, limitedBy: scalars.endIndex)
        guard let end else { return self }
        return String(scalars[..<end])
    }
}
