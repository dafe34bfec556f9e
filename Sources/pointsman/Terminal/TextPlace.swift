import Codec

extension JSONError {
    /// The error with the line and the column in which it was found.
    func description(in text: [UInt8]) -> String {
        let before = text.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let own = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last
        let column = String(decoding: own ?? [], as: UTF8.self).unicodeScalars.count + 1
        // The first alone: what was found may be named by its byte too.
        let place = "line \(line), column \(column)"
        return description.replacing("byte \(offset)", with: place, maxReplacements: 1)
    }
}
