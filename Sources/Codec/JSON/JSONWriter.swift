/// Writes JSON text without white space; what its strings hold cannot make it invalid.
///
///     var writer = JSONWriter()
///     writer.object { writer in
///         writer.member("outcome", "accepted")
///         writer.strings("paths", paths)
///     }
///
/// It writes the commas. The caller must see to the rest, which is not checked: in an object each
/// value has one key before it, elsewhere none; `raw` and a tree's `number` are JSON already.
package struct JSONWriter {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []
    /// A value stands before, in the same container: a comma comes first.
    private var needsComma = false

    package init() {
        // Most of what is written is no longer.
        bytes.reserveCapacity(512)
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    /// Writes a member's name; its value comes next.
    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        if JSONText.needsNoEscape(value.utf8.span) {
            bytes.append(contentsOf: value.utf8)
        } else {
            JSONText.escape(value.utf8.span, into: &bytes)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes UTF-8 as a string; what is not well-formed in it becomes U+FFFD.
    package mutating func utf8(_ value: [UInt8]) {
        utf8(value[...])
    }

    /// Writes UTF-8 as a string; what is not well-formed in it becomes U+FFFD.
    package mutating func utf8(_ value: ArraySlice<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        if JSONText.needsNoEscape(value.span) {
            bytes.append(contentsOf: value)
        } else {
            JSONText.escape(value.span, into: &bytes)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func int(_ value: Int) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes text that is a JSON value already, which is not checked.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    package mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let text): raw([UInt8](text.utf8))
        case .string(let value): string(value)
        case .array(let elements):
            array { writer in for element in elements { writer.value(element) } }
        case .object(let members):
            object { writer in
                for member in members { writer.member(member.key, member.value) }
            }
        }
    }

    /// Writes a member whose value is a string, or nothing if it is `nil`.
    package mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    /// Writes a member whose value is an integer, or nothing if it is `nil`.
    package mutating func member(_ name: String, _ value: Int?) {
        guard let value else { return }
        key(name)
        int(value)
    }

    /// Writes a member whose value is a boolean, or nothing if it is `nil`.
    package mutating func member(_ name: String, _ value: Bool?) {
        guard let value else { return }
        key(name)
        bool(value)
    }

    package mutating func member(_ name: String, _ value: JSON) {
        key(name)
        self.value(value)
    }

    /// Writes a member whose value is a string, as `utf8` does.
    package mutating func utf8(_ name: String, _ value: [UInt8]) {
        key(name)
        utf8(value)
    }

    package mutating func object(_ name: String, _ members: (inout JSONWriter) -> Void) {
        key(name)
        object(members)
    }

    package mutating func array(_ name: String, _ elements: (inout JSONWriter) -> Void) {
        key(name)
        array(elements)
    }

    /// Writes a member whose value is an array of one object for each item.
    package mutating func objects<Item>(
        _ name: String,
        _ items: [Item],
        _ members: (inout JSONWriter, Item) -> Void
    ) {
        array(name) { writer in
            for item in items { writer.object { writer in members(&writer, item) } }
        }
    }

    package mutating func strings(_ name: String, _ values: [String]) {
        array(name) { writer in for value in values { writer.string(value) } }
    }

    private mutating func container(
        _ open: UInt8,
        _ close: UInt8,
        _ body: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
