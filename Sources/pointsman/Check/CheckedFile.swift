import Codec
import Core

/// A file to be checked.
struct CheckedFile: Sendable {
    /// Its name in findings.
    var name: String
    var text: SourceText
    /// The whole content, as the functions would read it.
    let bytes: [UInt8]
    /// Whether the user named it; else it was found in a folder.
    var isNamed: Bool
    /// Whether a link leads to it: nothing of what is no rule is shown then, it may be a secret.
    var isLinked: Bool

    init(name: String, bytes: [UInt8], isNamed: Bool, isLinked: Bool = false) {
        self.name = name
        self.bytes = bytes
        self.text = SourceText(bytes)
        self.isNamed = isNamed
        self.isLinked = isLinked
    }

    /// The folder that a file lies in.
    static func folder(of file: String) -> ByteKey {
        ByteKey(file.split(separator: "/").dropLast().joined(separator: "/"))
    }

    func finding(
        _ id: FindingID,
        at range: Range<Int>,
        property: String = "",
        _ message: String,
        suggestion: String? = nil,
        correction: Correction? = nil,
        severity: Severity? = nil
    ) -> Finding {
        let start = text.position(of: range.lowerBound)
        let end = text.position(of: range.upperBound)
        let line = text.line(around: min(range.lowerBound, text.bytes.count))
        let isShown = !isLinked || ![.notARule, .invalidSyntax].contains(id)
        return Finding(
            id: id,
            severity: severity ?? id.severity,
            file: name,
            start: start,
            end: max(end, SourceText.Position(line: start.line, column: start.column + 1)),
            property: property,
            message: message,
            suggestion: suggestion,
            correction: correction,
            line: isShown ? line.text : "",
            lineColumn: isShown ? line.column : 1
        )
    }
}

extension SourceText {
    /// Whether any value is a placeholder without quotes.
    fileprivate var placeholderInComment: Bool { string.contains(/[:,\[{-] +#\{/) }

    /// What to do about a byte that JSON does not have there, where others do.
    fileprivate func slip(at offset: Int) -> String? {
        guard offset < bytes.count else { return nil }
        let before = bytes[..<offset].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        switch bytes[offset] {
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            return before == UInt8(ascii: ",") ? "take out the comma before it" : nil
        case UInt8(ascii: "/"), UInt8(ascii: "#"): return "JSON has no comments: take it out"
        case UInt8(ascii: "'"): return "JSON's texts stand in double quotes"
        default: return nil
        }
    }
}

enum FileContent {
    case rule(SourceNode)
    /// The resources of a template that declare rules.
    case template([StackTemplate.Declaration])
    /// Neither, and why.
    case neither(String)
    /// It should be one, but is not, or cannot be read.
    case unreadable([Finding])
}

extension CheckedFile {
    func content() -> FileContent {
        if let offset = text.firstMalformed {
            let message = "expected UTF-8, found byte 0x\(Hex.upper([text.bytes[offset]]))"
            return unreadable(.invalidSyntax, message, at: offset)
        }
        let isYAML = [".yaml", ".yml"].contains { name.hasSuffix($0) }
        return name.hasSuffix(".json") || (!isYAML && looksLikeJSON) ? json() : yaml()
    }

    private func json() -> FileContent {
        let root: SourceNode
        do throws(JSONError) {
            root = try SourceNode(json: text)
        } catch {
            let message = "invalid JSON: expected \(error.expected), found \(error.found)"
            let hint = text.slip(at: error.offset)
            return unreadable(.invalidSyntax, message, at: error.offset, hint: hint)
        }
        if let template = StackTemplate(root) { return .template(template.declarations) }
        let isRule =
            RulePlace(path: name) != nil || RuleFile.isRule(root, isNamed: isNamed)
            || RuleFile.isMeantAsRule(root)
        if isRule { return .rule(root) }
        if let first = root.list?.first(where: { RuleFile.isMeantAsRule($0) }) {
            return notARule("a list of rules: each rule is a file of its own", at: first)
        }
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
        if let rule = documents.first(where: { RuleFile.isRule($0) }) {
            return notARule("a rule that is not JSON: rules in S3 are JSON objects", at: rule)
        }
        return .neither("no template: it has no Resources")
    }

    private func notARule(_ message: String, at node: SourceNode) -> FileContent {
        let start = node.range.lowerBound
        return .unreadable([finding(.notARule, at: start..<text.offset(start, plus: 1), message)])
    }

    /// What cannot be read is surely a fault where it was named, or is about rules; any other JSON
    /// is probably one, any other YAML is passed over: many a tool's templates look like it.
    private func unreadable(
        _ id: FindingID,
        _ message: String,
        at offset: Int,
        hint slip: String? = nil
    ) -> FileContent {
        let isJSON = name.hasSuffix(".json")
        let isOfRules =
            isNamed || RulePlace(path: name) != nil || mentionsRules
            || (isJSON && RuleFile.isMentioned(in: text.string))
        guard isOfRules || (isJSON && !RuleFile.mayHaveComments(name)) else {
            return .neither(message)
        }
        guard !isLinked else {
            let message =
                "neither a rule nor a template; a link leads to it, so nothing of it is shown"
            return .unreadable([finding(.notARule, at: 0..<0, message)])
        }
        let end = text.offset(offset, plus: 1)
        return .unreadable([
            finding(
                id,
                at: min(offset, end)..<end,
                message,
                suggestion: slip ?? hint(isJSON: isJSON),
                severity: isOfRules ? nil : .warning
            )
        ])
    }

    private func hint(isJSON: Bool) -> String? {
        if !isJSON { return text.placeholderInComment ? Self.quotePlaceholders : nil }
        let documents = try? SourceNode.documents(yaml: text)
        let isYAML = !looksLikeJSON && documents?.contains { RuleFile.isRule($0) } ?? false
        return isYAML ? "write it as JSON: this is YAML" : nil
    }

    /// For a placeholder that YAML takes for a comment.
    static let quotePlaceholders = "write \"#{…}\" in quotes: a # after a blank begins a comment"

    private var looksLikeJSON: Bool {
        let first = text.bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Whether it holds words that only rules and their templates have.
    private var mentionsRules: Bool {
        let words = StackTemplate.types + ["\"ChangeMatchExpressions\""]
        let string = text.string
        return words.contains { string.contains($0) }
    }
}

extension CheckedFile {
    /// The names that one object of a JSON file has twice.
    func duplicateNames(in node: SourceNode) -> [Finding] {
        var findings: [Finding] = []
        var seen: Set<ByteKey> = []
        for member in node.members ?? [] {
            if !seen.insert(ByteKey(member.key)).inserted {
                let message = "'\(member.key)' stands here more than once, the last counts"
                findings.append(finding(.duplicateName, at: member.keyRange, message))
            }
            findings += duplicateNames(in: member.value)
        }
        for element in node.list ?? [] { findings += duplicateNames(in: element) }
        return findings
    }

    /// That a rule begins with bytes which the functions do not take for JSON.
    var byteOrderMark: Finding? {
        guard bytes.count > text.bytes.count else { return nil }
        return finding(
            .invalidSyntax,
            at: 0..<0,
            "the file begins with a byte order mark, which no rule may",
            suggestion: "save it as UTF-8 without one",
            correction: Correction(
                edits: [],
                dropsByteOrderMark: true,
                fixes: [fix(at: 0..<0, "the byte order mark is gone")]
            )
        )
    }

    /// Findings about what CloudFormation itself does with a resource.
    func resourceFindings(_ declaration: StackTemplate.Declaration) -> [Finding] {
        var findings = declaration.properties.leaves().compactMap { property, node in
            finding(about: node, property)
        }
        if let meant = declaration.meantType {
            findings.append(
                finding(
                    .invalidValue,
                    at: declaration.typeRange,
                    property: "Type",
                    "'\(declaration.type)' is a name of your own",
                    suggestion: "did you mean `\(meant)`?",
                    severity: .warning
                )
            )
        }
        let members = declaration.properties.members ?? []
        let isKnown = !members.contains { $0.isLoop || $0.key == "Fn::Transform" }
        if isKnown, !members.contains(where: { $0.key == "ServiceToken" }) {
            let (range, message) = (declaration.idRange, "required, but missing")
            findings.append(finding(.missingProperty, at: range, property: "ServiceToken", message))
        }
        if let timeout = declaration.properties["ServiceTimeout"], timeout.tag == nil,
            let seconds = timeout.scalar.flatMap({ Int($0.text) }), seconds < 120
        {
            findings.append(
                finding(
                    .shortTimeout,
                    at: timeout.range,
                    property: "ServiceTimeout",
                    "\(seconds) seconds, but an answer may take two minutes",
                    suggestion: "write 120 or more"
                )
            )
        }
        return findings
    }

    /// A scalar that CloudFormation refuses, or sends as another text than the one written.
    private func finding(about node: SourceNode, _ property: String) -> Finding? {
        guard let scalar = node.scalar else { return nil }
        if scalar.kind == .null {
            let isPlaceholder = text.line(around: node.range.lowerBound).text.contains(" #{")
            return finding(
                .invalidValue,
                at: node.range,
                property: property,
                "CloudFormation refuses a template with null",
                suggestion: isPlaceholder ? Self.quotePlaceholders : nil
            )
        }
        guard scalar.isMistakable else { return nil }
        // `yes` is meant as what YAML takes it for.
        if scalar.kind == .bool, RuleProperty.isFlag(property) { return nil }
        let what = scalar.kind == .timestamp ? "a date" : "'\(scalar.deployed)'"
        return finding(
            .unquotedValue,
            at: node.range,
            property: property,
            "'\(scalar.text)' without quotes is \(what) to YAML",
            suggestion: "write \"\(scalar.text)\""
        )
    }
}

extension CheckedRule {
    /// A rule of TrainingPeaks' mono-repo trigger in a file with another name than its key.
    func misnamed() -> Finding? {
        guard case .object = origin, RuleFile.isMonoRepoRule(properties),
            let name = file.name.split(separator: "/").last,
            name.wholeMatch(of: /.*-[0-9A-F]{8}\.json/) != nil
        else { return nil }
        let json = properties.json(isDeployed: false, source: "github")
        guard let key = MonoRepoRule.key(json, keys: BucketKeys(prefix: ""))?.dropFirst(),
            key != name
        else {
            return nil
        }
        return file.finding(
            .wrongPlace,
            at: anchor,
            "a rule of this repository, branch and pipeline is looked for as '\(key)'",
            suggestion: "rename the file"
        )
    }
}
