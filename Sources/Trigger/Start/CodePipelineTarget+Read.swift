internal import Codec

extension CodePipelineTarget {
    private static let place = "Target.CodePipeline."
    private static let known = ["Name", "SourceAction", "Variables", "RoleArn", "Region"]

    /// Reads the value of a rule's `Target.CodePipeline`.
    static func read(_ value: JSON) throws(InvalidRule) -> CodePipelineTarget {
        guard value.members != nil else {
            throw InvalidRule(problems: [
                RuleProblem("Target.CodePipeline", "expected an object, found \(value.inWords)")
            ])
        }
        var properties = PropertyReader(value, place: place, known: known)
        let name = properties.required("Name") == nil ? nil : properties.text("Name", .pipelineName)
        let sourceAction = properties.text("SourceAction", .actionName)
        let variables = properties.variables("Variables")
        let roleARN = properties.text("RoleArn", .roleARN)
        let region = properties.text("Region", .region)
        guard let name, properties.problems.isEmpty else {
            throw InvalidRule(problems: properties.problems)
        }
        return CodePipelineTarget(
            name: name,
            sourceAction: sourceAction,
            variables: variables,
            roleARN: roleARN,
            region: region
        )
    }

    /// Fills a template and checks what came of it.
    func fill(
        _ template: Template,
        _ name: String,
        _ kind: TargetText,
        _ change: Change
    ) throws(RuleProblem) -> String {
        let text = template.render(change)
        guard kind.accepts(text) else {
            throw RuleProblem(
                Self.place + name,
                "expected \(kind.expectation), found '\(clipped(text))', made of '\(template.text)'"
            )
        }
        return text
    }

    /// The same for a property that may be missing.
    func fill(
        _ template: Template?,
        _ name: String,
        _ kind: TargetText,
        _ change: Change
    ) throws(RuleProblem) -> String? {
        guard let template else { return nil }
        let text: String = try fill(template, name, kind, change)
        return text
    }
}

extension PropertyReader {
    /// A template; one without placeholders must look like the text it is for.
    mutating func text(_ name: String, _ kind: TargetText) -> Template? {
        guard let string = string(name), let template = template(string, name) else { return nil }
        if template.isFixed, !kind.accepts(string) {
            report(name, "expected \(kind.expectation), found '\(clipped(string))'")
            return nil
        }
        return template
    }

    /// A map of templates.
    fileprivate mutating func variables(_ name: String) -> [CodePipelineTarget.Variable] {
        guard let value = value(name) else { return [] }
        guard let members = value.members else {
            report(name, "expected a map of strings, found \(value.inWords)")
            return []
        }
        if members.count > CodePipelineTarget.maximumVariables {
            let most = CodePipelineTarget.maximumVariables
            report(name, "expected at most \(most) variables, found \(members.count)")
        }
        var variables: [CodePipelineTarget.Variable] = []
        for (index, member) in members.enumerated() {
            let place = "\(name).\(clipped(member.key))"
            // Of two members with one name the last counts.
            if members[(index + 1)...].contains(where: {
                $0.key.utf8.elementsEqual(member.key.utf8)
            }) {
                continue
            }
            if !TargetText.variableName.accepts(member.key) {
                report(place, "expected \(TargetText.variableName.expectation)")
            }
            guard let string = member.value.string else {
                report(place, "expected a string, found \(member.value.inWords)")
                continue
            }
            if let template = template(string, place) {
                variables.append(CodePipelineTarget.Variable(name: member.key, value: template))
            }
        }
        return variables
    }

    private mutating func template(_ string: String, _ name: String) -> Template? {
        do throws(TemplateError) {
            return try Template(string)
        } catch {
            report(name, error.description)
            return nil
        }
    }
}

extension String {
    /// The first characters, counted as code points.
    func cut(to maximum: Int) -> String {
        let scalars = unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: maximum, limitedBy: scalars.endIndex)
        guard let end else { return self }
        return String(scalars[..<end])
    }
}
