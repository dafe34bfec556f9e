internal import Codec

/// Metrics of one invocation, as a log line that CloudWatch Logs makes metrics of: its embedded
/// metric format
/// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
package struct EmbeddedMetrics: Sendable {
    package enum Unit: String, Sendable {
        case count = "Count"
        case milliseconds = "Milliseconds"
    }

    package struct Metric: Equatable, Sendable {
        package var name: String
        package var value: Int
        package var unit: Unit

        package init(_ name: String, _ value: Int, _ unit: Unit = .count) {
            self.name = name
            self.value = value
            self.unit = unit
        }
    }

    private let namespace: String
    private let function: String
    private let metrics: [Metric]

    /// Makes the metrics of a function, which is their one dimension: every combination of
    /// several would cost as a metric of its own.
    package init(namespace: String, function: String, _ metrics: [Metric]) {
        self.namespace = namespace
        self.function = function
        self.metrics = metrics
    }

    /// The line, `_aws` at its root in every log format.
    ///
    /// Lambda drops what is below the function's log level, and takes a line without a level for
    /// INFO (its "Log-level filtering"): the level here is one that is not dropped.
    func line(_ level: LogLevel, at time: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("timestamp", time.iso8601Milliseconds)
            writer.member("level", level.name)
            writer.object("_aws") { writer in
                writer.member("Timestamp", time.milliseconds)
                writer.array("CloudWatchMetrics") { writer in writer.object(writeDirective) }
            }
            writer.member("FunctionName", function)
            for metric in metrics { writer.member(metric.name, metric.value) }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func writeDirective(_ writer: inout JSONWriter) {
        writer.member("Namespace", namespace)
        writer.array("Dimensions") { writer in
            writer.array { writer in writer.string("FunctionName") }
        }
        writer.objects("Metrics", metrics) { writer, metric in
            writer.member("Name", metric.name)
            writer.member("Unit", metric.unit.rawValue)
        }
    }
}
