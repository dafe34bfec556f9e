internal import Codec

/// The severity of a log line, as `AWS_LAMBDA_LOG_LEVEL` names it.
package enum LogLevel: Int, Comparable, Sendable {
    case trace, debug, info, warning, error, fatal

    /// The level of that name, in either case; `nil` if there is none.
    package init?(name: String) {
        for level in [Self.trace, .debug, .info, .warning, .error, .fatal]
        where equalsIgnoringASCIICase(level.name, name) {
            self = level
            return
        }
        return nil
    }

    /// The name that Lambda gives the level.
    package var name: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warning: "WARN"
        case .error: "ERROR"
        case .fatal: "FATAL"
        }
    }

    package static func < (one: LogLevel, other: LogLevel) -> Bool {
        one.rawValue < other.rawValue
    }
}

/// A named value of a log line.
package struct LogField: Sendable {
    package enum Value: Sendable {
        case string(String)
        case int(Int)
        case bool(Bool)
        /// Valid JSON, written as it is.
        case json([UInt8])
    }

    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: String) {
        self.init(name, .string(value))
    }

    package init(_ name: String, _ value: Int) {
        self.init(name, .int(value))
    }
}

/// Writes log lines, one event a line, as text or as JSON.
package struct Logger {
    package enum Format: Equatable, Sendable {
        case text, json
    }

    private let format: Format
    private let minimum: LogLevel
    private let clock: WallClock
    /// Takes one whole line, its line feed included.
    private let write: ([UInt8]) -> Void
    private var fields: [LogField] = []

    package init(
        format: Format,
        minimum: LogLevel,
        clock: WallClock,
        write: @escaping ([UInt8]) -> Void
    ) {
        self.format = format
        self.minimum = minimum
        self.clock = clock
        self.write = write
    }

    /// The logger that Lambda's environment asks for, text from INFO up by itself.
    ///
    /// `AWS_LAMBDA_LOG_FORMAT` is `Text` or `JSON`, `AWS_LAMBDA_LOG_LEVEL` the name of a level,
    /// both in either case.
    package init(
        environment: Environment,
        clock: WallClock = .system,
        write: @escaping ([UInt8]) -> Void = StandardError.write
    ) {
        let format = environment["AWS_LAMBDA_LOG_FORMAT"] ?? ""
        let minimum = environment["AWS_LAMBDA_LOG_LEVEL"].flatMap { LogLevel(name: $0) }
        self.init(
            format: equalsIgnoringASCIICase(format, "JSON") ? .json : .text,
            minimum: minimum ?? .info,
            clock: clock,
            write: write
        )
    }

    /// A logger that adds these fields to every line.
    package func with(_ fields: LogField...) -> Logger {
        var logger = self
        logger.fields += fields
        return logger
    }

    package func log(_ level: LogLevel, _ message: String, _ fields: [LogField] = []) {
        guard level >= minimum else { return }
        let fields = self.fields + fields
        switch format {
        case .text: write(LogLine.text(level, message, fields))
        case .json: write(LogLine.json(level, message, fields, at: clock.now()))
        }
    }

    /// Writes metrics as a line of their own, whatever the format and the least level are.
    package func write(_ metrics: EmbeddedMetrics) {
        write(metrics.line(max(.info, minimum), at: clock.now()))
    }

    package func info(_ message: String, _ fields: LogField...) {
        log(.info, message, fields)
    }

    package func warning(_ message: String, _ fields: LogField...) {
        log(.warning, message, fields)
    }

    package func error(_ message: String, _ fields: LogField...) {
        log(.error, message, fields)
    }
}

/// One event as the bytes of one line.
enum LogLine {
    /// `WARN message key=value`: control characters are escaped, so that no value can end the
    /// line and forge another one.
    static func text(_ level: LogLevel, _ message: String, _ fields: [LogField]) -> [UInt8] {
        var line = Array(level.name.utf8)
        line.append(UInt8(ascii: " "))
        appendEscaped(message, isQuoted: false, to: &line)
        for field in fields {
            line.append(UInt8(ascii: " "))
            appendEscaped(field.name, isQuoted: false, to: &line)
            line.append(UInt8(ascii: "="))
            append(field.value, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// `{"timestamp":…,"level":…,"message":…,…}`: the keys that Lambda's JSON logs have.
    static func json(
        _ level: LogLevel,
        _ message: String,
        _ fields: [LogField],
        at time: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("timestamp", time.iso8601Milliseconds)
            writer.member("level", level.name)
            writer.member("message", message)
            for field in fields {
                writer.key(field.name)
                switch field.value {
                case .string(let value): writer.string(value)
                case .int(let value): writer.int(value)
                case .bool(let value): writer.bool(value)
                case .json(let value): writer.raw(value)
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func append(_ value: LogField.Value, to line: inout [UInt8]) {
        switch value {
        case .string(let text):
            let isPlain = !text.utf8.isEmpty && text.utf8.allSatisfy(isPlainByte)
            if !isPlain { line.append(UInt8(ascii: "\"")) }
            appendEscaped(text, isQuoted: !isPlain, to: &line)
            if !isPlain { line.append(UInt8(ascii: "\"")) }
        case .int(let number): line += String(number).utf8
        case .bool(let flag): line += (flag ? "true" : "false").utf8
        case .json(let bytes):
            appendEscaped(String(decoding: bytes, as: UTF8.self), isQuoted: false, to: &line)
        }
    }

    /// Whether a value may hold the byte without being put in quotes.
    private static func isPlainByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7f && !#""\="#.utf8.contains(byte)
    }

    private static func appendEscaped(_ text: String, isQuoted: Bool, to line: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0a: line += #"\n"#.utf8
            case 0x0d: line += #"\r"#.utf8
            case 0x09: line += #"\t"#.utf8
            // The other control characters (C0, DEL, C1) and Unicode's line separators.
            case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029:
                line += #"\u"#.utf8
                line +=
                    Hex.lower([
                        UInt8(truncatingIfNeeded: scalar.value >> 8),
                        UInt8(truncatingIfNeeded: scalar.value),
                    ]).utf8
            case 0x22 where isQuoted, 0x5c where isQuoted:
                line += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
            default:
                if let bytes = UTF8.encode(scalar) { line += bytes }
            }
        }
    }
}
