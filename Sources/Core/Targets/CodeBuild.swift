package import AWS
internal import Codec
package import Platform

/// A build to start: as a rule describes it (`Template`) or for one change (`String`).
///
/// Limits: AWS CodeBuild API reference, StartBuild and CreateProject.
package struct CodeBuildTarget<Text: Equatable & Sendable>: Equatable, Sendable {
    var project: Text
    /// The version of the source to build; `nil` if the project decides, which it must if it has
    /// no source.
    var sourceVersion: Template?
    /// Environment variables beside the project's own, in the rule's order.
    ///
    /// They are resolved when the call is made: those of all starts of a change may be too much to
    /// be held at once.
    var environment: [NamedTemplate]
    var access: AWSAccess<Text>
}

extension CodeBuildTarget<Template> {
    static func read(_ value: JSON) throws(InvalidRule) -> Self {
        var properties = try PropertyReader(
            target: value,
            .codeBuild,
            known: ["Project", "SourceVersion", "Environment", "RoleArn", "Region"]
        )
        let target = CodeBuildTarget(
            project: properties.requiredText("Project", .projectName),
            sourceVersion: properties.text("SourceVersion", .any),
            environment: properties.templates(
                "Environment",
                names: .environmentVariable,
                atMost: CodeBuild.maximumVariables
            ),
            access: properties.access()
        )
        return try properties.checked(target)
    }

    /// Throws if the placeholders make too much of a rule: CodeBuild itself sets no limit to a
    /// value.
    func resolved(for change: Change) throws(RuleProblem) -> CodeBuildTarget<String> {
        let resolver = Resolver(change, .codeBuild)
        let size = environment.reduce(sourceVersion?.size(for: change) ?? 0) {
            $0 + $1.name.utf8.count + $1.value.size(for: change)
        }
        if let breach = Budget.build.breach(by: size) {
            throw resolver.problem("Environment", breach, kind: .budget)
        }
        return CodeBuildTarget<String>(
            project: try resolver.text(project, "Project", .projectName),
            sourceVersion: sourceVersion,
            environment: environment,
            access: try resolver.access(access)
        )
    }
}

extension CodeBuildTarget<String> {
    var facts: StartFacts {
        // AWS CodeBuild API reference, StartBuild: "valid for 5 minutes".
        StartFacts(.codeBuild, named: project, tokenLifetime: 300_000)
    }

    /// The version of the source to build; `nil` if it comes out empty.
    func sourceVersion(for change: Change) -> String? {
        guard let version = sourceVersion?.render(change), !version.isEmpty else { return nil }
        return version
    }

    func environment(for change: Change) -> [NamedValue] {
        environment.map { NamedValue($0.name, $0.value.render(change)) }
    }

    func begin(_ start: Start, isProtected: Bool) -> StartStep {
        var call = CodeBuild.startBuild(
            project,
            sourceVersion: sourceVersion(for: start.change),
            environment: environment(for: start.change),
            idempotencyToken: start.identity
        )
        call.isRepeatable = isProtected
        return .call(call, access) { [call] (response) throws(CallError) in
            let id = try CodeBuild.buildID(of: call, response)
            return .ended(.started(id, run: start.run(.build(id))))
        }
    }
}

extension TargetText {
    fileprivate static var projectName: TargetText {
        TargetText(
            "a build project's name (2 to 255 letters, digits or - _, the first no - or _)",
            upTo: 255
        ) { _, bytes in
            bytes.count >= 2 && bytes.isName(also: "-_") && !"-_".utf8.contains(bytes[0])
        }
    }

    /// CODEBUILD_… are CodeBuild's own (CodeBuild user guide, "Environment variables in build
    /// environments").
    fileprivate static var environmentVariable: TargetText {
        TargetText(
            "a variable's name (letters, digits or _, the first no digit), not one of CODEBUILD_…",
            upTo: 255
        ) { _, bytes in
            bytes.isName(also: "_") && !bytes[0].isASCIIDigit
                && !bytes.starts(with: "CODEBUILD_".utf8)
        }
    }
}

/// Builds: calls as values, and what their responses mean
/// (https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html).
package enum CodeBuild {
    /// The most environment variables: none of CodeBuild's limits, but far more than a build has.
    fileprivate static let maximumVariables = 200

    private static let targetPrefix = "CodeBuild_20161006"

    /// StartBuild; within five minutes a second one with the same token starts nothing new.
    ///
    /// Without a source version the project's own is built; a project without a source refuses
    /// any.
    static func startBuild(
        _ project: String,
        sourceVersion: String? = nil,
        environment: [NamedValue] = [],
        idempotencyToken: String
    ) -> AWSCall {
        var call = AWSCall.json(
            .codeBuild,
            "StartBuild",
            of: project,
            targetPrefix: targetPrefix
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

    /// StopBuild, by the build's id
    /// (https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html).
    static func stopBuild(_ id: String) -> AWSCall {
        .json(.codeBuild, "StopBuild", of: id, targetPrefix: targetPrefix) { $0.member("id", id) }
    }

    /// Reads the response to `startBuild`: the build's id, `project:…`.
    package static func buildID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        try call.member("build.id", of: response) { $0.string }
    }
}
