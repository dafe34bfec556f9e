import Codec
import Platform
import Testing

@Suite struct `Metrics in the log` {
    private static let expected =
        #"{"timestamp":"2026-09-21T14:13:20.000Z","level":"LEVEL","_aws":{"Timestamp":1790000000000,"#
        + #""CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["FunctionName"]],"#
        + #""Metrics":[{"Name":"Started","Unit":"Count"},{"Name":"Latency","Unit":"Milliseconds"}]}]},"#
        + #""FunctionName":"f","Started":2,"Latency":1500}"# + "\n"

    @Test(arguments: [Logger.Format.text, .json], [LogLevel.trace, .info, .warning, .fatal])
    func `are one line, in either format, and at a level that is not dropped`(
        format: Logger.Format,
        minimum: LogLevel
    ) {
        var lines: [String] = []
        let clock = WallClock(
            now: { Timestamp(milliseconds: 1_790_000_000_000) },
            sleep: { _ in }
        )
        let log = Logger(format: format, minimum: minimum, clock: clock) {
            lines.append(String(decoding: $0, as: UTF8.self))
        }
        log.with(LogField("requestId", "r")).write(
            EmbeddedMetrics(
                namespace: "N",
                function: "f",
                [.init("Started", 2), .init("Latency", 1_500, .milliseconds)]
            )
        )
        let level = max(minimum, .info).name
        #expect(lines == [Self.expected.replacing("LEVEL", with: level)])
    }
}
