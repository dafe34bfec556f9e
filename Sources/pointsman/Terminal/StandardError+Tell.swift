import Platform

extension StandardError {
    /// Says something beside the output, on a line of its own.
    ///
    /// Names and answers of others are in it: nothing that a terminal would obey.
    static func tell(_ text: String) {
        write(Array("pointsman: \(text.printable)\n".utf8))
    }
}
