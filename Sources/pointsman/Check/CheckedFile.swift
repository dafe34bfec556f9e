import Codec
import Core

/// A file to be checked.
struct CheckedFile: Sendable {
    /// Its name in findings.
    var name: String
    var text: SourceText
    /// Whether the user named it; else it was found in a folder.
    var isNamed: Bool

    init(name: String, bytes: [UInt8], isNamed: Bool) {
        self.name = name
        self.text = SourceText(bytes)
        self.isNamed = isNamed
    }

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
    /// Whether any value is a placeholder without quotes.
    fileprivate var placeholderInComment: Bool { string.contains(/[:,\[{-] +#\{/) }
}

enum FileContent {
    case rule(SourceNode)
    /// The resources of a template that declare rules.
    case template([StackTemplate.Declaration])
    /// Neither, and why.
    case neither(String)
    /// It should be one, but cannot be read.
    case unreadable([Finding])
}

extension CheckedFile {
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
        if place != nil || RuleFile.isRule(root, isNamed: isNamed) { return .rule(root) }
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
        if documents.contains(where: { RuleFile.isRule($0) }) {
            return .neither("a rule that is not JSON: rules in S3 are JSON objects")
        }
        return .neither("no template: it has no Resources")
    }

    /// A file that the user did not name is passed over unless it mentions rules.
    private func unreadable(_ id: FindingID, _ message: String, at offset: Int) -> FileContent {
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

    /// For a placeholder that YAML takes for a comment.
    static let quotePlaceholders = "write \"#{…}\" in quotes: a # after a blank begins a comment"

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

    /// Findings about what CloudFormation itself does with a resource.
    func resourceFindings(_ declaration: StackTemplate.Declaration) -> [Finding] {
        var findings = declaration.properties.leaves().compactMap { property, node in
            finding(about: node, property)
        }
        let members = declaration.properties.members ?? []
        if !members.contains(where: { $0.key == "ServiceToken" || $0.key == "Fn::Transform" }) {
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

/// What a JSON file is taken for.
enum RuleFile {
    /// The properties that every rule has.
    private static let ofRule: Set = ["Repository", "Target"]
    /// The properties of a rule of TrainingPeaks' mono-repo trigger.
    private static let ofMonoRepoRule = Set(MonoRepoRule.propertyNames)

    /// Whether an object is a rule.
    ///
    /// In a file that the user named one property will do, in one that was found it takes two.
    static func isRule(_ object: SourceNode, isNamed: Bool = false) -> Bool {
        let names = Set((object.members ?? []).map(\.key))
        return [ofRule, ofMonoRepoRule].contains { properties in
            names.intersection(properties).count >= (isNamed ? 1 : 2)
        }
    }

    /// Whether all properties that are known are those of TrainingPeaks' mono-repo trigger.
    static func isMonoRepoRule(_ object: SourceNode) -> Bool {
        let names = Set((object.members ?? []).map(\.key))
        return names.isDisjoint(with: ofRule) && !names.isDisjoint(with: ofMonoRepoRule)
    }
}

/// Where a rule's file lies, if that is a tree laid out as in S3:
/// `{prefix}/rules/{source}/{repository}/{name}.json`.
struct RulePlace: Equatable {
    var key: String
    var prefix: String

    /// `nil` where the path lies in no such tree.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard path.hasSuffix(".json"),
            let rules = parts.indices.last(where: { index in
                parts[index] == "rules" && index + 2 < parts.count
                    && Change.Source.names.contains(parts[index + 1])
            })
        else { return nil }
        let before = parts[..<rules].joined(separator: "/")
        prefix = before.isEmpty ? "." : before
        key = prefix + "/" + parts[rules...].joined(separator: "/")
    }

    /// A place that fits a rule's content, for a rule that lies in no tree.
    init(fitting object: SourceNode) {
        prefix = "."
        if RuleFile.isMonoRepoRule(object) {
            key = "./rule.json"
        } else {
            let source = object["Source"]?.string ?? "github"
            let repository = object["Repository"]?.string ?? ""
            key =
                BucketKeys(prefix: prefix).rules
                + "\(source)/\(repository.lowercased())/rule.json"
        }
    }
}
