/// What to write instead of what a finding is about, where that is known.
struct Correction: Equatable, Sendable {
    /// What is replaced in the bytes of the file's text; no two of them overlap.
    var edits: [Edit]
    /// Whether a byte order mark is left out.
    var dropsByteOrderMark = false
    /// What is said of it once it is done.
    var fixes: [Fix]

    struct Edit: Equatable, Sendable {
        /// Empty for what is inserted.
        var range: Range<Int>
        var bytes: [UInt8]

        init(_ range: Range<Int>, _ text: String) {
            self.range = range
            bytes = Array(text.utf8)
        }
    }

    /// Something that was changed in a file, and where it stood.
    struct Fix: Equatable, Sendable {
        var file: String
        var start: SourceText.Position
        /// The property of the rule; empty where it is about the file.
        var property: String
        /// What has become of it, without the property: lower case, no full stop.
        var message: String

        /// The whole of it in one line: `Branches[0]: 'refs/heads/main' is now 'main'`.
        var sentence: String { property.isEmpty ? message : "\(property): \(message)" }

        /// The same with its place.
        var line: String { "\(file):\(start.line):\(start.column): fixed: \(sentence)" }
    }

    /// Whether both change the same bytes, or begin at the same.
    func touches(_ other: Correction) -> Bool {
        edits.contains { one in
            other.edits.contains {
                one.range.lowerBound == $0.range.lowerBound
                    || (one.range.lowerBound < $0.range.upperBound
                        && $0.range.lowerBound < one.range.upperBound)
            }
        }
    }
}

extension CheckedFile {
    /// The file with corrections that do not touch each other.
    func applying(_ corrections: [Correction]) -> CheckedFile {
        var corrected = text.bytes
        // From the end, so that what stands before keeps its place.
        let edits = corrections.flatMap(\.edits)
            .sorted { $0.range.lowerBound > $1.range.lowerBound }
        for edit in edits { corrected.replaceSubrange(edit.range, with: edit.bytes) }
        let hasMark = bytes.count > text.bytes.count
        if hasMark, !corrections.contains(where: \.dropsByteOrderMark) {
            corrected.insert(contentsOf: bytes.prefix(bytes.count - text.bytes.count), at: 0)
        }
        return CheckedFile(name: name, bytes: corrected, isNamed: isNamed, isLinked: isLinked)
    }

    func fix(at range: Range<Int>, property: String = "", _ message: String) -> Correction.Fix {
        let start = text.position(of: range.lowerBound)
        return .init(file: name, start: start, property: property, message: message)
    }
}
