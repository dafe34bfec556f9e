import Core
import Foundation

/// Paths in a file, as other programs print them: `git diff --name-only`, with or without `-z`.
struct PathFile {
    private(set) var paths: [Path] = []

    /// Reads paths that end in zeros where there is one, else in line feeds; throws where they are what
    /// git prints with more than names.
    init(_ file: InputFile) throws(Failure) {
        let hasZeros = file.bytes.contains(0)
        for part in file.bytes.split(separator: hasZeros ? 0 : UInt8(ascii: "\n")) {
            let line = hasZeros ? Array(part) : Self.line(part)
            if !line.isEmpty { paths.append(Path(utf8: line)) }
        }
        if let format = Self.format(of: paths.map(\.text), alternating: hasZeros) {
            throw Failure(
                "reading \(file.name): expected paths alone, found the lines of \(format)"
            )
        }
    }

    /// The option of git's that prints such lines, and which one prints paths; `nil` for paths.
    private static func format(of lines: [String], alternating: Bool) -> String? {
        func all(_ form: Regex<Substring>) -> Bool {
            !lines.isEmpty && lines.allSatisfy { $0.prefixMatch(of: form) != nil }
        }
        let instead = ": use git diff --name-only"
        let isStatus =
            alternating
            ? lines.count > 1
                && lines.indices.allSatisfy { index in
                    !index.isMultiple(of: 2) || lines[index].wholeMatch(of: /[ADMTUXB]/) != nil
                }
            : all(#/[ACDMRTUXB][0-9]*\t/#)
        if isStatus { return "--name-status" + instead }
        if all(#/(?:[0-9]+|-)\t(?:[0-9]+|-)\t/#) { return "--numstat" + instead }
        if all(#/:[0-7]{6} [0-7]{6} /#) { return "--raw" + instead }
        return all(#/(?:[MADRCUT][ MD]|[ ][MADRCUT]|\?\?) /#) ? "git status --short" + instead : nil
    }

    /// A line without the carriage return of Windows, and not as git quotes a name that needs it.
    private static func line(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        let quote = UInt8(ascii: "\"")
        guard line.count > 1, line.first == quote, line.last == quote else { return Array(line) }
        return unquoted(line.dropFirst().dropLast())
    }

    /// What stands in git's quotes, which are those of C (`core.quotePath`).
    private static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9,
            UInt8(ascii: "n"): 10, UInt8(ascii: "v"): 11, UInt8(ascii: "f"): 12,
            UInt8(ascii: "r"): 13,
        ]
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.first else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(3)
            if digits.count == 3,
                let number = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(number)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(escapes[next] ?? next)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }
}
