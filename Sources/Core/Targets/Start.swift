internal import AWS
internal import Codec
internal import Platform

/// One act that a change calls for: a target with every placeholder resolved.
///
/// Nothing is left to decide when it is performed, and nothing of it changes. It is a class, since it is
/// large and passes through many hands: as a value each of them brings code that copies all of it.
package final class Start: Sendable {
    /// The S3 key of the rule that calls for it.
    let ruleKey: String
    /// The change that calls for it; its repository is the one that the rule is about.
    let change: Change
    /// Names this start for ever: the same change and the same rule give the same identity.
    ///
    /// It is the ledger's key and the client token that the service is given.
    let identity: String
    /// It is made once for the head of a pull request: deliveries with different bodies ask for the same start.
    let isOncePerHead: Bool
    let action: Action
    /// Where it stands among the rule's starts; `nil` where it starts whatever came after it.
    let order: StartOrder?
    /// The context of the status that says how it ends; `nil` for none.
    let status: String?
    /// Once it is started, the rule's earlier runs for the same pull request are stopped; their order
    /// is known then.
    let supersedes: Bool
    /// The pull request is closed: nothing is started, and what runs for it is stopped.
    let endsRuns: Bool

    init(
        ruleKey: String,
        change: Change,
        identity: String,
        isOncePerHead: Bool = false,
        action: Action,
        order: StartOrder? = nil,
        status: String? = nil,
        supersedes: Bool = false,
        endsRuns: Bool = false
    ) {
        self.ruleKey = ruleKey
        self.change = change
        self.identity = identity
        self.isOncePerHead = isOncePerHead
        self.action = action
        self.order = order
        self.status = status
        self.supersedes = supersedes
        self.endsRuns = endsRuns
    }

    /// What can be done; a target of another kind is another case.
    enum Action: Equatable, Sendable {
        case codePipeline(CodePipelineTarget<String>)
        case codeBuild(CodeBuildTarget<String>)
        case openShiftBuild(OpenShiftBuildTarget)
        case kubernetesDeployment(KubernetesDeploymentTarget<String>)
        case eventBridge(EventBridgeTarget<String>)
        case pullRequestPipeline(PullRequestPipeline)
    }
}

/// What a start is meant for, as the ledger names it.
struct StartedTarget: Equatable, Sendable {
    /// The target's name in a rule: `CodePipeline`.
    var kind: String
    /// Its own name: a pipeline's, a project's, `namespace/deployment`, an event bus's, of a
    /// BuildConfig the ARN of the secret that holds its webhook's URL.
    var name: String
}

/// What the ledger and the queue of starts need to know of a target.
struct StartFacts {
    var target: StartedTarget
    /// Milliseconds for which the service knows a start by its client token.
    ///
    /// `nil` if AWS documents no limit: it is taken not to be forgotten. 0 if it takes no token.
    var tokenLifetime: Int?
    /// Names the server that it calls; `nil` for AWS.
    var server: ByteKey?

    init(_ kind: Target.Kind, named name: String, tokenLifetime: Int?, server: ByteKey? = nil) {
        self.target = StartedTarget(kind: kind.rawValue, name: name)
        self.tokenLifetime = tokenLifetime
        self.server = server
    }
}

extension Start {
    /// The run, where its status is to be set or a newer one may stop it.
    func run(_ name: @autoclosure () -> RunName) -> RunName? {
        status == nil && !supersedes ? nil : name()
    }
}

extension Start.Action {
    /// As whom and where AWS is called; `nil` of a target whose end AWS does not tell.
    package var access: AWSAccess<String>? {
        switch self {
        case .codePipeline(let pipeline): pipeline.access
        case .codeBuild(let build): build.access
        case .pullRequestPipeline(let pipeline): pipeline.target.access
        case .openShiftBuild, .kubernetesDeployment, .eventBridge: nil
        }
    }

    // Inlined, it makes the Embedded compiler of Swift 6.3.1 end on an error of its own
    // ("non consuming use outside of the lifetime", in what uses it in a loop).
    @inline(never) var facts: StartFacts {
        switch self {
        case .codePipeline(let pipeline): pipeline.facts
        case .codeBuild(let build): build.facts
        case .openShiftBuild(let build): build.facts
        case .kubernetesDeployment(let deployment): deployment.facts
        case .eventBridge(let event): event.facts
        case .pullRequestPipeline(let pipeline): pipeline.facts
        }
    }
}

/// Where a start stands among those of its rule: an older change is not started after a newer one
/// of the same scope.
struct StartOrder: Equatable, Sendable {
    /// What it is about: `branch:main`, `tag:v1`, `pull_request:7` or `image`, which is all tags of
    /// the image.
    var scope: String
    /// When the change happened, by the provider's clock.
    var eventTime: Timestamp
    /// It starts all the same where a newer one was started.
    var isIgnored: Bool
    /// The commit that the rule has nothing more to start for if it has started it; `nil` for a change
    /// that starts it anew.
    var onceFor: String?

    /// The order of a change's starts; `nil` where it has no event time or is of no scope, or nobody
    /// is to know what was started last.
    ///
    /// - Parameter startsNewest: the rule starts no older change after a newer one. Of a pull request it is
    ///   known all the same what was started last.
    init?(of change: Change, startsNewest: Bool) {
        guard let eventTime = change.eventTime, let scope = Self.scope(of: change),
            startsNewest || change.kind == .pullRequest
        else { return nil }
        self.scope = scope
        self.eventTime = eventTime
        isIgnored = change.ignoresOrder || !startsNewest
        let hasSameHead = change.pullRequest?.hasSameHead == true && !change.ignoresOrder
        onceFor = hasSameHead ? change.after : nil
    }

    private static func scope(of change: Change) -> String? {
        switch change.kind {
        case .push: change.branch.map { "branch:\($0)" }
        case .tag: change.tag.map { "tag:\($0)" }
        case .pullRequest: change.pullRequest.map { "pull_request:\($0.number)" }
        case .mergeGroup: nil
        case .image: "image"
        }
    }
}

/// What a start that is under way does next.
///
/// A start is a chain of these, so that many go on side by side: what all of them are about to
/// send is sent in parallel.
enum StartStep {
    /// Calls AWS and goes on with what comes back.
    case callAWS(AWSRequest)
    /// Makes the token by which an EKS cluster knows who asks, and goes on with it.
    case makeToken(TokenRequest)
    /// Calls an API that is not AWS's and goes on with what comes back.
    case callAPI(APIRequest)
    case ended(StartResult)

    /// A call, the role and region it is sent with, and what follows its response.
    struct AWSRequest {
        let call: AWSCall
        let access: AWSAccess<String>
        /// The call reads and no more: of several that are the same one is sent for all.
        var onlyReads = false
        let then: (Result<HTTPResponse, CallError>) -> StartStep
    }

    /// A cluster, the role and region it is called with, and what follows.
    struct TokenRequest {
        let cluster: String
        let access: AWSAccess<String>
        let then: (Result<Secret, CallError>) -> StartStep
    }

    /// A call and what follows its response.
    struct APIRequest {
        let call: APICall
        let then: (Result<HTTPResponse, CallError>) -> StartStep
    }

    /// Sends the call that starts the target.
    ///
    /// Its failure ends the start, as does a response that cannot be read.
    static func call(
        _ call: AWSCall,
        _ access: AWSAccess<String>,
        then: @escaping (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        .callAWS(AWSRequest(call: call, access: access) { after($0, onlyReads: false, then) })
    }

    /// Sends a call that only reads: its failure leaves the target as it was.
    static func read(
        _ call: AWSCall,
        _ access: AWSAccess<String>,
        then: @escaping (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        .callAWS(
            AWSRequest(call: call, access: access, onlyReads: true) {
                after($0, onlyReads: true, then)
            }
        )
    }

    /// Sends a call to an API that is not AWS's; its failure ends the start.
    ///
    /// Where it only reads, its failure leaves the target as it was.
    static func call(
        _ call: APICall,
        onlyReads: Bool,
        then: @escaping (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        .callAPI(APIRequest(call: call) { after($0, onlyReads: onlyReads, then) })
    }

    private static func after(
        _ result: Result<HTTPResponse, CallError>,
        onlyReads: Bool,
        _ then: (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        do throws(CallError) {
            return try then(result.get())
        } catch {
            return .ended(StartResult(onlyReads ? error.havingDoneNothing : error))
        }
    }
}

extension Start {
    /// What the start begins with.
    ///
    /// - Parameter isProtected: the service still knows the client token of an earlier request.
    func firstStep(_ secrets: SecretCache, at now: Timestamp, isProtected: Bool) -> StartStep {
        if endsRuns { return .ended(.unchanged(StartResult.noRun)) }
        return switch action {
        case .codePipeline(let pipeline): pipeline.begin(self)
        case .codeBuild(let build): build.begin(self, isProtected: isProtected)
        case .openShiftBuild(let build): build.begin(self, secrets)
        case .kubernetesDeployment(let deployment): deployment.begin(self, secrets)
        case .eventBridge(let event): event.begin(self)
        case .pullRequestPipeline(let pipeline):
            PullRequestPipelineStart(pipeline, self, at: now).begin(secrets)
        }
    }
}
