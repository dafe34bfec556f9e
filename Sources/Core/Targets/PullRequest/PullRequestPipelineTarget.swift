package import Codec

/// A pipeline of a pull request's own, made from a template, as a rule describes it.
package struct PullRequestPipelineTarget: Equatable, Sendable {
    /// The name of the pipeline that pull requests' pipelines are made from.
    package var template: Template
    /// The source action that is put on the head branch.
    package var sourceAction: Template
    /// The secret that holds the token of a GitHub (version 1) source action.
    package var oauthTokenSecretARN: String?
    /// As whom and where CodePipeline is called.
    package var access: AWSAccess

    /// A target for one change of a pull request.
    package struct Filled: Equatable, Sendable {
        /// What is to be done about the pipeline.
        package var act: Act
        /// The template's name.
        package var template: String
        /// The source action that is put on the head branch.
        package var sourceAction: String
        /// The pipeline's name, and whose it is.
        package var pipeline: PullRequestPipelineName
        /// Where the commits come from.
        package var head: PipelineHead
        /// When the change happened: by the provider's clock, else when it was received.
        package var eventTime: Timestamp
        /// The secret that holds the token of a GitHub (version 1) source action.
        package var oauthTokenSecretARN: String?
        /// As whom and where CodePipeline is called.
        package var access: AWSAccess.Filled
    }

    /// What is to be done about a pull request's pipeline.
    package enum Act: Equatable, Sendable {
        /// It is to be there; its creation is its first run.
        case make
        /// It is to run on the commit; where it is not there it is made.
        case run
        /// It is to go.
        case remove
    }

    private static let place = "Target.PullRequestPipeline."
    private static let known = [
        "Template", "SourceAction", "RoleArn", "Region", "OAuthTokenSecretArn",
    ]

    /// Reads the value of a rule's `Target.PullRequestPipeline`.
    static func read(_ value: JSON) throws(InvalidRule) -> PullRequestPipelineTarget {
        var properties = try PropertyReader(
            target: value,
            place: place,
            known: known,
            elsewhere: [(name: "Forks", place: "to the rule itself, beside Target")]
        )
        let hasTemplate = properties.required("Template") != nil
        let template = hasTemplate ? properties.lastingText("Template", .pipelineName) : nil
        let hasAction = properties.required("SourceAction") != nil
        let sourceAction = hasAction ? properties.text("SourceAction", .actionName) : nil
        let secret = properties.fixedText("OAuthTokenSecretArn", .secretARN)
        let access = AWSAccess(
            roleARN: properties.roleARN(),
            region: properties.lastingText("Region", .region)
        )
        guard let template, let sourceAction, properties.problems.isEmpty else {
            throw InvalidRule(problems: properties.problems)
        }
        return PullRequestPipelineTarget(
            template: template,
            sourceAction: sourceAction,
            oauthTokenSecretARN: secret,
            access: access
        )
    }

    /// Fills the placeholders.
    ///
    /// - Parameter ends: the pull request is closed, or no longer one that the rule is about.
    package func filled(for change: Change, ends: Bool) throws(RuleProblem) -> Filled {
        guard let pullRequest = change.pullRequest else {
            throw RuleProblem("Target.PullRequestPipeline", "the change is not a pull request")
        }
        let filling = Filling(change: change, place: Self.place)
        let template: String = try filling.text(template, "Template", .pipelineName)
        let pipeline = PullRequestPipelineName(
            template: template,
            repository: change.repository,
            number: pullRequest.number,
            repositoryID: change.repositoryID.map { "\(change.source.rawValue):\($0)" }
        )
        guard TargetText.pipelineName.accepts(pipeline.text) else {
            throw RuleProblem(
                "Target.PullRequestPipeline",
                "expected to make \(TargetText.pipelineName.expectation), "
                    + "found '\(clipped(pipeline.text))'"
            )
        }
        let act: Act =
            switch pullRequest.action {
            case _ where ends: .remove
            case "synchronize", "reopened": .run
            default: .make
            }
        return Filled(
            act: act,
            template: template,
            sourceAction: try filling.text(sourceAction, "SourceAction", .actionName),
            pipeline: pipeline,
            head: PipelineHead(
                repository: change.repository,
                branch: pullRequest.head,
                isFork: pullRequest.fork,
                fork: pullRequest.headRepository
            ),
            eventTime: change.eventTime ?? change.receivedAt,
            oauthTokenSecretARN: oauthTokenSecretARN,
            access: try filling.access(access)
        )
    }
}
