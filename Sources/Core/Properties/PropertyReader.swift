internal import Codec

/// Reads the properties of a JSON object and collects every problem on the way.
///
/// CloudFormation sends numbers and booleans as strings: what reads one takes both forms, as ``flag`` does.
struct PropertyReader {
    /// The target's name, if the object describes one; empty for a rule's own properties.
    private let target: String
    private let members: [JSON.Member]
    /// What was found wrong so far.
    private(set) var problems: RuleProblems = []
    /// The patterns exceed their budget: none is read.
    private(set) var hasTooManyPatterns = false

    /// Reads an object of which only some properties count.
    init(ignoringUnknown object: JSON) {
        target = ""
        members = object.members ?? []
    }

    /// Reads an object whose properties are known.
    ///
    /// - Parameter elsewhere: What belongs in another place, and where that is.
    init(
        _ object: JSON,
        target: String = "",
        known: [String],
        elsewhere: [(name: String, place: String)] = []
    ) {
        self.target = target
        members = object.members ?? []
        // For editors, which a rule may tell what it is.
        let unknown = members.filter {
            !known.containsText($0.key) && !(target.isEmpty && isSame($0.key, "$schema"))
        }.lastOfEachName
        for member in unknown {
            report(
                clipped(member.key),
                "unknown property, \(Self.hint(member.key, known, elsewhere))",
                .unknownProperty
            )
        }
    }

    /// What an unknown property was probably meant to be.
    private static func hint(
        _ name: String,
        _ known: [String],
        _ elsewhere: [(name: String, place: String)]
    ) -> String {
        elsewhere.first { isSame($0.name, name) }.map { "it belongs \($0.place)" }
            ?? suggestion(for: name, among: known).map { "did you mean `\($0)`?" }
            ?? "expected one of \(known.joined(", "))"
    }

    /// Reports a problem of a property; the message of one that is only counted is not made.
    mutating func report(
        _ name: String,
        _ message: @autoclosure () -> String,
        _ kind: RuleProblem.Kind = .value,
        column: Int? = nil
    ) {
        if problems.isFull {
            problems.count()
        } else {
            add(name, message(), kind, column)
        }
    }

    // The compiler makes a copy for each closure of what takes one: this is not copied with it.
    @inline(never) private mutating func add(
        _ name: String,
        _ message: String,
        _ kind: RuleProblem.Kind,
        _ column: Int?
    ) {
        let property = target.isEmpty ? name : "Target.\(target).\(name)"
        problems.add(RuleProblem(property, message, kind: kind, column: column))
    }

    /// Takes over the problems of a part.
    mutating func report(_ problems: RuleProblems) {
        self.problems.add(contentsOf: problems)
    }

    func value(_ name: String) -> JSON? {
        members.last { isSame($0.key, name) }?.value
    }

    /// The value of a property that must be there.
    mutating func required(_ name: String) -> JSON? {
        guard let value = value(name) else {
            report(name, "required, but missing", .missingProperty)
            return nil
        }
        return value
    }

    mutating func string(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else {
            report(name, "expected a string, found \(value.inWords)")
            return nil
        }
        return string
    }

    /// A string that is one of some words; the default where it is missing.
    mutating func word(_ name: String, of words: [String], default: String) -> String? {
        guard value(name) != nil else { return `default` }
        guard let string = string(name) else { return nil }
        return check(string, name, of: words)
    }

    /// `true` or `false`, also as a string: CloudFormation sends every scalar as one.
    mutating func flag(_ name: String) -> Bool {
        if let flag = value(name)?.bool { return flag }
        return word(name, of: ["true", "false"], default: "false").map { isSame($0, "true") }
            ?? false
    }

    /// A list of strings, each with its name in messages; empty where it is missing.
    mutating func strings(_ name: String) -> [(name: String, value: String)] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else {
            report(name, "expected a list of strings, found \(value.inWords)")
            return []
        }
        var strings: [(name: String, value: String)] = []
        for (index, element) in elements.enumerated() {
            if let string = element.string {
                strings.append(("\(name)[\(index)]", string))
            } else {
                report("\(name)[\(index)]", "expected a string, found \(element.inWords)")
            }
        }
        return strings
    }

    /// The same; none where all are blank: CloudFormation makes such a list of a parameter that is
    /// left blank.
    mutating func texts(_ name: String) -> [(name: String, value: String)] {
        let strings = strings(name)
        return strings.allSatisfy { $0.value.isEmpty } ? [] : strings
    }

    /// Counts the texts of all lists of patterns, before any is read.
    mutating func countPatterns(in lists: [String]) {
        var count = 0
        var bytes = 0
        for list in lists {
            let elements = value(list)?.array ?? []
            count += elements.count
            for element in elements { bytes += element.string?.utf8.count ?? 0 }
        }
        reportPatterns(count: count, bytes: bytes, "")
    }

    /// Reports patterns that are too many or too long.
    mutating func reportPatterns(count: Int, bytes: Int, _ property: String) {
        for breach in [Budget.patterns.breach(by: count), Budget.patternBytes.breach(by: bytes)] {
            guard let breach else { continue }
            hasTooManyPatterns = true
            problems.add(RuleProblem(property, breach, kind: .budget))
        }
    }

    /// A list of globs; empty where it is missing.
    mutating func globs(_ name: String) -> [Glob] {
        var globs: [Glob] = []
        for (name, pattern) in texts(name) where !hasTooManyPatterns {
            guard !pattern.isEmpty else {
                report(name, "expected a glob, found an empty string, which matches nothing")
                continue
            }
            do throws(GlobError) {
                globs.append(try Glob(pattern))
            } catch {
                let kind: RuleProblem.Kind = error.problem == .tooLong ? .budget : .glob
                report(name, error.description, kind, column: error.column)
            }
        }
        return globs
    }

    /// Reports a string that is none of some words.
    mutating func check(_ string: String, _ name: String, of words: [String]) -> String? {
        if words.containsText(string) { return string }
        report(name, Self.mismatch(string, words))
        return nil
    }

    private static func mismatch(_ string: String, _ words: [String]) -> String {
        let hint = suggestion(for: string, among: words).map { ", did you mean `\($0)`?" } ?? ""
        return "expected \(words.alternatives), found '\(clipped(string))'\(hint)"
    }
}
