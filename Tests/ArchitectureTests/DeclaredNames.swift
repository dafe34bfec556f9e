/// The names that a file declares and says, told by its lines as they are formatted.
struct DeclaredNames: Sendable {
    /// Types that others can see, at the top level and inside others.
    private(set) var types: Set<String> = []
    /// The same and the private ones.
    private(set) var allTypes: Set<String> = []
    /// Functions beside the types.
    private(set) var functions: Set<String> = []
    /// Functions, properties and cases, wherever they are.
    private(set) var members: Set<String> = []
    /// The members of extensions, each with the outermost type that is extended.
    private(set) var extensions: [(type: String, member: String)] = []
    /// Every word.
    private(set) var said: Set<String> = []

    private static let forTypes: Set = [
        "struct", "enum", "class", "protocol", "actor", "typealias",
    ]
    private static let forMembers: Set = ["func", "var", "let", "case"]

    init(_ code: String) {
        var extended: String?
        for line in code.utf8.split(separator: UInt8(ascii: "\n")) {
            let words = Self.words(line)
            said.formUnion(words)
            let indentation = line.prefix { $0 == UInt8(ascii: " ") }.count
            if indentation == 0, line.first != UInt8(ascii: "}") {
                let keyword = words.firstIndex(of: "extension")
                extended = keyword.flatMap { words.dropFirst($0 + 1).first }
            }
            guard let (place, name) = Self.declaration(words) else { continue }
            let isPrivate = words[..<place].contains { $0 == "private" || $0 == "fileprivate" }
            if Self.forTypes.contains(words[place]) {
                allTypes.insert(name)
                if !isPrivate { types.insert(name) }
            } else {
                members.insert(name)
                guard !isPrivate else { continue }
                if indentation == 0, words[place] == "func" { functions.insert(name) }
                if indentation == 4, let extended, words[place] != "case" {
                    extensions.append((extended, name))
                }
            }
        }
    }

    /// Where a line's words declare something, and its name.
    ///
    /// A property may be called `actor`; what a type is called begins with a capital.
    private static func declaration(_ words: [String]) -> (place: Int, name: String)? {
        for (place, (keyword, name)) in zip(words, words.dropFirst()).enumerated() {
            let isType = forTypes.contains(keyword) && name.first?.isUppercase == true
            if isType || forMembers.contains(keyword) { return (place, name) }
        }
        return nil
    }

    private static func words(_ line: Substring.UTF8View) -> [String] {
        line.split { byte in
            let isLetter = (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
            return !isLetter && byte != UInt8(ascii: "_")
        }
        .map { String(decoding: $0, as: UTF8.self) }
    }
}
