import Foundation
import Platform

/// The files in which people keep profiles, as the AWS CLI reads them.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.
struct SharedFiles {
    /// The config file and the credentials file, in that order, whether or not they are there.
    let paths: [String]
    /// Why a file that is there could not be read, a sentence each.
    private(set) var problems: [String] = []
    private var profiles: [String: [String: String]] = [:]

    /// Reads the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name, else those in
    /// `~/.aws`.
    init(environment: Environment) {
        let home = environment["HOME"] ?? NSHomeDirectory()
        func path(_ variable: String, _ name: String) -> String {
            let path = environment[variable] ?? "~/.aws/\(name)"
            return path.hasPrefix("~/") ? home + path.dropFirst(1) : path
        }
        let config = path("AWS_CONFIG_FILE", "config")
        let credentials = path("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        paths = [config, credentials]
        read(config) { section in
            if section == "default" { return section }
            guard section.hasPrefix("profile ") else { return nil }
            return Self.unquoted(section.dropFirst("profile ".count))
        }
        // What both have counts as the credentials file has it.
        read(credentials) { Self.unquoted($0[...]) }
    }

    /// The settings of a profile, by their names in lower case; `nil` where neither file has it.
    func profile(_ name: String) -> [String: String]? { profiles[name] }

    /// Reads a file, if it is there.
    ///
    /// - Parameter profile: The profile that a section is about; `nil` where it is about another thing.
    private mutating func read(_ path: String, profile: (String) -> String?) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let text: String
        do throws(Failure) {
            text = String(decoding: try InputFile(path).bytes, as: UTF8.self)
        } catch {
            problems.append("\(error)")
            return
        }
        var name: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("[") {
                let section = line.dropFirst().prefix { $0 != "]" }
                name = profile(section.trimmingCharacters(in: .whitespaces))
                if let name { profiles[name, default: [:]] = profiles[name, default: [:]] }
                continue
            }
            // What is indented belongs to the setting above it, such as those of `s3 =`.
            guard let name, let first = line.first, !first.isWhitespace, !"#;".contains(first),
                let equals = line.firstIndex(of: "=")
            else { continue }
            let key = line[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            let value = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            profiles[name]?[key] = value
        }
    }

    /// A name that holds blanks may stand in quotes.
    private static func unquoted(_ name: Substring) -> String {
        let name = name.trimmingCharacters(in: .whitespaces)
        guard name.count > 1, let quote = name.first, "\"'".contains(quote), name.last == quote
        else { return name }
        return String(name.dropFirst().dropLast())
    }
}
