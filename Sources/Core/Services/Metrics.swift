internal import Codec
internal import Platform

/// Writes a function's metrics, at most one line for each invocation.
struct Metrics {
    /// The function's name in Lambda; without one nobody reads metrics.
    let functionName: String?
    let log: Logger

    private static let namespace = "Pointsman"

    func write(_ metrics: [EmbeddedMetrics.Metric]) {
        guard let functionName, !metrics.isEmpty else { return }
        log.write(
            EmbeddedMetrics(namespace: Self.namespace, function: functionName, metrics)
        )
    }
}
