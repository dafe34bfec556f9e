internal import Codec

/// A run that a rule with `Supersede` has started for a pull request and that may be going on: a member
/// of `runs` in a ``StartHead``.
struct HeadRun: Equatable, Sendable {
    /// The execution or the build.
    var name: RunName
    /// The commit that it runs on.
    var after: String
    /// Where it runs, and as whom it was started, which the rule may say otherwise by now.
    var target: RunTarget
    /// A newer run was started and this one is still to be stopped: an attempt to do so has failed.
    var isDue = false

    init(name: RunName, after: String, target: RunTarget, isDue: Bool = false) {
        self.name = name
        self.after = after
        self.target = target
        self.isDue = isDue
    }

    /// The run that a start has begun; `nil` if no newer one may stop it.
    ///
    /// - Parameter region: The one of targets that name none.
    init?(_ start: Start, _ name: RunName?, region: String) {
        guard start.supersedes, let name, name.id != nil,
            let target = RunTarget(start, region: region)
        else { return nil }
        self.init(name: name, after: start.change.after ?? "", target: target)
    }

    func write(to json: inout JSONWriter) {
        json.member("run", name.text)
        json.member("after", after)
        target.write(to: &json)
        if isDue { json.member("due", true) }
    }

    init?(_ json: JSON) {
        guard let name = json["run"]?.string.flatMap(RunName.init), name.id != nil,
            let target = RunTarget(json)
        else { return nil }
        self.name = name
        self.after = json["after"]?.string ?? ""
        self.target = target
        self.isDue = json["due"]?.bool ?? false
    }
}

/// What became of an earlier run of a pull request once a newer one was started, or the pull request
/// was closed: a member of `superseded` in a ``DecisionRecord``.
package struct StoppedRun: Equatable, Sendable {
    package enum End: Equatable, Sendable {
        case stopped
        /// It had ended by itself, or been stopped by somebody else.
        case ended
        /// It goes on, and is not stopped by another attempt; why.
        case refused(String)
        /// It is stopped by another attempt, if that succeeds; why not by this one.
        case pending(String)
    }

    package var name: RunName
    /// The commit that it ran on.
    package var after: String
    package var end: End

    /// The execution's or the build's id.
    package var id: String { name.id ?? name.text }

    /// `stopped`, `ended before`, `not stopped: …`.
    package var words: String {
        switch end {
        case .stopped: Self.stopped
        case .ended: Self.endedBefore
        case .refused(let why): Self.notStopped + why
        case .pending(let why): Self.notStopped + why + Self.willBeRetried
        }
    }

    /// Whether another attempt is to stop it.
    var isPending: Bool {
        if case .pending = end { true } else { false }
    }

    private static let stopped = "stopped"
    private static let endedBefore = "ended before"
    private static let notStopped = "not stopped: "
    private static let willBeRetried = "; it is tried again"

    init(_ run: HeadRun, _ end: End) {
        name = run.name
        after = run.after
        self.end = end
    }

    func write(to json: inout JSONWriter) {
        json.member("run", name.text)
        json.member("after", after)
        json.member("result", words)
    }

    init?(_ json: JSON) {
        guard let name = json["run"]?.string.flatMap(RunName.init),
            let words = json["result"]?.string
        else { return nil }
        self.name = name
        self.after = json["after"]?.string ?? ""
        if isSame(words, Self.stopped) {
            end = .stopped
        } else if isSame(words, Self.endedBefore) {
            end = .ended
        } else {
            let why =
                words.utf8.starts(with: Self.notStopped.utf8)
                ? String(decoding: words.utf8.dropFirst(Self.notStopped.utf8.count), as: UTF8.self)
                : words
            end = .refused(why)
        }
    }
}

extension [StoppedRun] {
    /// Those of several attempts: of each run the last.
    func merged(with later: [StoppedRun]) -> [StoppedRun] {
        filter { run in !later.contains { isSame($0.name.text, run.name.text) } } + later
    }

    /// What a start has come to that ends the runs of a pull request, once these were to be stopped.
    var result: StartResult {
        var stopped: [String] = []
        var hasGoneOn = false
        for run in self {
            switch run.end {
            case .pending(let why): return .pending(why)
            case .stopped: stopped.append(run.id)
            case .refused: hasGoneOn = true
            case .ended: break
            }
        }
        if !stopped.isEmpty { return .started("stopped \(stopped.joined(", "))") }
        return .unchanged(hasGoneOn ? "no run was stopped" : StartResult.noRun)
    }
}
