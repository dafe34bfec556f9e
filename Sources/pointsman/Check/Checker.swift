import Core

/// Checks files one after the other, and their rules against each other.
struct Checker {
    /// What no target may name, as far as that is known.
    let ownSecrets: OwnSecrets
    /// The clone in which they are checked; `nil` for none.
    private let checkout: Checkout?
    /// What was found so far.
    private var found = Report()
    /// The folders in which rules lie.
    private var folders: Set<ByteKey> = []
    /// Rules by their subject, which rules that say the same have in common.
    private var seen: [ByteKey: [SeenRule]] = [:]

    /// With so many rules about one repository, further ones are no longer compared.
    private static let mostCompared = 1_000
    /// So many findings of one file are reported.
    private static let mostFindings = 1_000

    fileprivate struct SeenRule {
        var rule: Rule
        var checked: CheckedRule
    }

    init(ownSecrets: OwnSecrets, checkout: Checkout? = nil) {
        self.ownSecrets = ownSecrets
        self.checkout = checkout
    }

    /// The findings so far.
    ///
    /// What lies beside rules is most probably meant as one: that it cannot be read is an error there.
    var report: Report {
        var report = found
        for (index, finding) in report.findings.enumerated()
        where finding.id == .invalidSyntax && folders.contains(CheckedFile.folder(of: finding.file))
        {
            report.findings[index].severity = .error
        }
        return report
    }

    mutating func check(_ file: CheckedFile) {
        let before = found.findings.count
        checkAll(file)
        let more = found.findings.count - before - Self.mostFindings
        guard more > 0 else { return }
        found.findings.removeLast(more)
        let last = found.findings[found.findings.count - 1]
        found.findings.append(
            file.finding(
                last.id,
                at: 0..<0,
                "\(more) more findings in this file are not told",
                severity: .error
            )
        )
    }

    private mutating func checkAll(_ file: CheckedFile) {
        switch file.content() {
        case .rule(let object):
            found.files += 1
            check(object, in: file)
        case .template(let declarations) where !declarations.isEmpty || file.isNamed:
            found.files += 1
            for declaration in declarations { check(declaration, in: file) }
        case .unreadable(let findings):
            found.files += 1
            found.findings += findings
        case .neither(let reason) where file.isNamed:
            found.files += 1
            found.findings.append(file.finding(.notARule, at: 0..<0, reason))
        case .neither(let reason): passOver(file.name, reason)
        case .template: passOver(file.name, "a template that declares no rule")
        }
    }

    /// Counts a file that is nothing to check, and why.
    mutating func passOver(_ name: String, _ reason: String) {
        found.passedOver.append(.init(file: name, reason: reason))
    }

    private mutating func check(_ object: SourceNode, in file: CheckedFile) {
        found.rules += 1
        folders.insert(CheckedFile.folder(of: file.name))
        var findings = (file.byteOrderMark.map { [$0] } ?? []) + file.duplicateNames(in: object)
        let place = RulePlace(path: file.name) ?? RulePlace(fitting: object)
        let start = object.range.lowerBound
        let anchor = start..<min(start + 1, file.text.bytes.count)
        var checked = CheckedRule(
            file: file,
            properties: object,
            anchor: anchor,
            origin: .object(place)
        )
        checked.checkout = checkout
        if let breach = Budget.object.breach(by: file.bytes.count) {
            found.findings.append(file.finding(.overBudget, at: anchor, breach))
            return
        }
        let verdict = checked.check(ownSecrets)
        findings += verdict.findings
        if verdict.rule != nil, let finding = checked.misnamed() { findings.append(finding) }
        if let rule = verdict.rule { findings += compare(rule, checked) }
        found.add(findings)
    }

    private mutating func check(_ declaration: StackTemplate.Declaration, in file: CheckedFile) {
        found.rules += 1
        var findings = file.duplicateNames(in: declaration.properties)
        findings += file.resourceFindings(declaration)
        let variants = RuleVariants(declaration, in: file, checkout: checkout)
        findings += variants.findings(ownSecrets)
        if let checked = variants.first, let rule = checked.check(ownSecrets).rule {
            findings += compare(rule, checked)
        }
        found.add(findings)
    }

    private mutating func compare(_ rule: Rule, _ checked: CheckedRule) -> [Finding] {
        let new = SeenRule(rule: rule, checked: checked)
        let (subject, others) = (ByteKey(new.subject), seen[ByteKey(new.subject)] ?? [])
        if others.count < Self.mostCompared { seen[subject, default: []].append(new) }
        guard let other = others.first(where: { $0.isDuplicate(of: new) }) else {
            return sharedStatus(of: new, others)
        }
        let place = other.checked.placeInWords(seenFrom: checked.file)
        let same = "repository, branch and pipeline"
        let (id, message): (FindingID, String) =
            rule.definition == nil
            ? (.sameKey, "\(same) are those of \(place): both would be one object")
            : (.duplicateRule, "says the same and starts the same target as \(place)")
        return [checked.file.finding(id, at: checked.anchor, message)]
    }

    private func sharedStatus(of new: SeenRule, _ others: [SeenRule]) -> [Finding] {
        let (checked, property) = (new.checked, "Status")
        guard let other = others.first(where: { $0.rule.sharesStatus(with: new.rule) }) else {
            return []
        }
        let place = other.checked.placeInWords(seenFrom: checked.file)
        return [
            checked.file.finding(
                .sharedStatus,
                at: checked.properties[property]?.range ?? checked.anchor,
                property: property,
                "\(place) sets the same status, so that one result hides the other"
            )
        ]
    }
}

extension Checker.SeenRule {
    /// Its repository; of a rule with unknown values its file and whole content.
    fileprivate var subject: String {
        let properties = checked.properties
        if properties.holdsUnknown { return checked.file.name + "\n" + checked.fingerprint }
        let repository = properties["Repository"] ?? properties["GitHubRepo"]
        return repository?.scalar?.text.lowercased() ?? ""
    }

    fileprivate func isDuplicate(of other: Checker.SeenRule) -> Bool {
        checked.properties.holdsUnknown || rule.saysTheSame(as: other.rule)
    }
}

extension CheckedRule {
    /// `'Trigger' on line 12 of a.yaml`.
    fileprivate func placeInWords(seenFrom other: CheckedFile) -> String {
        let line = file.text.position(of: anchor.lowerBound).line
        let place = file.name == other.name ? "line \(line)" : "\(file.name):\(line)"
        switch origin {
        case .object: return place
        case .resource(let logicalID, _): return "'\(logicalID)' (\(place))"
        }
    }

    /// The rule's content, with unknown values as they are written.
    fileprivate var fingerprint: String {
        properties.fingerprint(leavingOut: ["ServiceToken", "ServiceTimeout"])
    }
}

extension SourceNode {
    fileprivate func fingerprint(leavingOut names: Set<String> = []) -> String {
        switch content {
        case .unknown(let words): return "<\(words)>"
        case .scalar(let scalar): return "\"\(scalar.text)\""
        case .list(let elements):
            return "[\(elements.map { $0.fingerprint() }.joined(separator: ","))]"
        case .map(let members):
            let known = members.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }
            let texts = known.map { "\"\($0.key)\":\($0.value.fingerprint())" }
            return "{\(texts.joined(separator: ","))}"
        }
    }
}
