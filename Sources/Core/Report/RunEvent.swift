internal import AWS
package import Codec

/// What an event of EventBridge tells of a run.
package struct RunEvent: Equatable, Sendable {
    /// What the run is kept under.
    let name: RunName
    /// The execution's or the build's id.
    let id: String
    /// The pipeline; `nil` of a build.
    let pipeline: String?
    let region: String
    /// The account that it runs in; `nil` if the event does not tell.
    let account: String?
    let progress: RunProgress
    /// The phase of a build that has failed: `phase BUILD`.
    let failedPhase: String?

    static let ofPipelines = "CodePipeline Pipeline Execution State Change"
    static let ofBuilds = "CodeBuild Build State Change"

    /// Reads an event of one of the two kinds; `nil` if it lacks something that all of them have, or is about
    /// a state that there was none of when this was written.
    package init?(_ event: JSON) {
        guard let detail = event["detail"], let region = event["region"]?.string,
            let time = event.timestamp("time")
        else { return nil }
        self.region = region
        account = event["account"]?.string
        let state: String?
        var attempt = 1
        switch event["detail-type"]?.string {
        case Self.ofPipelines:
            guard let pipeline = detail["pipeline"]?.string, let id = detail["execution-id"]?.string
            else { return nil }
            (name, self.id, self.pipeline) = (.execution(id), id, pipeline)
            failedPhase = nil
            state = detail["state"]?.string
            attempt = detail["pipeline-execution-attempt"]?.wholeNumber ?? 1
        case Self.ofBuilds:
            guard let arn = detail["build-id"]?.string.flatMap({ ARN($0) }),
                arn.resource.utf8.starts(with: "build/".utf8)
            else { return nil }
            id = String(decoding: arn.resource.utf8.dropFirst(6), as: UTF8.self)
            (name, pipeline) = (.build(id), nil)
            failedPhase = Self.failedPhase(detail["additional-information"]?["phases"])
            state = detail["build-status"]?.string
        default: return nil
        }
        guard let state = state.flatMap(RunState.init(rawValue:)) else { return nil }
        progress = RunProgress(state, at: time, attempt: attempt)
    }

    private static func failedPhase(_ phases: JSON?) -> String? {
        for phase in phases?.array ?? [] {
            guard let status = phase["phase-status"]?.string.flatMap(RunState.init(rawValue:)),
                status.isFailure, let type = phase["phase-type"]?.string
            else { continue }
            return "phase \(type)"
        }
        return nil
    }
}

extension JSON {
    /// A whole number, also one that is written `2.0`, as these events do, or as a text.
    fileprivate var wholeNumber: Int? {
        let text: String
        switch self {
        case .number(let number): text = number
        case .string(let string): text = string
        default: return nil
        }
        return Int(String(decoding: text.utf8.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
    }
}
