package import AWS
package import Codec
package import Platform

/// A build to start, as a rule describes it.
///
/// Limits: AWS CodeBuild API reference, StartBuild and CreateProject.
package struct CodeBuildTarget: Equatable, Sendable {
    /// The project's name.
    package var project: Template
    /// The version of the source to build; `nil` where the project decides, which it must where
    /// it has no source.
    package var sourceVersion: Template?
    /// Environment variables beside the project's own, in the rule's order.
    package var environment: [NamedTemplate]
    /// As whom and where CodeBuild is called.
    package var access: AWSAccess

    /// A target for one change: all placeholders filled.
    package struct Filled: Equatable, Sendable {
        /// The project's name.
        package var project: String
        /// As whom and where CodeBuild is called.
        package var access: AWSAccess.Filled
        let versionTemplate: Template?
        let templates: [NamedTemplate]
        let change: Change

        /// The version of the source to build; `nil` where it comes out empty.
        package var sourceVersion: String? {
            guard let version = versionTemplate?.render(change), !version.isEmpty else {
                return nil
            }
            return version
        }

        /// Names and values.
        ///
        /// Filled when they are asked for: those of all starts of a change may be too much to be
        /// held at once.
        package var environment: [NamedValue] {
            templates.map { NamedValue($0.name, $0.value.render(change)) }
        }
    }

    private static let place = "Target.CodeBuild."
    private static let known = ["Project", "SourceVersion", "Environment", "RoleArn", "Region"]
    /// The most environment variables: none of CodeBuild's limits, but far more than a build has.
    private static let maximumVariables = 200

    /// Reads the value of a rule's `Target.CodeBuild`.
    static func read(_ value: JSON) throws(InvalidRule) -> CodeBuildTarget {
        var properties = try PropertyReader(target: value, place: place, known: known)
        let project =
            properties.required("Project") == nil ? nil : properties.text("Project", .projectName)
        let sourceVersion = properties.text("SourceVersion", .any)
        let environment = properties.templates(
            "Environment",
            names: .environmentVariable,
            atMost: maximumVariables
        )
        let access = properties.access()
        guard let project, properties.problems.isEmpty else {
            throw InvalidRule(problems: properties.problems)
        }
        return CodeBuildTarget(
            project: project,
            sourceVersion: sourceVersion,
            environment: environment,
            access: access
        )
    }

    /// Fills the placeholders.
    ///
    /// Throws where they make too much of a rule: CodeBuild itself sets no limit to a value.
    package func filled(for change: Change) throws(RuleProblem) -> Filled {
        let filling = Filling(change: change, place: Self.place)
        let size = environment.reduce(sourceVersion?.size(for: change) ?? 0) {
            $0 + $1.name.utf8.count + $1.value.size(for: change)
        }
        if let breach = Budget.build.breach(by: size) {
            throw RuleProblem(Self.place + "Environment", breach, kind: .budget)
        }
        return Filled(
            project: try filling.text(project, "Project", .projectName),
            access: try filling.access(access),
            versionTemplate: sourceVersion,
            templates: environment,
            change: change
        )
    }
}

extension CodeBuildTarget.Filled {
    /// Starts a build.
    func begin(_ start: Start, isProtected: Bool) -> StartStep {
        var call = CodeBuild.startBuild(
            project,
            sourceVersion: sourceVersion,
            environment: environment,
            idempotencyToken: start.identity
        )
        call.isRepeatable = isProtected
        return .call(call, access) { [call] (response) throws(CallError) in
            .ended(.started(try CodeBuild.buildID(of: call, response)))
        }
    }
}

/// Builds: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html).
package enum CodeBuild {
    /// StartBuild; within five minutes a second one with the same token starts nothing new.
    ///
    /// Without a source version the project's own is built; a project without a source refuses
    /// any.
    package static func startBuild(
        _ project: String,
        sourceVersion: String? = nil,
        environment: [NamedValue] = [],
        idempotencyToken: String
    ) -> AWSCall {
        var call = AWSCall.json(
            .codeBuild,
            "StartBuild",
            of: project,
            targetPrefix: "CodeBuild_20161006"
        ) {
            $0.member("projectName", project)
            $0.member("sourceVersion", sourceVersion)
            if !environment.isEmpty {
                $0.objects("environmentVariablesOverride", environment) { json, variable in
                    json.member("name", variable.name)
                    json.member("value", variable.value)
                    json.member("type", "PLAINTEXT")
                }
            }
            $0.member("idempotencyToken", idempotencyToken)
        }
        // "An AWS service limit was exceeded for the calling AWS account": of builds that wait.
        call.retryableCodes = ["AccountLimitExceededException"]
        return call
    }

    /// Reads the answer to `startBuild`: the build's id, `project:…`.
    package static func buildID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        guard let id = (try? JSON(parsing: response.body))?["build"]?["id"]?.string else {
            throw .unreadable(call, response, "the answer has no build.id")
        }
        return id
    }
}
