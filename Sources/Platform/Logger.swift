internal import CLibraries
internal import Codec

/// How much a log line matters, in the words of `AWS_LAMBDA_LOG_LEVEL`.
public enum LogLevel: Int, Comparable, Sendable {
    case trace, debug, info, warning, error, fatal

    /// Whether one level matters less than the other.
    public static func < (one: LogLevel, other: LogLevel) -> Bool {
        one.rawValue < other.rawValue
    }
}

/// A named value of a log line.
public struct LogField: Sendable {
    /// What a field may hold.
    public enum Value: Sendable {
        case string(String)
        case int(Int)
        case bool(Bool)
        /// Valid JSON, written as it is.
        case json([UInt8])
    }

    /// The field's name.
    public var name: String
    /// The field's value.
    public var value: Value

    /// Makes a field.
    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// Makes a field of a text.
    public init(_ name: String, _ value: String) {
        self.init(name, .string(value))
    }

    /// Makes a field of a number.
    public init(_ name: String, _ value: Int) {
        self.init(name, .int(value))
    }
}

/// Writes log lines, one event a line, as text or as JSON.
public struct Logger {
    /// How lines are written.
    public enum Format: Equatable, Sendable {
        case text, json
    }

    private let format: Format
    private let minimum: LogLevel
    private let clock: WallClock
    private let write: ([UInt8]) -> Void
    private var fields: [LogField] = []

    /// Makes a logger.
    ///
    /// - Parameters:
    ///   - format: How lines are written.
    ///   - minimum: Lines of a lower level are left out.
    ///   - clock: Gives the time of JSON lines.
    ///   - write: Takes one whole line, its line feed included.
    public init(
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

    /// The logger that Lambda's environment asks for (`AWS_LAMBDA_LOG_FORMAT`,
    /// `AWS_LAMBDA_LOG_LEVEL`), writing to standard error.
    public init(environment: Environment, clock: WallClock) {
        self.init(format: .text, minimum: .info, clock: clock) { _ in }
    }

    /// A logger that adds these fields to every line.
    public func with(_ fields: LogField...) -> Logger {
        var logger = self
        logger.fields += fields
        return logger
    }

    /// Writes a line of that level.
    public func log(_ level: LogLevel, _ message: String, _ fields: [LogField]) {
    }

    /// Writes a line for whoever looks for a defect.
    public func debug(_ message: String, _ fields: LogField...) {
        log(.debug, message, fields)
    }

    /// Writes a line that tells what was done.
    public func info(_ message: String, _ fields: LogField...) {
        log(.info, message, fields)
    }

    /// Writes a line about what somebody should look at.
    public func warning(_ message: String, _ fields: LogField...) {
        log(.warning, message, fields)
    }

    /// Writes a line about what failed.
    public func error(_ message: String, _ fields: LogField...) {
        log(.error, message, fields)
    }
}
