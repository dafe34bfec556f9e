public import Codec

/// A build to start, as a rule describes it.
///
/// Limits: AWS CodeBuild API reference, StartBuild and CreateProject.
public struct CodeBuildTarget: Equatable, Sendable {
    /// The project's name.
    public var project: Template
    /// The version of the source to build; `nil` where the project decides, which it must where
    /// it has no source.
    public var sourceVersion: Template?
    /// Environment variables beside the project's own, in the rule's order.
    public var environment: [NamedTemplate]
    /// As whom and where CodeBuild is called.
    public var access: AWSAccess

    /// A target for one change: all placeholders filled.
    public struct Filled: Equatable, Sendable {
        /// The project's name.
        public var project: String
        /// The version of the source to build.
        public var sourceVersion: String?
        /// Names and values.
        public var environment: [NamedValue]
        /// As whom and where CodeBuild is called.
        public var access: AWSAccess.Filled
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

    /// Fills the placeholders; a source version that comes out empty is left out.
    public func filled(for change: Change) throws(RuleProblem) -> Filled {
        let filling = Filling(change: change, place: Self.place)
        let version = sourceVersion?.render(change)
        return Filled(
            project: try filling.text(project, "Project", .projectName),
            sourceVersion: version?.isEmpty == true ? nil : version,
            environment: environment.map {
                NamedValue(name: $0.name, value: $0.value.render(change))
            },
            access: try filling.access(access)
        )
    }
}
