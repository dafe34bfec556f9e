internal import AWS
internal import Codec
internal import Platform

/// What a start that is under way does next.
///
/// A start is a chain of these, so that many go on side by side: what all of them are about to
/// send is sent in parallel.
enum StartStep {
    /// Calls AWS and goes on with what comes back.
    case send(Request)
    /// Makes the token by which an EKS cluster knows who asks, and goes on with it.
    case identify(Identification)
    /// Calls an API that is not AWS's and goes on with what comes back.
    case ask(Question)
    /// It is over.
    case ended(StartOutcome)

    /// A call, as whom and where it is sent, and what follows its answer.
    struct Request {
        let call: AWSCall
        let access: AWSAccess.Filled
        /// The call reads and no more: of several that are the same one is sent for all.
        var onlyReads = false
        let then: (Result<HTTPResponse, CallError>) -> StartStep
    }

    /// A cluster, as whom and where it is asked, and what follows.
    struct Identification {
        let cluster: String
        let access: AWSAccess.Filled
        let then: (Result<Secret, CallError>) -> StartStep
    }

    /// A call and what follows its answer.
    struct Question {
        let call: APICall
        let then: (Result<HTTPResponse, CallError>) -> StartStep
    }

    /// Sends the call that starts the target.
    ///
    /// Its failure ends the start, as does an answer that cannot be read.
    static func call(
        _ call: AWSCall,
        _ access: AWSAccess.Filled,
        then: @escaping (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        .send(Request(call: call, access: access) { after($0, onlyReads: false, then) })
    }

    /// Sends a call that only reads: its failure leaves the target as it was.
    static func read(
        _ call: AWSCall,
        _ access: AWSAccess.Filled,
        then: @escaping (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        .send(
            Request(call: call, access: access, onlyReads: true) {
                after($0, onlyReads: true, then)
            }
        )
    }

    /// Sends a call to an API that is not AWS's; its failure ends the start.
    ///
    /// Where it only reads, its failure leaves the target as it was.
    static func ask(
        _ call: APICall,
        onlyReads: Bool,
        then: @escaping (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        .ask(Question(call: call) { after($0, onlyReads: onlyReads, then) })
    }

    private static func after(
        _ result: Result<HTTPResponse, CallError>,
        onlyReads: Bool,
        _ then: (HTTPResponse) throws(CallError) -> StartStep
    ) -> StartStep {
        do throws(CallError) {
            return try then(result.get())
        } catch {
            return .ended(StartOutcome(onlyReads ? error.havingDoneNothing : error))
        }
    }
}

extension Start {
    /// What the start begins with.
    ///
    /// - Parameter isProtected: the service still knows the client token of an earlier request.
    func firstStep(_ secrets: KeptSecrets, at now: Timestamp, isProtected: Bool) -> StartStep {
        switch action {
        case .codePipeline(let pipeline): pipeline.begin(self)
        case .codeBuild(let build): build.begin(self, isProtected: isProtected)
        case .openShiftBuild(let build): build.begin(self, secrets)
        case .kubernetesDeployment(let deployment): deployment.begin(self, secrets)
        case .eventBridge(let event): event.begin(self)
        case .pullRequestPipeline(let pipeline):
            PullRequestPipelineStart(pipeline, self, secrets, at: now).begin()
        }
    }
}
