package import Codec
internal import Platform

/// A rule of TrainingPeaks' mono-repo trigger: a push to one branch starts one pipeline.
package final class MonoRepoRule {
    /// Any of these on any changed path.
    let expressions: [PathExpression]
    let target: Target

    /// The properties, all of them required, in the order in which they are stored.
    package static let propertyNames = [
        "GitHubRepo", "GitHubBranch", "ChangeMatchExpressions", "CodePipelineName",
    ]

    /// Reads the properties of a rule, and reports all that is wrong with them.
    init(_ properties: JSON) throws(InvalidRule) {
        guard properties.members != nil else {
            throw InvalidRule(problems: [
                RuleProblem("", "expected a JSON object, found \(properties.inWords)")
            ])
        }
        // The functions of the mono-repo trigger looked at no other property.
        var reader = PropertyReader(ignoringUnknown: properties)
        for name in Self.propertyNames where reader.required(name) != nil {
            _ = reader.string(name)
        }
        let expressions = reader.changeMatchExpressions()
        let pipeline = reader.pipeline()
        guard let pipeline, reader.problems.isEmpty else {
            throw InvalidRule(problems: reader.problems)
        }
        self.expressions = expressions
        target = .codePipeline(pipeline)
    }

    /// The repository, without its owner, and the branch that an object is for.
    static func scope(_ properties: JSON) -> (repository: String, branch: String)? {
        guard let repository = properties["GitHubRepo"]?.string,
            let branch = properties["GitHubBranch"]?.string
        else { return nil }
        return (repository, branch)
    }

    /// The key of a rule, valid or not, if its properties tell it.
    package static func key(_ properties: JSON, keys: BucketKeys) -> String? {
        guard let (repository, branch) = scope(properties),
            let pipeline = properties["CodePipelineName"]?.string
        else { return nil }
        return keys.monoRepoRule(repository: repository, branch: branch, pipeline: pipeline)
    }
}

extension PropertyReader {
    /// The expressions between the commas, without the white space around them.
    fileprivate mutating func changeMatchExpressions() -> [PathExpression] {
        guard let text = value("ChangeMatchExpressions")?.string else { return [] }
        var expressions = CompiledExpressions()
        let parts = [UInt8](text.utf8).split(
            separator: UInt8(ascii: ","),
            omittingEmptySubsequences: false
        )
        reportPatterns(
            count: parts.count,
            bytes: parts.reduce(0) { $0 + $1.count },
            "ChangeMatchExpressions"
        )
        guard !hasTooManyPatterns else { return [] }
        for part in parts {
            let trimmed = part.trimmed
            let pattern = String(decoding: trimmed, as: UTF8.self)
            do throws(ExpressionError) {
                try expressions.compile(pattern)
            } catch {
                report(
                    "ChangeMatchExpressions",
                    "'\(clipped(pattern))' is not a regular expression: \(error)",
                    .expression,
                    column: error.column(in: text, from: trimmed.startIndex)
                )
            }
        }
        if let breach = expressions.breach { report("ChangeMatchExpressions", breach, .budget) }
        return expressions.expressions
    }

    fileprivate mutating func pipeline() -> CodePipelineTarget<Template>? {
        guard let name = value("CodePipelineName")?.string else { return nil }
        guard TargetText.pipelineName.accepts(name), let template = try? Template(name) else {
            let expected = TargetText.pipelineName.expectation
            report("CodePipelineName", "expected \(expected), found '\(clipped(name))'")
            return nil
        }
        return CodePipelineTarget(name: template, variables: [])
    }
}
