internal import Codec
internal import Platform

/// What one invocation of `evaluate` has come to so far, as metrics.
struct EvaluationMetrics {
    private var started = 0
    private var latency: Int?
    private var last: [RuleOutcome]?

    /// Counts a record of this invocation; what was started by one before it stays counted.
    ///
    /// A failure that will be retried is none yet: the invocation fails, which Lambda counts.
    mutating func count(_ outcomes: [RuleOutcome], of change: Change, at now: Timestamp) {
        let started = outcomes.count { $0.outcome == .started }
        self.started += started
        last = outcomes
        guard started > 0, latency == nil else { return }
        let pushedAt = change.eventTime ?? change.receivedAt
        // The provider's clock may be ahead of this one.
        latency = max(0, now.milliseconds - pushedAt.milliseconds)
    }

    /// None where nothing was decided.
    var metrics: [EmbeddedMetrics.Metric] {
        guard let last else { return [] }
        var metrics: [EmbeddedMetrics.Metric] = [
            .init("Started", started),
            .init("Skipped", last.count { $0.outcome == .skipped }),
            .init("Failed", last.count { $0.outcome == .failed && !$0.willBeRetried }),
            .init("InvalidRules", last.count { $0.outcome == .invalid }),
        ]
        if let latency { metrics.append(.init("StartLatency", latency, .milliseconds)) }
        return metrics
    }
}
