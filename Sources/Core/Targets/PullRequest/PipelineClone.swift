internal import Codec
internal import Platform

/// Why a template cannot be made a pull request's pipeline.
struct PipelineCloneError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, as a sentence.
    var description: String
}

/// A template pipeline's declaration, to be made one that is on a pull request's head branch.
///
/// All that the template declares is carried over as it is, known here or not, but for `name`,
/// `version`, `triggers` and what its source actions are configured with
/// (https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html).
struct PipelineClone {
    private let template: JSON
    private let pipeline: PullRequestPipeline

    /// What CodePipeline shows in the place of a secret.
    private static var mask: String { "****" }

    /// Looks at a declaration, as GetPipeline gives it.
    init(of template: JSON, for pipeline: PullRequestPipeline) throws(PipelineCloneError) {
        self.template = template
        self.pipeline = pipeline
        let actions = Self.actions(of: template)
        guard let source = actions.first(where: { isTarget($0) }) else {
            let names = actions.filter { Self.isSource($0) }.map { Self.name($0) }
            let found = names.isEmpty ? "none" : names.joined(", ")
            throw refusal("has no source action '\(pipeline.target.sourceAction)', but \(found)")
        }
        if pipeline.pullRequest.fork, pipeline.pullRequest.headRepository == nil {
            throw PipelineCloneError(
                description: "the repository that \(pipeline.name.claim) comes from is gone"
            )
        }
        try checkRepository(of: source)
        for action in actions {
            let secrets = (action["configuration"]?.members ?? []).filter { member in
                guard let value = member.value.string else { return false }
                return isSame(value, Self.mask) && !isOAuthToken(member.key, of: action)
            }
            if let secret = secrets.first {
                throw refusal(
                    "has a secret that CodePipeline does not give away: "
                        + "'\(secret.key)' of the action '\(Self.name(action))'"
                )
            }
        }
        if needsOAuthToken, pipeline.target.oauthTokenSecretARN == nil {
            throw refusal(
                "has a source action of GitHub (version 1), whose token CodePipeline does not give "
                    + "away: the rule needs an OAuthTokenSecretArn"
            )
        }
    }

    /// Whether the source action that is put on the head branch needs the token that GetPipeline
    /// does not give away.
    ///
    /// No other action is given it: the rule's secret is for the rule's repository.
    var needsOAuthToken: Bool {
        Self.actions(of: template).contains { isTarget($0) && Self.provider($0) == .gitHub }
    }

    private func isOAuthToken(_ key: String, of action: JSON) -> Bool {
        isTarget(action) && Self.provider(action) == .gitHub && isSame(key, "OAuthToken")
    }

    func declaration(oauthToken: Secret?) -> JSON {
        let token = oauthToken.map { String(decoding: $0.revealed, as: UTF8.self) }
        let stages = (template["stages"]?.array ?? []).map { stage in
            let actions = (stage["actions"]?.array ?? []).map { adapted($0, token) }
            return stage.setting("actions", .array(actions))
        }
        return template.removing("version").removing("triggers")
            .setting("name", .string(pipeline.name.text))
            .setting("stages", .array(stages))
    }

    /// An action of the template, as the pull request's pipeline has it.
    ///
    /// No source action starts the pipeline by itself, also one that is left where it is.
    private func adapted(_ action: JSON, _ token: String?) -> JSON {
        guard Self.isSource(action), let provider = Self.provider(action) else { return action }
        var configuration = action["configuration"] ?? .object([])
        func set(_ name: String, _ value: String?) {
            if let value { configuration = configuration.setting(name, .string(value)) }
        }
        set(provider == .connection ? "DetectChanges" : "PollForSourceChanges", "false")
        if isTarget(action) {
            if provider == .gitHub { set("OAuthToken", token) }
            set(provider == .gitHub ? "Branch" : "BranchName", pipeline.pullRequest.head)
            let fork = pipeline.pullRequest.headRepository
            switch provider {
            case .connection: set("FullRepositoryId", fork)
            case .gitHub:
                let parts = (fork ?? "").utf8.split(separator: UInt8(ascii: "/"))
                if parts.count == 2 {
                    set("Owner", String(decoding: parts[0], as: UTF8.self))
                    set("Repo", String(decoding: parts[1], as: UTF8.self))
                }
            case .codeCommit, .s3: break
            }
        }
        return action.setting("configuration", configuration)
    }

    /// Throws where the source action is not of the pull request's repository.
    private func checkRepository(of action: JSON) throws(PipelineCloneError) {
        let configuration = action["configuration"]
        func text(_ name: String) -> String { configuration?[name]?.string ?? "" }
        let found: String
        switch Self.provider(action) {
        case .connection: found = text("FullRepositoryId")
        case .gitHub: found = "\(text("Owner"))/\(text("Repo"))"
        case .codeCommit: found = text("RepositoryName")
        case .s3, nil:
            let provider = action["actionTypeId"]?["provider"]?.string ?? ""
            throw refusal(
                "has the source action '\(pipeline.target.sourceAction)' of \(provider), which has no "
                    + "branches: expected CodeStarSourceConnection, GitHub or CodeCommit"
            )
        }
        guard equalsIgnoringASCIICase(found, pipeline.name.repository) else {
            throw refusal(
                "has its source action '\(pipeline.target.sourceAction)' on '\(clipped(found))', not on "
                    + "'\(pipeline.name.repository)'"
            )
        }
    }

    private func isTarget(_ action: JSON) -> Bool {
        Self.isSource(action) && isSame(Self.name(action), pipeline.target.sourceAction)
    }

    private func refusal(_ what: String) -> PipelineCloneError {
        PipelineCloneError(description: "the template '\(pipeline.target.template)' \(what)")
    }
}

extension PipelineClone {
    /// The providers of source actions that are changed.
    private enum Provider {
        case connection, gitHub, codeCommit, s3
    }

    private static func provider(_ action: JSON) -> Provider? {
        let type = action["actionTypeId"]
        guard isSource(action) else { return nil }
        switch (type?["owner"]?.string, type?["provider"]?.string) {
        case ("AWS", "CodeStarSourceConnection"): return .connection
        case ("ThirdParty", "GitHub"): return .gitHub
        case ("AWS", "CodeCommit"): return .codeCommit
        case ("AWS", "S3"): return .s3
        default: return nil
        }
    }

    private static func actions(of declaration: JSON) -> [JSON] {
        (declaration["stages"]?.array ?? []).flatMap { $0["actions"]?.array ?? [] }
    }

    private static func isSource(_ action: JSON) -> Bool {
        action["actionTypeId"]?["category"]?.string == "Source"
    }

    private static func name(_ action: JSON) -> String {
        action["name"]?.string ?? ""
    }
}

extension JSON {
    /// The object with a member's value replaced, or with the member at its end.
    fileprivate func setting(_ key: String, _ value: JSON) -> JSON {
        var members = members ?? []
        if let index = members.lastIndex(where: { isSame($0.key, key) }) {
            members[index].value = value
        } else {
            members.append(Member(key: key, value: value))
        }
        return .object(members)
    }

    /// The object without a member.
    fileprivate func removing(_ key: String) -> JSON {
        .object((members ?? []).filter { !isSame($0.key, key) })
    }
}
