internal import AWS
internal import Codec
internal import Platform

/// Sets the statuses of commits, so that none is set twice and no older one stays.
///
/// Invocations about the same commit run at the same time: the record of the start, the first event, an end a
/// second later, each of them twice. The status object holds what is to be said, and who is saying it:
///
/// - **Raise.** What is newer is written over what is there, by compare-and-swap, also while another
///   invocation is setting the status. So the object says what is to be said before the provider is told.
/// - **Claim.** Only one invocation tells the provider, until its own end at the latest. So no older status can
///   overtake a newer one on the way.
/// - **Settle.** After the provider's answer the object is marked, on condition that it is unchanged. If it says
///   something newer by then, the same invocation sets that too.
///
/// An invocation that finds another one at work leaves, if that will say the same; else it waits, and takes the
/// claim over once it is given up or has ended. A crash before the claim loses nothing, since Lambda has the event
/// or the record come again, which finds the status not set. After a crash between the provider's answer and the
/// mark, or a lost answer, the status is set once more: the same one, which does no harm.
final class StatusSetter {
    private let services: Services
    private let providers: StatusProviders
    private let holder: String
    private let lease: Deadline
    let deadline: Deadline

    /// - Parameters:
    ///   - holder: names this attempt, and no other.
    ///   - lease: when the claims end.
    init(
        services: Services,
        providers: StatusProviders,
        holder: String,
        lease: Deadline,
        deadline: Deadline
    ) {
        self.services = services
        self.providers = providers
        self.holder = holder
        self.lease = lease
        self.deadline = deadline
    }

    /// What came of it.
    enum Outcome: Equatable {
        case set
        /// There was nothing to set.
        case unchanged
        /// The provider does not take it; its words.
        case refused(String)
    }

    /// Why a status has not been set, and is worth another attempt.
    struct Unset: Error, Equatable {
        var reason: String
        /// The provider is called too often: others have to wait too.
        var isLimit = false
    }

    /// Milliseconds between two looks at a status that another invocation sets.
    static let pause = 500

    /// Sets a status if it is newer than what is there.
    func set(_ wanted: WantedStatus, of place: StatusPlace) throws(Unset) -> Outcome {
        let key = services.keys.status(of: place)
        var outcome = Outcome.unchanged
        // A run's first status is mostly the commit's first too.
        var isProbablyNew = wanted.progress == nil
        while true {
            switch try claim(key, wanted, of: place, isProbablyNew: isProbablyNew) {
            case .settled: return outcome
            case .held:
                guard Self.pause < deadline.remaining(at: services.clock.now()) else {
                    throw Unset(reason: "another invocation has been setting it")
                }
                services.clock.sleep(Self.pause)
            case .mine(let record, let etag):
                outcome = try tell(record)
                if try settle(key, record, etag: etag, outcome) { return outcome }
            }
            isProbablyNew = false
        }
    }
}

/// Claim.
extension StatusSetter {
    private enum Claim {
        /// It is set, or another invocation is setting the same.
        case settled
        /// Another invocation is setting something else.
        case held
        case mine(StatusRecord, etag: String)
    }

    private func claim(
        _ key: String,
        _ wanted: WantedStatus,
        of place: StatusPlace,
        isProbablyNew: Bool
    ) throws(Unset) -> Claim {
        var fresh = StatusRecord(place, wanted)
        fresh.claim(for: holder, until: lease.expires)
        var claim = isProbablyNew ? Claim.mine(fresh, etag: "") : .settled
        let edit = { [self, fresh] (object: S3.StoredObject?) -> S3Update.Content? in
            guard let found = object.flatMap({ StatusRecord(parsing: $0.body) }) else {
                claim = .mine(fresh, etag: "")
                return S3Update.Content(fresh.encoded())
            }
            var record = found
            let isRaised = record.raise(to: wanted)
            claim = .settled
            if !record.isSet {
                guard record.isHeld(byOtherThan: holder, at: services.clock.now()) else {
                    record.claim(for: holder, until: lease.expires)
                    claim = .mine(record, etag: "")
                    return S3Update.Content(record.encoded())
                }
                // What the other one sets is older, or it is this very status, which it may not come to set.
                let isAwaited =
                    isRaised
                    ? !record.wanted.reads(as: found.wanted, at: place.source)
                    : !wanted.givesWay(to: found.wanted)
                if isAwaited { claim = .held }
            }
            return isRaised ? S3Update.Content(record.encoded()) : nil
        }
        let update =
            isProbablyNew
            ? S3Update(
                of: key,
                in: services.s3,
                writing: S3Update.Content(fresh.encoded()),
                if: .absent,
                otherwise: edit
            ) : S3Update(of: key, in: services.s3, edit: edit)
        do throws(CallError) {
            let end = try services.client.update(update, deadline: deadline)
            guard case .stored(let etag) = end, case .mine(let record, _) = claim else {
                return claim
            }
            return .mine(record, etag: etag)
        } catch {
            throw Unset(reason: error.description)
        }
    }
}

/// Tell the provider, and settle.
extension StatusSetter {
    /// Tells the provider; a limit that ends in time was waited for.
    private func tell(_ record: StatusRecord) throws(Unset) -> Outcome {
        do throws(APIProblem) {
            try providers.set(record.wanted, of: record.place, deadline: deadline)
            return .set
        } catch {
            switch error.kind {
            case .refused: return .refused(error.description)
            case .limited:
                giveUp(record)
                throw Unset(reason: error.description, isLimit: true)
            case .failed:
                giveUp(record)
                throw Unset(reason: error.description)
            }
        }
    }

    /// Marks what the provider was told; false if something else is to be said by now.
    private func settle(
        _ key: String,
        _ record: StatusRecord,
        etag: String,
        _ told: Outcome
    ) throws(Unset) -> Bool {
        let wanted = record.wanted
        var refusal: String?
        if case .refused(let words) = told { refusal = words }
        var isSettled = true
        var settled = record
        _ = settled.settle(wanted, refusal: refusal)
        let update = S3Update(
            of: key,
            in: services.s3,
            writing: S3Update.Content(settled.encoded()),
            if: .unchanged(etag: etag)
        ) { [self, refusal] object in
            isSettled = true
            guard var found = object.flatMap({ StatusRecord(parsing: $0.body) }),
                found.isClaimed(by: holder)
            else { return nil }
            isSettled = found.settle(wanted, refusal: refusal)
            return isSettled ? S3Update.Content(found.encoded()) : nil
        }
        do throws(CallError) {
            try services.client.update(update, deadline: lease)
            return isSettled
        } catch {
            throw Unset(reason: "it was set, and that could not be written down: \(error)")
        }
    }

    /// Lets other invocations set it; if that cannot be written, the claim's lease ends anyway.
    private func giveUp(_ record: StatusRecord) {
        let update = S3Update(of: services.keys.status(of: record.place), in: services.s3) {
            [self] object in
            guard var found = object.flatMap({ StatusRecord(parsing: $0.body) }),
                found.isClaimed(by: holder)
            else { return nil }
            found.giveUp()
            return S3Update.Content(found.encoded())
        }
        _ = try? services.client.update(update, deadline: lease)
    }
}

/// The providers whose commits have statuses.
struct StatusProviders {
    private let gitHub: GitHubAccess?
    private let gitea: TokenAccess?
    private let gitLab: TokenAccess?

    /// Reads what each of them is called with.
    init(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        gitHub = GitHubAccess(environment, services: services, noting: &problems)
        gitea = TokenAccess("GITEA", environment, services: services, noting: &problems)
        gitLab = TokenAccess("GITLAB", environment, services: services, noting: &problems)
    }

    /// Sets a status of a commit.
    func set(
        _ wanted: WantedStatus,
        of place: StatusPlace,
        deadline: Deadline
    ) throws(APIProblem) {
        let status = wanted.status
        switch place.source {
        case .github:
            guard let gitHub else { throw .missingToken("GITHUB_TOKEN_ARN") }
            let call = gitHub.api.createStatus(
                of: place.sha,
                in: place.repository,
                state: status.state,
                targetURL: status.targetURL,
                description: status.description,
                context: place.context
            )
            let purpose = GitHubPurpose.statuses(repository: place.repository)
            _ = try gitHub.send(call, for: purpose, deadline: deadline)
        case .gitea:
            guard let gitea else { throw .missingToken("GITEA_TOKEN_ARN") }
            let call = GiteaAPI(url: gitea.url).createStatus(
                of: place.sha,
                in: place.repository,
                state: status.state,
                targetURL: status.targetURL,
                description: status.description,
                context: place.context
            )
            _ = try gitea.calls.send(call, deadline: deadline)
        case .gitlab:
            guard let gitLab else { throw .missingToken("GITLAB_TOKEN_ARN") }
            let call = GitLabAPI(url: gitLab.url).createStatus(
                of: place.sha,
                in: place.repository,
                state: wanted.gitLabState,
                ref: place.ref,
                targetURL: status.targetURL,
                description: status.description,
                context: place.context
            )
            let response = try gitLab.calls.send(call, deadline: deadline)
            // GitLab that does not go to this status has a newer one, or this very one.
            guard response.status == 201 || GitLabAPI.isRefusedTransition(response) else {
                let kind: APIProblem.Kind = response.status == 409 ? .failed : .refused
                throw APIProblem(kind, CallError(call, response))
            }
        case .codecommit, .dockerhub, .ecr:
            throw APIProblem(.refused, "\(place.source.rawValue) has no statuses")
        }
    }
}

extension APIProblem {
    fileprivate static func missingToken(_ variable: String) -> APIProblem {
        APIProblem(.refused, "there is no token: \(variable) is missing")
    }
}
