/// The name of an object's member: a view of the text, compared by bytes, without a copy.
package struct JSONKey {
    /// The text, or the name alone where it had to be unescaped.
    private let bytes: [UInt8]
    private let range: Range<Int>

    init(bytes: [UInt8], range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// The name as UTF-8.
    package var utf8: [UInt8] {
        [UInt8](bytes[range])
    }

    /// The name.
    package var string: String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Whether the name has exactly those bytes.
    package static func == (key: JSONKey, name: String) -> Bool {
        let name = name.utf8.span
        guard key.range.count == name.count else { return false }
        let own = key.bytes.span.extracting(key.range)
        for index in name.indices where own[index] != name[index] { return false }
        return true
    }

    /// Whether the name has other bytes.
    package static func != (key: JSONKey, name: String) -> Bool {
        !(key == name)
    }

    /// Lets `switch key { case "commits": … }` compare.
    package static func ~= (name: String, key: JSONKey) -> Bool {
        key == name
    }
}
