import Foundation

/// Runs a Python script of `Tests/Oracles`, one JSON document a line in and out.
package enum PythonOracle {
    /// The script ended with an error.
    package struct Failure: Error, CustomStringConvertible {
        /// What it wrote to its standard error.
        package var description: String
    }

    /// The interpreter: `POINTSMAN_PYTHON`, else that of `make setup`.
    private static var interpreter: String {
        ProcessInfo.processInfo.environment["POINTSMAN_PYTHON"]
            ?? Conformance.packageRoot.appending(path: ".venv/bin/python").path
    }

    /// Whether the interpreter is there and has a package.
    static func has(_ package: String) throws -> Bool {
        try run(["-c", "import \(package)"], input: Data()).status == 0
    }

    /// One line of output for each line of input.
    package static func answers(of script: String, to lines: [Data]) throws -> [Data] {
        let path = Conformance.packageRoot.appending(path: "Tests/Oracles/\(script)").path
        let input = Data(lines.joined(separator: Data("\n".utf8)))
        let result = try run([path], input: input)
        guard result.status == 0 else {
            throw Failure(description: String(decoding: result.error, as: UTF8.self))
        }
        return result.output.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }

    private static func run(
        _ arguments: [String],
        input: Data
    ) throws -> (status: Int32, output: Data, error: Data) {
        // Files, not pipes: nobody has to read while the other writes.
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["in", "out", "error"].map { folder.appending(path: $0) }
        try input.write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [interpreter] + arguments
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try Data(contentsOf: files[1]),
            try Data(contentsOf: files[2])
        )
    }
}
