import ArgumentParser
import Codec
import Foundation
import Platform

/// The options of every command that shows something.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, for programs.")
    var json = false

    @Option(help: "Color the output: auto (on a terminal), always or never.")
    var color = ColorChoice.auto

    var terminal: Terminal {
        .standardOutput(color, environment: ProcessInfo.processInfo.environment)
    }

    /// Prints a result: lines for people, or with `--json` one object.
    func show(_ json: @autoclosure () -> JSON, _ lines: (Terminal) -> [String]) throws(Failure) {
        try StandardOutput.write(
            lines: self.json ? [String(printableJSON: json().encoded())] : lines(terminal)
        )
    }
}

/// Where every result goes: all of it is written, or it is an error, as on a full disk.
///
/// A reader that goes away, such as `head`, ends the program by SIGPIPE, silently.
enum StandardOutput {
    /// - Parameter harmless: The number of a system's error that is none here.
    static func write(_ text: String, ignoring harmless: Int32? = nil) throws(Failure) {
        StatusLine.clear()
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            if let harmless, error.systemError == harmless { return }
            throw Failure("writing the output: \(error.reason)")
        }
    }

    static func write(lines: [String]) throws(Failure) {
        try write(lines.map { $0 + "\n" }.joined())
    }
}

extension ColorChoice: ExpressibleByArgument {}

/// Why a command could not be done, in one sentence for people: lower case, no full stop.
struct Failure: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ExitCode {
    /// Done, and something is wrong with what was looked at.
    static let found = ExitCode(1)
    /// It could not be done.
    static let undone = ExitCode(2)
}

extension StandardError {
    /// Writes a line beside the output; it may hold the words of others, so no terminal obeys it.
    static func tell(_ text: String) {
        StatusLine.clear()
        write(Array("pointsman: \(text.printable)\n".utf8))
    }
}

extension Error {
    /// Why a file could not be read or written, in the system's words where it has any.
    var reason: String {
        guard let error = self as? CocoaError else { return localizedDescription }
        if let systemError { return unsafe String(cString: strerror(systemError)).lowercased() }
        return switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "no such file or directory"
        case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
        default: error.localizedDescription
        }
    }
}

extension Error {
    /// The number of the system's error that it comes from.
    fileprivate var systemError: Int32? {
        guard let error = self as? CocoaError else { return nil }
        let cause = unsafe error.userInfo[NSUnderlyingErrorKey]
        // FileHandle gives the number as an NSError, Data as a POSIXError.
        let number = (cause as? NSError).map { Int32(truncatingIfNeeded: $0.code) }
        return (cause as? POSIXError)?.code.rawValue ?? number
    }
}

/// A file that a command was given, with its content; `-` is standard input.
struct InputFile: Sendable {
    /// The file as it was named, or `standard input`.
    let name: String
    let bytes: [UInt8]
}

extension InputFile {
    /// Reads any kind of file: a shell's `<(command)` is a pipe.
    init(_ path: String) throws(Failure) {
        name = path == "-" ? "standard input" : path
        do {
            let file =
                path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
            bytes = [UInt8](try file.readToEnd() ?? Data())
        } catch {
            throw Failure("reading \(name): \(error.reason)")
        }
    }
}

extension FileAttributeType {
    /// What lies at a path: a file, a folder or a link.
    init?(at path: String) {
        // Asked for thousands of files, and all attributes of one take ten times as long.
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        self =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .typeDirectory
            case S_IFREG: .typeRegular
            case S_IFLNK: .typeSymbolicLink
            default: .typeUnknown
            }
    }
}

extension JSON {
    /// The object with further members.
    func adding(_ more: KeyValuePairs<String, JSON?>) -> JSON {
        .object((members ?? []) + (JSON(more).members ?? []))
    }
}

extension String {
    /// The first seven digits of a commit, or of an image's digest after the digest's kind.
    var abbreviated: String {
        let kind = prefix { $0 != ":" }
        guard kind.count < count else { return String(prefix(7)) }
        return "\(kind):\(dropFirst(kind.count + 1).prefix(7))"
    }
}
