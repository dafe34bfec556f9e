import Codec
import Trigger

/// A file to be checked.
struct CheckedFile: Sendable {
    /// What findings call it.
    var name: String
    var text: SourceText
    /// Whether somebody named it, and it was not just found in a folder.
    var isNamed: Bool

    init(name: String, bytes: [UInt8], isNamed: Bool) {
        self.name = name
        self.text = SourceText(bytes)
        self.isNamed = isNamed
    }

    /// Makes a finding about some bytes.
    func finding(
        _ id: FindingID,
        at range: Range<Int>,
        property: String = "",
        _ message: String,
        suggestion: String? = nil,
        severity: Severity? = nil
    ) -> Finding {
        let start = text.position(of: range.lowerBound)
        let end = text.position(of: range.upperBound)
        let line = text.line(around: min(range.lowerBound, text.bytes.count))
        return Finding(
            id: id,
            severity: severity ?? id.severity,
            file: name,
            start: start,
            end: max(end, SourceText.Position(line: start.line, column: start.column + 1)),
            property: property,
            message: message,
            suggestion: suggestion,
            line: line.text,
            lineColumn: line.column
        )
    }
}

extension SourceText {
    /// Whether somewhere a value is a placeholder without quotes.
    fileprivate var placeholderInComment: Bool {
        string.contains(/[:,\[{-] +#\{/)
    }
}

/// What a file is.
enum FileContent {
    /// A rule's object.
    case rule(SourceNode)
    /// The resources of a template that declare rules.
    case template([StackTemplate.Declaration])
    /// Neither, and why.
    case neither(String)
    /// It should be one, but cannot be read.
    case unreadable([Finding])
}

extension CheckedFile {
    /// Reads the file and tells what it is.
    func content() -> FileContent {
        if let offset = text.firstMalformed {
            let message = "expected UTF-8, found byte 0x\(Hex.upper([text.bytes[offset]]))"
            return unreadable(.invalidSyntax, message, at: offset)
        }
        let isYAML = [".yaml", ".yml"].contains { name.hasSuffix($0) }
        let first = text.bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let looksLikeJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        return name.hasSuffix(".json") || (!isYAML && looksLikeJSON) ? json() : yaml()
    }

    private func json() -> FileContent {
        let root: SourceNode
        do throws(JSONError) {
            root = try SourceNode(json: text)
        } catch {
            let message = "invalid JSON: expected \(error.expected), found \(error.found)"
            return unreadable(.invalidSyntax, message, at: error.offset)
        }
        if let template = StackTemplate(root) { return .template(template.declarations) }
        let place = RulePlace(path: name)
        if place != nil || RuleFile.isRule(root, isNamed ? .named : .found) { return .rule(root) }
        return .neither(
            root.members == nil
                ? "expected an object, a rule or a template, found another value"
                : "neither a rule, which has Repository and Target, nor a template, which has Resources"
        )
    }

    private func yaml() -> FileContent {
        let documents: [SourceNode]
        do throws(SourceNode.YAMLProblem) {
            documents = try SourceNode.documents(yaml: text)
        } catch {
            let id: FindingID = error.isDuplicate ? .duplicateName : .invalidSyntax
            return unreadable(id, error.message, at: error.offset)
        }
        let templates = documents.compactMap { StackTemplate($0) }
        if !templates.isEmpty { return .template(templates.flatMap(\.declarations)) }
        if documents.contains(where: { RuleFile.isRule($0, .found) }) {
            return .neither("a rule that is not JSON: rules in S3 are JSON objects")
        }
        return .neither("no template: it has no Resources")
    }

    /// A file that was found, and not named, is passed over where nothing says that it matters.
    private func unreadable(
        _ id: FindingID,
        _ message: String,
        at offset: Int
    ) -> FileContent {
        guard isNamed || RulePlace(path: name) != nil || mentionsRules else {
            return .neither(message)
        }
        let end = text.offset(offset, plus: 1)
        return .unreadable([
            finding(
                id,
                at: min(offset, end)..<end,
                message,
                suggestion: text.placeholderInComment ? Self.quotePlaceholders : nil
            )
        ])
    }

    /// What to do about a placeholder that YAML takes for a comment.
    static let quotePlaceholders = "write \"#{…}\" in quotes: a # behind a blank begins a comment"

    /// Whether it holds words that only rules and their templates have.
    private var mentionsRules: Bool {
        let words = StackTemplate.types + ["\"ChangeMatchExpressions\""]
        let string = text.string
        return words.contains { string.contains($0) }
    }
}
