import Codec
import Platform
import Synchronization
import Testing

/// Collects the lines that a logger writes.
final class Lines: Sendable {
    private let bytes = Mutex<[[UInt8]]>([])

    var write: @Sendable ([UInt8]) -> Void {
        { line in self.bytes.withLock { $0.append(line) } }
    }

    var all: [String] { bytes.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }
}

@Suite struct LoggerTests {
    let clock = WallClock(now: { Timestamp(milliseconds: 1_574_310_947_123) }, sleep: { _ in })
    let lines = Lines()

    private func logger(_ format: Logger.Format, _ minimum: LogLevel = .trace) -> Logger {
        Logger(format: format, minimum: minimum, clock: clock, write: lines.write)
    }

    @Test func `a text line is level, message and fields`() {
        logger(.text).with(LogField("requestId", "8476a536"), LogField("delivery", "72d3162e"))
            .info("started", LogField("pipeline", "api"), LogField("rules", 3))
        #expect(
            lines.all == [
                "INFO started requestId=8476a536 delivery=72d3162e pipeline=api rules=3\n"
            ]
        )
    }

    @Test func `a JSON line is one object with the keys of Lambda's own`() {
        logger(.json).with(LogField("requestId", "8476a536")).warning(
            "line \"1\"\nline 2",
            LogField("rules", 3),
            LogField("forced", .bool(true)),
            LogField("record", .json(Array(#"{"a":1}"#.utf8)))
        )
        let expected =
            #"{"timestamp":"2019-11-21T04:35:47.123Z","level":"WARN","message":"line \"1\"\nline 2","#
            + #""requestId":"8476a536","rules":3,"forced":true,"record":{"a":1}}"#
        #expect(lines.all == [expected + "\n"])
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("a/b:c-d", "a/b:c-d"),
        ("", #""""#),
        ("two words", #""two words""#),
        ("a=b", #""a=b""#),
        (#"say "no""#, #""say \"no\"""#),
        (#"C:\new"#, #""C:\\new""#),
        ("a\nERROR forged", #""a\nERROR forged""#),
        ("a\r\n", #""a\r\n""#),
        ("tab\there", #""tab\there""#),
        ("\u{1b}[31m", #""\u001b[31m""#),
        ("\u{0}", #""\u0000""#),
        ("\u{7f}", #""\u007f""#),
        ("x\u{85}y", #"x\u0085y"#),
        ("x\u{2028}y", #"x\u2028y"#),
        ("été", "été"),
    ])
    func `a value cannot end its text line`(value: String, written: String) {
        logger(.text).error("failed", LogField("value", value))
        #expect(lines.all == ["ERROR failed value=\(written)\n"])
    }

    @Test(arguments: [
        ("a\nERROR forged", #"a\nERROR forged"#),
        ("a\u{0}\u{1f}\u{85}b", #"a\u0000\u001f\u0085b"#),
        (#"quotes " and \ stay"#, #"quotes " and \ stay"#),
    ])
    func `a message cannot end its text line`(message: String, written: String) {
        logger(.text).log(.debug, message)
        #expect(lines.all == ["DEBUG \(written)\n"])
    }

    @Test func `text lines write numbers, truth and JSON plainly`() {
        let json = LogField.Value.json(Array("{\"a\":\n1}".utf8))
        logger(.text).log(
            .fatal,
            "end",
            [LogField("n", -1), LogField("b", .bool(false)), LogField("j", json)]
        )
        #expect(lines.all == [#"FATAL end n=-1 b=false j={"a":\n1}"# + "\n"])
    }

    @Test func `lines below the minimum are left out`() {
        let logger = logger(.text, .warning)
        logger.log(.debug, "1")
        logger.info("2")
        logger.log(.trace, "3")
        logger.warning("4")
        logger.error("5")
        #expect(lines.all == ["WARN 4\n", "ERROR 5\n"])
    }

    @Test(arguments: [
        ("", "", "INFO m\n"),
        ("Text", "debug", "DEBUG m\nINFO m\n"),
        ("text", "WARN", ""),
        ("text", "nonsense", "INFO m\n"),
        ("yaml", "TRACE", "DEBUG m\nINFO m\n"),
        (
            "JSON", "",
            #"{"timestamp":"2019-11-21T04:35:47.123Z","level":"INFO","message":"m"}"# + "\n"
        ),
        (
            "json", "Info",
            #"{"timestamp":"2019-11-21T04:35:47.123Z","level":"INFO","message":"m"}"# + "\n"
        ),
    ])
    func `Lambda's environment decides format and level`(
        format: String,
        level: String,
        written: String
    ) {
        let environment = Environment { name in
            ["AWS_LAMBDA_LOG_FORMAT": format, "AWS_LAMBDA_LOG_LEVEL": level][name]
        }
        let logger = Logger(environment: environment, clock: clock, write: lines.write)
        logger.log(.debug, "m")
        logger.info("m")
        #expect(lines.all.joined() == written)
    }
}
