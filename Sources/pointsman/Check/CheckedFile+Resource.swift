import Trigger

extension CheckedFile {
    /// The names that stand in one object of a JSON file twice.
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

    /// What CloudFormation itself would make of a resource.
    func resourceFindings(_ declaration: StackTemplate.Declaration) -> [Finding] {
        var findings = scalars(declaration.properties, "")
        let members = declaration.properties.members ?? []
        if !members.contains(where: { $0.key == "ServiceToken" || $0.key == "Fn::Transform" }) {
            findings.append(
                finding(
                    .missingProperty,
                    at: declaration.idRange,
                    property: "ServiceToken",
                    "required, but missing"
                )
            )
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

    /// Scalars that CloudFormation refuses, or sends as another text than the one written.
    private func scalars(_ node: SourceNode, _ property: String) -> [Finding] {
        switch node.content {
        case .unknown: return []
        case .list(let elements):
            return elements.enumerated().flatMap { index, element in
                scalars(element, "\(property)[\(index)]")
            }
        case .map(let members):
            return members.flatMap { member in
                scalars(member.value, property.isEmpty ? member.key : "\(property).\(member.key)")
            }
        case .scalar(let scalar):
            if scalar.kind == .null {
                let message = "CloudFormation refuses a template with null"
                let line = text.line(text.position(of: node.range.lowerBound).line)
                let suggestion = line.contains(" #{") ? Self.quotePlaceholders : nil
                return [
                    finding(
                        .invalidValue,
                        at: node.range,
                        property: property,
                        message,
                        suggestion: suggestion
                    )
                ]
            }
            guard scalar.isMistakable else { return [] }
            let what = scalar.kind == .timestamp ? "a date" : "'\(scalar.deployed)'"
            let message = "'\(scalar.text)' without quotes is \(what) to YAML"
            return [
                finding(
                    .unquotedValue,
                    at: node.range,
                    property: property,
                    message,
                    suggestion: "write \"\(scalar.text)\""
                )
            ]
        }
    }
}

extension CheckedRule {
    /// A rule of TrainingPeaks' mono-repo trigger whose name is not the one that it is looked for by.
    func misnamed() -> Finding? {
        guard case .object = origin, RuleFile.isMonoRepoRule(properties),
            let repository = properties["GitHubRepo"]?.string,
            let branch = properties["GitHubBranch"]?.string,
            let pipeline = properties["CodePipelineName"]?.string,
            let name = file.name.split(separator: "/").last,
            name.wholeMatch(of: /.*-[0-9A-F]{8}\.json/) != nil
        else { return nil }
        let key = RuleKey.earlier(
            prefix: "",
            repository: repository,
            branch: branch,
            pipeline: pipeline
        ).dropFirst()
        guard key != name else { return nil }
        return file.finding(
            .wrongPlace,
            at: anchor,
            "a rule of this repository, branch and pipeline is looked for as '\(key)'",
            suggestion: "rename the file"
        )
    }
}
