internal import Codec
internal import Platform

/// A pipeline for one pull request, made from a template: as a rule describes it (`Template`) or
/// for one change (`String`).
package struct PullRequestPipelineTarget<Text: Equatable & Sendable>: Equatable, Sendable {
    /// The name of the pipeline that pull requests' pipelines are made from.
    var template: Text
    /// The source action that is put on the head branch.
    var sourceAction: Text
    /// The secret that holds the token of a GitHub (version 1) source action.
    var oauthTokenSecretARN: String?
    var access: AWSAccess<Text>
}

/// What is to be done about a pull request's pipeline for one change.
struct PullRequestPipeline: Equatable, Sendable {
    enum Act: Equatable, Sendable {
        /// It is to be there; its creation is its first run.
        case make
        /// It is to run on the commit; it is made if it is not there.
        case run
        /// It is to go.
        case remove
    }

    var target: PullRequestPipelineTarget<String>
    var act: Act
    /// The pipeline's name, and whose it is.
    var name: PullRequestPipelineName
    var pullRequest: Change.PullRequest
    /// When the change happened: by the provider's clock, else when it was received.
    var eventTime: Timestamp

    /// CodePipeline's client token, as for a pipeline that is only started.
    var facts: StartFacts { StartFacts(.pullRequestPipeline, named: name.text, tokenLifetime: nil) }
}

extension PullRequestPipelineTarget<Template> {
    static func read(_ value: JSON) throws(InvalidRule) -> Self {
        var properties = try PropertyReader(
            target: value,
            .pullRequestPipeline,
            known: ["Template", "SourceAction", "RoleArn", "Region", "OAuthTokenSecretArn"],
            elsewhere: [(name: "Forks", place: "to the rule itself, beside Target")]
        )
        let target = PullRequestPipelineTarget(
            template: properties.requiredText("Template", .pipelineName, isLasting: true),
            sourceAction: properties.requiredText("SourceAction", .actionName),
            oauthTokenSecretARN: properties.fixedText("OAuthTokenSecretArn", .secretARN),
            access: AWSAccess(
                roleARN: properties.roleARN(),
                region: properties.lastingText("Region", .region)
            )
        )
        return try properties.checked(target)
    }

    /// - Parameters:
    ///   - ends: the pull request is closed, or no longer one that the rule is about.
    ///   - hasStatus: the rule has a status, which is to be that of a run for the new base.
    func resolved(
        for change: Change,
        ends: Bool,
        hasStatus: Bool = false
    ) throws(RuleProblem) -> PullRequestPipeline {
        guard let pullRequest = change.pullRequest else {
            throw RuleProblem("Target.PullRequestPipeline", "the change is not a pull request")
        }
        let resolver = Resolver(change, .pullRequestPipeline)
        let template: String = try resolver.text(template, "Template", .pipelineName)
        let name = PullRequestPipelineName(
            template: template,
            repository: change.repository,
            number: pullRequest.number,
            repositoryID: change.repositoryID.map { "\(change.source.rawValue):\($0)" },
            isKnownByName: change.source == .github || change.source == .codecommit
        )
        guard TargetText.pipelineName.accepts(name.text) else {
            throw RuleProblem(
                "Target.PullRequestPipeline",
                "expected to make \(TargetText.pipelineName.expectation), "
                    + "found '\(clipped(name.text))'"
            )
        }
        let act: PullRequestPipeline.Act =
            switch pullRequest.action {
            case _ where ends: .remove
            case "synchronize", "reopened", Change.PullRequest.commented: .run
            case "edited" where hasStatus: .run
            // It may be there for a head before this one.
            case _ where pullRequest.hasSameHead: .run
            default: .make
            }
        return PullRequestPipeline(
            target: PullRequestPipelineTarget<String>(
                template: template,
                sourceAction: try resolver.text(sourceAction, "SourceAction", .actionName),
                oauthTokenSecretARN: oauthTokenSecretARN,
                access: try resolver.access(access)
            ),
            act: act,
            name: name,
            pullRequest: pullRequest,
            eventTime: change.eventTime ?? change.receivedAt
        )
    }
}

/// What a pull request's own pipeline is called, and the tags that say whose it is.
///
/// A pipeline's name has at most 100 letters, digits or . @ - _ (CodePipeline user guide,
/// "Quotas"). Neither a repository's owner nor its name holds an @, which stands between the
/// parts: `template@owner@name@7`. What is too long is cut, and a digest of the whole follows.
struct PullRequestPipelineName: Equatable, Sendable {
    let template: String
    /// `owner/name` or CodeCommit's name.
    let repository: String
    let number: Int
    /// The repository's id, `github:186853002`, which it keeps whatever it is called; `nil` where
    /// the source has none.
    var repositoryID: String?
    /// Whether the name alone may tell whose a pipeline is.
    ///
    /// Pipelines of GitHub's that were made earlier have no id, nor has CodeCommit. Another source's repository
    /// may have the same name as one of GitHub's.
    var isKnownByName = true

    private static let longest = 100
    /// The most of it that is the template's.
    private static let maximumTemplateLength = 50
    /// Digits that are kept for the number, so that a repository is cut alike for all of them.
    private static let digits = 10
    /// The length of a digest, in hexadecimal digits.
    private static let digestLength = 10

    var text: String { repositoryPrefix + String(number) }

    /// The claim: `owner/name#7`.
    var claim: String { "\(repository)#\(number)" }

    /// The claim as a tag may have it, the one to be preferred first: `owner/name#7`,
    /// `owner/name@7`.
    ///
    /// The second is for where CodePipeline keeps to what it says of a tag's value: letters,
    /// numbers, spaces and + - = . _ : / @ (CodePipeline user guide, "Quotas").
    var claims: [String] { ["\(repository)#\(number)", "\(repository)@\(number)"] }

    /// Whether a pipeline with that claim and that repository's id is this pull request's.
    ///
    /// The id decides where both are known, as the name may be another repository's by now. Else
    /// the name does, if it may.
    func isClaimed(by claim: String, ofRepository id: String?) -> Bool {
        guard let id, let repositoryID else {
            return isKnownByName && claims.contains { isSame($0, claim) }
        }
        return isSame(id, repositoryID) && isOfNumber(claim)
    }

    /// Whether a pipeline, made from the template while the repository had another name, may be
    /// this pull request's.
    func mayBeEarlierName(_ name: String) -> Bool {
        name.utf8.starts(with: templatePrefix.utf8) && hasEnd(name, "@\(number)")
            && !isSame(name, text)
    }

    /// Whether a pipeline's name is one that is made here for a pull request: `api@octo@mono@7`.
    package static func isOne(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count > 2, let number = parts.last else { return false }
        return !number.isEmpty && number.allSatisfy { $0.isASCIIDigit }
    }

    private func isOfNumber(_ claim: String) -> Bool {
        hasEnd(claim, "#\(number)") || hasEnd(claim, "@\(number)")
    }

    private func hasEnd(_ text: String, _ end: String) -> Bool {
        text.utf8.suffix(end.utf8.count).elementsEqual(end.utf8)
    }

    /// What the names of all pipelines that are made from the template begin with.
    var templatePrefix: String {
        let name = template.utf8
        let isPlain = name.count <= Self.maximumTemplateLength && !name.contains(UInt8(ascii: "@"))
        if isPlain { return template + "@" }
        let kept = name.prefix(Self.maximumTemplateLength - Self.digestLength - 1)
        let beginning = kept.map { $0 == UInt8(ascii: "@") ? UInt8(ascii: ".") : $0 }
        return "\(String(decoding: beginning, as: UTF8.self))@\(Self.digest(template))@"
    }

    /// What those begin with that are the repository's as well.
    var repositoryPrefix: String {
        let prefix = templatePrefix
        let name = repository.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "@") : $0 }
        let room = Self.longest - prefix.utf8.count - 1 - Self.digits
        guard name.count > room else {
            return "\(prefix)\(String(decoding: name, as: UTF8.self))@"
        }
        let kept = name.prefix(room - Self.digestLength - 1)
        return "\(prefix)\(String(decoding: kept, as: UTF8.self))@\(Self.digest(repository))@"
    }

    private static func digest(_ text: String) -> String {
        String(
            decoding: Hex.lower(SHA256.hash([UInt8](text.utf8))).utf8.prefix(digestLength),
            as: UTF8.self
        )
    }
}

/// The tags of a pull request's pipeline, by their keys.
enum PipelineTag {
    /// Claims the pipeline for a pull request.
    static let claim = "pointsman:pull-request"
    /// The repository's id, so that it may be renamed or transferred.
    static let repository = "pointsman:repository-id"
    /// The template that the pipeline was made from.
    static let template = "pointsman:template"
    /// The start that created it.
    static let start = "pointsman:start"
    /// When that happened which it was last created or started for, in ISO 8601.
    static let eventTime = "pointsman:event-time"
}

extension PullRequestPipeline {
    /// What a lookup has found.
    enum Found {
        case nothing
        /// The pull request's own pipeline, and whether this start has created it.
        case own(OwnedPipeline, isOfThisStart: Bool)
        /// A pipeline that is not to be touched; why.
        case another(String)
    }

    /// Whose pipeline it is that was looked up; `nil` if there is none.
    func found(_ owned: OwnedPipeline?, by start: Start) -> Found {
        guard let owned else { return .nothing }
        let foreign =
            "the pipeline '\(name.text)' is not \(name.claim)'s and was left as it is: it"
        guard let claim = owned.tag(PipelineTag.claim) else {
            return .another("\(foreign) has no tag \(PipelineTag.claim)")
        }
        let repository = owned.tag(PipelineTag.repository)
        guard name.isClaimed(by: claim, ofRepository: repository) else {
            let whose = repository.map { " of the repository \($0)" } ?? ""
            return .another("\(foreign) is claimed for '\(claim)'\(whose)")
        }
        let creator = owned.tag(PipelineTag.start) ?? ""
        return .own(owned, isOfThisStart: isSame(creator, start.identity))
    }
}

/// A pipeline and the tags that say whose it is.
struct OwnedPipeline {
    let name: String
    let pipeline: CodePipeline.Pipeline
    var tags: [NamedValue] = []

    func tag(_ name: String) -> String? {
        tags.first { isSame($0.name, name) }?.value
    }

    /// The time of the event that it was last created or started for; `nil` also if that is later
    /// than now can be.
    func eventTime(at now: Timestamp) -> Timestamp? {
        let time = tag(PipelineTag.eventTime).flatMap(Timestamp.init(iso8601:))
        return time?.isMadeUp(at: now) == true ? nil : time
    }

    /// Whether its tags say that it was made from that template.
    func isMade(from template: String) -> Bool {
        tag(PipelineTag.template).map { isSame($0, template) } ?? false
    }

    /// Only pipelines of type V2 can be started on a commit.
    var takesCommit: Bool { pipeline.declaration["pipelineType"]?.string == "V2" }
}
