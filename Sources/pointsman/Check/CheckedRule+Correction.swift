import Codec
import Core

/// What is written in a rule's file instead of what is wrong with it.
///
/// It is what the finding suggests. A template has none: what it says may be needed in other places too.
extension CheckedRule {
    private var isObject: Bool { if case .object = origin { true } else { false } }

    /// The text of a value replaced by another one.
    func replacing(_ node: SourceNode?, by text: String?, property: String) -> Correction? {
        guard isObject, let text, !text.isEmpty, let node, let old = node.string else { return nil }
        return replacing(node.range, old, by: text, property: property)
    }

    /// A text in quotes replaced by another one.
    private func replacing(
        _ range: Range<Int>,
        _ old: String,
        by text: String,
        property: String
    ) -> Correction {
        Correction(
            edits: [.init(range, text.inJSON)],
            fixes: [file.fix(at: range, property: property, "'\(old)' is now '\(text)'")]
        )
    }

    /// What replaces what a problem is about, if its hint is one text.
    func correction(
        of problem: RuleProblem,
        _ place: SourceNode.Place,
        hint: String?
    ) -> Correction? {
        guard isObject, let match = hint?.wholeMatch(of: /did you mean `([^`]+)`\?/) else {
            return nil
        }
        let (name, property) = (String(match.1), problem.property)
        switch problem.kind {
        case .unknownProperty:
            return place.keyRange.flatMap { renaming($0, to: name, property: property) }
        case .placeholder:
            return replacingPlaceholder(at: problem.column, in: place.value, by: name, property)
        case .value where place.value?.members?.count == 1:
            // The kind of a target.
            return place.value?.members.flatMap { members in
                renaming(members[0].keyRange, to: name, property: property)
            }
        case .value: return replacing(place.value, by: name, property: property)
        default: return nil
        }
    }

    /// What is advised of a value of another kind than is expected, and what is written instead.
    func adviceOnKind(
        of problem: RuleProblem,
        _ place: SourceNode.Place
    ) -> (suggestion: String, correction: Correction?)? {
        guard let node = place.value, let scalar = node.scalar else { return nil }
        let said: String
        let instead: String
        if problem.message.hasPrefix("expected a list of strings, found ") {
            guard scalar.kind != .null else { return nil }
            // Elsewhere a list may be one text with commas.
            let parts =
                scalar.text.contains("{") ? [scalar.text[...]] : scalar.text.split(separator: ",")
            let texts = parts.map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init)
            let elements = texts.map { isObject ? $0.inJSON : node.element($0) }
            instead = "[\(elements.joined(separator: ", "))]"
            said = "a list of \(texts.count == 1 ? "it" : "\(texts.count)")"
        } else if problem.message.hasPrefix("expected true or false, found ") {
            let isTrue = ["y", "yes", "on", "1"].contains(scalar.text.lowercased())
            guard isTrue || ["n", "no", "off", "0"].contains(scalar.text.lowercased()) else {
                return nil
            }
            instead = "\(isTrue)"
            said = instead
        } else {
            return nil
        }
        let fix = file.fix(
            at: node.range,
            property: problem.property,
            "'\(scalar.text)' is now \(said)"
        )
        let edit = Correction.Edit(node.range, instead)
        return ("write \(instead)", isObject ? Correction(edits: [edit], fixes: [fix]) : nil)
    }

    private func renaming(_ key: Range<Int>, to name: String, property: String) -> Correction? {
        (try? JSON(parsing: Array(file.text.bytes[key])))?.string.map {
            replacing(key, $0, by: name, property: property)
        }
    }

    /// `#{sha}` in a text replaced; `nil` where it is written with escapes.
    private func replacingPlaceholder(
        at column: Int?,
        in node: SourceNode?,
        by text: String,
        _ property: String
    ) -> Correction? {
        guard let start = column.flatMap({ node?.range(ofColumn: $0, in: file.text)?.lowerBound })
        else { return nil }
        let bytes = file.text.bytes
        let written = bytes[start...].prefix { $0 != UInt8(ascii: "}") && $0 != .quote }
        let range = start..<min(written.endIndex + 1, bytes.count)
        let old = String(decoding: bytes[range], as: UTF8.self)
        guard old.hasPrefix("#{"), old.hasSuffix("}"), !old.contains("\\") else { return nil }
        return Correction(
            edits: [.init(range, text)],
            fixes: [file.fix(at: range, property: property, "'\(old)' is now '\(text)'")]
        )
    }

    /// What replaces what a warning is about; notes are about what may well be meant.
    func correction(of warning: RuleWarning, _ place: SourceNode.Place) -> Correction? {
        if FindingID(warning.kind).severity == .note { return nil }
        return replacing(place.value, by: warning.suggestion, property: warning.property)
            ?? moving(warning)
    }

    /// The patterns of a list that begin with `!`, moved to the list of what is excluded.
    ///
    /// The first of them has it for all.
    private func moving(_ warning: RuleWarning) -> Correction? {
        guard isObject,
            let match = warning.property.wholeMatch(of: /([A-Za-z]+)\[(\d+)\]/),
            warning.message.hasSuffix("goes to Exclude\(match.1)"),
            let move = PatternMove(of: String(match.1), in: written, file.text),
            move.moved.first == Int(match.2)
        else { return nil }
        let list = move.list
        return Correction(
            edits: move.edits,
            fixes: move.moved.map { index in
                let pattern = list[index].string ?? ""
                let excluded = "'\(pattern.dropFirst())' in Exclude\(match.1)"
                return file.fix(
                    at: list[index].range,
                    property: "\(match.1)[\(index)]",
                    "'\(pattern)' is now \(excluded)"
                )
            }
        )
    }
}

/// The patterns with a `!` of one list on their way to the list of what is excluded.
private struct PatternMove {
    let list: [SourceNode]
    /// Their places in the list.
    let moved: [Int]
    var edits: [Correction.Edit] = []

    private let text: SourceText

    /// `nil` where there is none, or the other list is none.
    init?(of name: String, in rule: SourceNode, _ text: SourceText) {
        guard let members = rule.members,
            let index = members.lastIndex(where: { $0.key == name }),
            let list = members[index].value.list
        else { return nil }
        self.text = text
        self.list = list
        moved = list.indices.filter { list[$0].string?.isNegated == true }
        guard !moved.isEmpty else { return nil }
        let texts = moved.map { String((list[$0].string ?? "").dropFirst()).inJSON }
        guard let other = members.last(where: { $0.key == "Exclude\(name)" }) else {
            if moved.count == list.count {
                rename(members[index], to: "Exclude\(name)", texts)
            } else {
                insert("Exclude\(name)", texts, after: index, of: members)
                remove(moved, of: list.map(\.range))
            }
            return
        }
        guard let excluded = other.value.list else { return nil }
        append(texts, to: excluded, in: other.value.range)
        if moved.count == list.count {
            let ranges = members.map { $0.keyRange.lowerBound..<$0.value.range.upperBound }
            remove([index], of: ranges)
        } else {
            remove(moved, of: list.map(\.range))
        }
    }

    private mutating func rename(_ member: SourceNode.Member, to name: String, _ texts: [String]) {
        edits.append(.init(member.keyRange, name.inJSON))
        for (node, text) in zip(list, texts) { edits.append(.init(node.range, text)) }
    }

    /// Takes elements out, each with the comma before it; the first ones with that behind.
    private mutating func remove(_ indices: [Int], of ranges: [Range<Int>]) {
        for index in indices {
            let isKeptBefore = (0..<index).contains { !indices.contains($0) }
            if isKeptBefore {
                edits.append(
                    .init(ranges[index - 1].upperBound..<ranges[index].upperBound, "")
                )
            } else if index + 1 < ranges.count {
                edits.append(
                    .init(ranges[index].lowerBound..<ranges[index + 1].lowerBound, "")
                )
            }
        }
    }

    private mutating func append(
        _ texts: [String],
        to excluded: [SourceNode],
        in range: Range<Int>
    ) {
        guard let last = excluded.last else {
            edits.append(.init(range, "[\(texts.joined(separator: ", "))]"))
            return
        }
        let separator = separator(of: excluded, in: range)
        let end = last.range.upperBound
        edits.append(.init(end..<end, texts.map { separator + $0 }.joined()))
    }

    /// A list of its own, written as the one that it comes from.
    private mutating func insert(
        _ name: String,
        _ texts: [String],
        after index: Int,
        of members: [SourceNode.Member]
    ) {
        let member = members[index]
        let range = member.value.range
        let before =
            index > 0
            ? written(members[index - 1].value.range.upperBound..<member.keyRange.lowerBound)
            : index + 1 < members.count
                ? written(range.upperBound..<members[index + 1].keyRange.lowerBound) : ", "
        let colon = written(member.keyRange.upperBound..<range.lowerBound)
        let opening = written(range.lowerBound..<list[0].range.lowerBound)
        let closing = written(list[list.count - 1].range.upperBound..<range.upperBound)
        let elements = texts.joined(separator: separator(of: list, in: range))
        let end = range.upperBound
        edits.append(
            .init(end..<end, before + name.inJSON + colon + opening + elements + closing)
        )
    }

    /// What stands between two elements of a list, or would.
    private func separator(of elements: [SourceNode], in range: Range<Int>) -> String {
        if elements.count > 1 {
            return written(elements[0].range.upperBound..<elements[1].range.lowerBound)
        }
        let indent = written((range.lowerBound + 1)..<elements[0].range.lowerBound)
        return indent.contains(where: \.isNewline) ? ",\(indent)" : ", "
    }

    private func written(_ range: Range<Int>) -> String {
        String(decoding: text.bytes[range], as: UTF8.self)
    }
}

extension String {
    /// Whether it is a pattern with one `!` before it, and no extended glob of a shell.
    fileprivate var isNegated: Bool {
        wholeMatch(of: /![^!(\s](?:.*\S)?/.dotMatchesNewlines()) != nil
    }
}
