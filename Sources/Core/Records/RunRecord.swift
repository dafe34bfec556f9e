package import Codec

/// What a run belongs to, and how far it has come: the object at ``BucketKeys/run(_:)``.
///
/// `evaluate` writes it before the decision record, and `report` what events tell of the run.
package struct RunRecord: Equatable, Sendable {
    var source: Change.Source
    var repository: String
    /// The commit.
    var sha: String
    /// The context of its status.
    var context: String
    /// The branch or tag that was pushed, or a pull request's head; GitLab's statuses name it.
    var ref: String?
    var ruleKey: String
    var delivery: String
    /// The key of the decision record.
    var recordKey: String
    var pullRequest: Int?
    var target: RunTarget
    /// When the request was sent that started it.
    var startedAt: Timestamp
    /// The identity of the start.
    var start: String
    /// When the change happened, by the provider's clock if that is known.
    var pushedAt: Timestamp
    /// The execution's or the build's id; `nil` of a pipeline's first run until an event tells it.
    var id: String?
    package var progress: RunProgress

    /// The record of a run that a start has begun; `nil` if its target's end is never told.
    ///
    /// - Parameters:
    ///   - recordKey: The key of the decision record.
    ///   - region: The one of targets that name none.
    init?(
        _ start: Start,
        _ name: RunName,
        recordKey: String,
        region: String,
        startedAt: Timestamp
    ) {
        let change = start.change
        guard let context = start.status, let sha = change.after,
            let target = RunTarget(start, region: region)
        else { return nil }
        source = change.source
        repository = change.repository
        self.sha = sha
        self.context = context
        ref = change.statusRef
        ruleKey = start.ruleKey
        delivery = change.delivery
        self.recordKey = recordKey
        pullRequest = change.pullRequest?.number
        self.target = target
        self.startedAt = startedAt
        self.start = start.identity
        pushedAt = change.eventTime ?? change.receivedAt
        id = name.id
        progress = RunProgress(.started, at: startedAt, attempt: 1)
    }

    /// What its status is about.
    var place: StatusPlace {
        StatusPlace(
            source: source,
            repository: repository,
            sha: sha,
            context: context,
            ref: ref
        )
    }

    /// The console's page of the run; `nil` in partitions whose console is elsewhere.
    package var consoleURL: String? { target.consoleURL(ofRun: id) }

    /// Whether no event has told of it yet.
    ///
    /// Events have whole seconds, by another clock: none is older than what was written here.
    var isFresh: Bool { progress.time == startedAt }

    /// What its status is.
    ///
    /// - Parameter failedPart: The action or the phase that has failed: `action Test of stage Build`.
    func status(failedPart: String? = nil) -> CommitStatus {
        let name = "\(target.kind) \(target.name)"
        let (state, words): (CommitState, String) =
            switch progress.state {
            case .started, .resumed, .inProgress:
                (
                    .pending,
                    "started \(name)\(progress.attempt > 1 ? ", attempt \(progress.attempt)" : "")"
                )
            case .stopping: (.error, "\(name) is being stopped")
            case .succeeded: (.success, "\(name) succeeded")
            case .failed, .fault: (.failure, "\(name) failed")
            case .timedOut: (.failure, "\(name) timed out")
            case .stopped: (.error, "\(name) was stopped")
            case .canceled, .cancelled: (.error, "\(name) was canceled")
            case .superseded: (.error, "superseded by a newer run")
            }
        let part = state == .failure ? failedPart.map { ": \($0)" } ?? "" : ""
        return CommitStatus(state, words + part, targetURL: target.consoleURL(ofRun: id))
    }
}

/// What was started, and where it is found.
package struct RunTarget: Equatable, Sendable {
    /// The target's name in a rule: `CodePipeline`.
    var kind: String
    /// The pipeline's or the project's.
    var name: String
    var region: String
    /// The role that it was started with; `nil` for the function's own.
    var roleARN: String?

    package init(kind: String, name: String, region: String, roleARN: String?) {
        self.kind = kind
        self.name = name
        self.region = region
        self.roleARN = roleARN
    }

    /// What a start is meant for; `nil` of a target whose end AWS does not tell.
    ///
    /// - Parameter region: The one of targets that name none.
    init?(_ start: Start, region: String) {
        guard let access = start.action.access else { return nil }
        let target = start.action.facts.target
        self.init(
            kind: target.kind,
            name: target.name,
            region: access.region ?? region,
            roleARN: access.roleARN
        )
    }

    /// Writes the member `target`.
    func write(to json: inout JSONWriter) {
        json.object("target") { json in
            json.member("kind", kind)
            json.member("name", name)
            json.member("region", region)
            json.member("roleArn", roleARN)
        }
    }

    /// Reads the member `target`.
    init?(_ json: JSON) {
        guard let target = json["target"], let kind = target["kind"]?.string,
            let name = target["name"]?.string, let region = target["region"]?.string
        else { return nil }
        self.init(kind: kind, name: name, region: region, roleARN: target["roleArn"]?.string)
    }

    var isBuild: Bool { kind == Target.Kind.codeBuild.rawValue }

    /// The console's page of a run, in the form without an account; `nil` in partitions whose console is
    /// elsewhere.
    package func consoleURL(ofRun id: String?) -> String? {
        guard let domain = Self.consoleDomain(ofRegion: region) else { return nil }
        var parts = ["https://", region, ".console.", domain, "/codesuite/"]
        parts.append(isBuild ? "codebuild/projects/" : "codepipeline/pipelines/")
        parts.append(PercentEncoding.encode(name))
        if let id {
            parts.append(isBuild ? "/build/" : "/executions/")
            parts.append(PercentEncoding.encode(id))
        } else if !isBuild {
            parts.append("/view")
        }
        return (parts + ["?region=", region]).joined("")
    }

    private static func consoleDomain(ofRegion region: String) -> String? {
        let region = region.utf8
        if region.starts(with: "cn-".utf8) { return "amazonaws.cn" }
        if region.starts(with: "us-gov-".utf8) { return "amazonaws-us-gov.com" }
        if region.starts(with: "eusc-".utf8) { return "amazonaws-eusc.eu" }
        let isIsolated = region.split(separator: UInt8(ascii: "-")).dropFirst().first?
            .starts(with: "iso".utf8)
        return isIsolated == true ? nil : "aws.amazon.com"
    }
}

/// How far a run has come, as the latest of its events tells.
package struct RunProgress: Equatable, Comparable, Sendable {
    package var state: RunState
    /// When it came to that state; events have whole seconds.
    package var time: Timestamp
    /// A pipeline's stages may be tried again in the same execution; from 1.
    package var attempt: Int

    init(_ state: RunState, at time: Timestamp, attempt: Int) {
        self.state = state
        self.time = time
        self.attempt = attempt
    }

    /// Events come late, twice and out of order: by attempt, then time; of the same second an end stands.
    package static func < (one: RunProgress, other: RunProgress) -> Bool {
        if one.attempt != other.attempt { return one.attempt < other.attempt }
        let (second, otherSecond) = (one.time.milliseconds / 1_000, other.time.milliseconds / 1_000)
        if second != otherSecond { return second < otherSecond }
        return one.state.rank < other.state.rank
    }

    /// Whether neither is older.
    func isAsOld(as other: RunProgress) -> Bool { !(self < other) && !(other < self) }
}

/// The states of executions and builds, in AWS's words.
package enum RunState: String, Sendable, CaseIterable {
    case started = "STARTED"
    case resumed = "RESUMED"
    case inProgress = "IN_PROGRESS"
    case stopping = "STOPPING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case fault = "FAULT"
    case timedOut = "TIMED_OUT"
    case stopped = "STOPPED"
    case canceled = "CANCELED"
    case cancelled = "CANCELLED"
    case superseded = "SUPERSEDED"

    /// Of two states at the same time that with the higher rank stands; no success does but over a run
    /// that goes on.
    fileprivate var rank: Int {
        switch self {
        case .started, .resumed, .inProgress: 0
        case .stopping: 1
        case .succeeded: 2
        case .failed, .fault, .timedOut: 3
        case .stopped: 4
        case .canceled, .cancelled: 5
        case .superseded: 6
        }
    }

    /// Whether the action or the phase that failed is of interest.
    var isFailure: Bool { rank == 3 }

    /// Whether the run has ended.
    var isEnd: Bool { rank > 1 }
}

extension RunRecord {
    /// The record as it is stored: a JSON object.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.rawValue)
            json.member("repository", repository)
            json.member("sha", sha)
            json.member("context", context)
            json.member("ref", ref)
            json.member("rule", ruleKey)
            json.member("delivery", delivery)
            json.member("record", recordKey)
            json.member("pullRequest", pullRequest)
            target.write(to: &json)
            json.member("startedAt", startedAt.iso8601Milliseconds)
            json.member("state", progress.state.rawValue)
            json.member("stateTime", progress.time.iso8601Milliseconds)
            json.member("attempt", progress.attempt)
            json.member("start", start)
            json.member("pushedAt", pushedAt.iso8601Milliseconds)
            json.member("id", id)
        }
        return json.bytes
    }

    /// Reads a record; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes),
            let source = json["source"]?.string.flatMap(Change.Source.init(rawValue:)),
            let repository = json["repository"]?.string, let sha = json["sha"]?.string,
            let context = json["context"]?.string,
            let target = RunTarget(json),
            let startedAt = json.timestamp("startedAt"), let progress = RunProgress(json)
        else { return nil }
        self.source = source
        self.repository = repository
        self.sha = sha
        self.context = context
        ref = json["ref"]?.string
        ruleKey = json["rule"]?.string ?? ""
        delivery = json["delivery"]?.string ?? ""
        recordKey = json["record"]?.string ?? ""
        pullRequest = json["pullRequest"]?.int
        self.target = target
        self.startedAt = startedAt
        start = json["start"]?.string ?? ""
        pushedAt = json.timestamp("pushedAt") ?? startedAt
        id = json["id"]?.string
        self.progress = progress
    }
}

extension RunProgress {
    /// Reads `state`, `stateTime` and `attempt`.
    init?(_ json: JSON) {
        guard let state = json["state"]?.string.flatMap(RunState.init(rawValue:)),
            let time = json.timestamp("stateTime")
        else { return nil }
        self.init(state, at: time, attempt: json["attempt"]?.int ?? 1)
    }
}
