extension String {
    /// What stands before the first line break.
    public var firstLine: String {
        String(decoding: utf8.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }
}
