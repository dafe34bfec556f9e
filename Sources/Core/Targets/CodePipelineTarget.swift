package import Codec
internal import Platform

/// A pipeline to start, as a rule describes it.
///
/// Limits: AWS CodePipeline API reference, StartPipelineExecution.
package struct CodePipelineTarget: Equatable, Sendable {
    /// The pipeline's name.
    package var name: Template
    /// The source action that is to take the change's commit; `nil` for its newest.
    package var sourceAction: Template?
    /// The pipeline's variables, in the rule's order.
    package var variables: [NamedTemplate]
    /// As whom and where CodePipeline is called.
    package var access = AWSAccess()

    /// A target for one change: all placeholders filled, all limits held.
    package struct Filled: Equatable, Sendable {
        /// The pipeline's name.
        package var name: String
        /// The source action that is to take the change's commit.
        package var sourceAction: String?
        /// As whom and where CodePipeline is called.
        package var access: AWSAccess.Filled
        let templates: [NamedTemplate]
        let change: Change

        /// Names and values; each value has 1 to 1000 characters and no line break.
        ///
        /// Filled when they are asked for: those of all starts of a change may be too much to be
        /// held at once.
        package var variables: [NamedValue] {
            templates.compactMap { variable in
                let text = variable.value.render(change, upTo: CodePipelineTarget.mostRead)
                let value = CodePipelineTarget.line(text)
                    .cut(to: CodePipelineTarget.maximumValueLength)
                return value.isEmpty ? nil : NamedValue(name: variable.name, value: value)
            }
        }
    }

    private static let place = "Target.CodePipeline."
    private static let known = ["Name", "SourceAction", "Variables", "RoleArn", "Region"]
    /// The most variables of an execution.
    private static let maximumVariables = 50
    /// The most characters of a variable's value.
    private static let maximumValueLength = 1_000
    /// The most characters that are looked at to find those: line breaks do not count.
    private static let mostRead = 4_000

    /// Reads the value of a rule's `Target.CodePipeline`.
    static func read(_ value: JSON) throws(InvalidRule) -> CodePipelineTarget {
        var properties = try PropertyReader(target: value, place: place, known: known)
        let name = properties.required("Name") == nil ? nil : properties.text("Name", .pipelineName)
        let sourceAction = properties.text("SourceAction", .actionName)
        let variables = properties.templates(
            "Variables",
            names: .variableName,
            atMost: maximumVariables
        )
        let access = properties.access()
        guard let name, properties.problems.isEmpty else {
            throw InvalidRule(problems: properties.problems)
        }
        return CodePipelineTarget(
            name: name,
            sourceAction: sourceAction,
            variables: variables,
            access: access
        )
    }

    /// A text as one line: a value has to match `.*` (API reference, PipelineVariable), which no
    /// line break does, and the message of a commit has some.
    private static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var isBroken = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": isBroken = true
            default:
                if isBroken, !line.isEmpty { line.append(" ") }
                isBroken = false
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// Fills the placeholders.
    ///
    /// A variable's value is put on one line, cut to 1000 characters and left out when empty.
    package func filled(for change: Change) throws(RuleProblem) -> Filled {
        let filling = Filling(change: change, place: Self.place)
        return Filled(
            name: try filling.text(name, "Name", .pipelineName),
            sourceAction: try filling.text(sourceAction, "SourceAction", .actionName),
            access: try filling.access(access),
            templates: variables,
            change: change
        )
    }
}
