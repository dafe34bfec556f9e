internal import Codec

/// What the status of one commit and context is to be, and whether it is: the object at
/// ``BucketKeys/status(of:in:of:context:)``.
package struct StatusRecord: Equatable, Sendable {
    let place: StatusPlace
    /// The newest that is to be said.
    package private(set) var wanted: WantedStatus
    /// The provider has been told it, or has refused it.
    package private(set) var isSet = false
    /// Why the provider has refused it.
    package private(set) var refusal: String?
    /// The attempt that is telling the provider; nobody else may until its lease ends.
    private(set) var holder: String?
    private(set) var leaseExpires: Timestamp?

    /// A status that has not been set.
    init(_ place: StatusPlace, _ wanted: WantedStatus) {
        self.place = place
        self.wanted = wanted
    }

    /// Makes it say something newer; false where that is not newer.
    ///
    /// What reads the same to people is not set again.
    mutating func raise(to other: WantedStatus) -> Bool {
        guard wanted.givesWay(to: other) else { return false }
        let other = other.keeping(wanted)
        if !wanted.reads(as: other, at: place.source) {
            isSet = false
            refusal = nil
        }
        wanted = other
        return true
    }

    /// Whether another attempt than this one is setting it.
    func isHeld(byOtherThan holder: String, at now: Timestamp) -> Bool {
        guard let other = self.holder, let leaseExpires, !isSame(other, holder) else {
            return false
        }
        return now < leaseExpires && leaseExpires <= now.longestLease
    }

    /// Whether an attempt has the claim, be its lease over or not.
    func isClaimed(by holder: String) -> Bool { self.holder.map { isSame($0, holder) } ?? false }

    /// Claims the setting of it.
    mutating func claim(for holder: String, until lease: Timestamp) {
        self.holder = holder
        leaseExpires = lease
    }

    /// The provider has been told a status, or has refused it; false if it is not that which is to be
    /// said by now.
    mutating func settle(_ told: WantedStatus, refusal: String?) -> Bool {
        guard wanted.reads(as: told, at: place.source) else { return false }
        isSet = true
        self.refusal = refusal
        giveUp()
        return true
    }

    /// Gives the claim up.
    mutating func giveUp() {
        holder = nil
        leaseExpires = nil
    }
}

/// What a status is about.
struct StatusPlace: Equatable, Sendable {
    var source: Change.Source
    var repository: String
    var sha: String
    var context: String
    /// The branch or tag that was pushed, or a pull request's head: GitLab wants to be told.
    var ref: String?

    /// `ci/api of octo/mono@6dcb09b…`.
    var description: String { "\(context) of \(repository)@\(sha)" }
}

extension BucketKeys {
    /// The status of one commit and context.
    func status(of place: StatusPlace) -> String {
        status(of: place.sha, in: place.repository, of: place.source, context: place.context)
    }
}

/// What is to be said of a commit, and what it must not replace.
package struct WantedStatus: Equatable, Sendable {
    package var status: CommitStatus
    var ruleKey: String
    var delivery: String
    /// The run that it tells of; `nil` if none was started.
    var run: RunName?
    /// When the run was started; without one, when it was decided.
    var startedAt: Timestamp
    /// The identity of the start; empty if none was started.
    var start: String
    /// How far the run has come; `nil` if no event has told of it.
    var progress: RunProgress?
    /// What it was decided for: `pull_request:7`, `push`; empty if an error stands for several of them.
    var origin = ""

    /// The status of a rule that has started no run.
    init(_ status: CommitStatus, of ruleKey: String, _ delivery: String, at decided: Timestamp) {
        self.status = status
        self.ruleKey = ruleKey
        self.delivery = delivery
        startedAt = decided
        start = ""
    }

    /// The status of a run.
    init(_ run: RunRecord, named name: RunName, failedPart: String? = nil) {
        status = run.status(failedPart: failedPart)
        ruleKey = run.ruleKey
        delivery = run.delivery
        self.run = name
        startedAt = run.startedAt
        start = run.start
        progress = run.isFresh ? nil : run.progress
    }

    /// Whether another one is newer: told of a run that was started later, or later of the same run.
    ///
    /// That a rule skips the commit takes nothing back that a run has shown, and whatever a run shows counts
    /// more: a success must not come from a rule that looked at fewer paths. Nor does it take back the error of
    /// another pull request that is at the same commit, whose paths are others.
    ///
    /// Of one delivery a run counts more than an error, whichever was told first: another attempt at the same
    /// delivery finds the claim of the one that starts it, and says that it could not.
    func givesWay(to other: WantedStatus) -> Bool {
        let areOfOne =
            run == nil && other.run == nil && !origin.isEmpty && isSame(origin, other.origin)
        if isSkip != other.isSkip, !areOfOne { return isSkip }
        if (run == nil) != (other.run == nil), !isSkip, !other.isSkip,
            isSame(delivery, other.delivery)
        {
            return run == nil
        }
        if startedAt != other.startedAt { return startedAt < other.startedAt }
        if !isSame(start, other.start) { return isBefore(start.utf8.span, other.start.utf8.span) }
        guard let theirs = other.progress else { return false }
        return progress.map { $0 < theirs } ?? true
    }

    /// The same status as it replaces another one: errors of two origins are the error of several.
    func keeping(_ other: WantedStatus) -> WantedStatus {
        var kept = self
        let areErrors = run == nil && other.run == nil && !isSkip && !other.isSkip
        if areErrors, !isSame(origin, other.origin) { kept.origin = "" }
        return kept
    }

    /// Whether a provider shows the same for another one.
    func reads(as other: WantedStatus, at source: Change.Source) -> Bool {
        status == other.status && (source != .gitlab || gitLabState == other.gitLabState)
    }

    /// Of several rules of one record that have the same context, that with the most counts.
    var weight: Int { run != nil ? 2 : isSkip ? 0 : 1 }

    private var isSkip: Bool { run == nil && status.state == .success }
}

extension WantedStatus {
    /// The status in GitLab's words.
    var gitLabState: String {
        switch (status.state, progress?.state) {
        case (.pending, nil): "pending"
        case (.pending, .some): "running"
        case (.success, _): "success"
        case (_, .stopping?), (_, .stopped?), (_, .canceled?), (_, .cancelled?), (_, .superseded?):
            "canceled"
        case (.failure, _), (.error, _): "failed"
        }
    }
}

extension StatusRecord {
    /// The record as it is stored: a JSON object.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", place.source.rawValue)
            json.member("repository", place.repository)
            json.member("sha", place.sha)
            json.member("context", place.context)
            json.member("ref", place.ref)
            json.member("status", wanted.status.state.rawValue)
            json.member("description", wanted.status.description)
            json.member("targetUrl", wanted.status.targetURL)
            json.member("rule", wanted.ruleKey)
            json.member("delivery", wanted.delivery)
            json.member("origin", wanted.origin)
            json.member("run", wanted.run?.text)
            json.member("startedAt", wanted.startedAt.iso8601Milliseconds)
            json.member("start", wanted.start)
            json.member("state", wanted.progress?.state.rawValue)
            json.member("stateTime", wanted.progress?.time.iso8601Milliseconds)
            json.member("attempt", wanted.progress?.attempt)
            json.member("set", isSet)
            json.member("refusal", refusal)
            json.member("holder", holder)
            json.member("leaseExpires", leaseExpires?.iso8601Milliseconds)
        }
        return json.bytes
    }

    /// Reads a record; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes),
            let source = json["source"]?.string.flatMap(Change.Source.init(rawValue:)),
            let repository = json["repository"]?.string, let sha = json["sha"]?.string,
            let context = json["context"]?.string,
            let state = json["status"]?.string.flatMap(CommitState.init(rawValue:)),
            let startedAt = json.timestamp("startedAt")
        else { return nil }
        place = StatusPlace(
            source: source,
            repository: repository,
            sha: sha,
            context: context,
            ref: json["ref"]?.string
        )
        let status = CommitStatus(
            state: state,
            kept: json["description"]?.string ?? "",
            targetURL: json["targetUrl"]?.string
        )
        wanted = WantedStatus(
            status,
            of: json["rule"]?.string ?? "",
            json["delivery"]?.string ?? "",
            at: startedAt
        )
        wanted.run = json["run"]?.string.flatMap(RunName.init)
        wanted.origin = json["origin"]?.string ?? ""
        wanted.start = json["start"]?.string ?? ""
        wanted.progress = RunProgress(json)
        isSet = json["set"]?.bool ?? false
        refusal = json["refusal"]?.string
        holder = json["holder"]?.string
        leaseExpires = json.timestamp("leaseExpires")
    }
}
