internal import Codec

/// What the first line of a comment on a pull request asks for: `/retest`, `/retest NAME` or
/// `/test NAME`, where a commit may follow.
package struct CommentCommand: Equatable, Sendable {
    package enum Verb: String, Equatable, Sendable {
        /// What has failed on the pull request's head is to run again.
        case retest
        /// A rule is to run, whatever became of it.
        case test
    }

    package var verb: Verb
    /// The rest of the line, without the white space around it: a name, a commit, or both.
    package var rest: String

    /// Bytes of a line that is a command at the most: longer than every name and commit together.
    static let longestLine = 2_000
    /// Digits of a commit that are enough to name it.
    static let shortestCommit = 7

    /// The command as it is written.
    package var line: String { rest.isEmpty ? "/\(verb.rawValue)" : "/\(verb.rawValue) \(rest)" }

    init(_ verb: Verb, _ rest: String = "") {
        self.verb = verb
        self.rest = rest
    }

    /// Reads a comment; `nil` if its first line is no command.
    init?(comment: String) {
        let line = Array(comment.firstLine.utf8)
        guard line.count <= Self.longestLine, line.first == UInt8(ascii: "/") else { return nil }
        let word = line.dropFirst().prefix { !$0.isASCIIWhiteSpace }
        let rest = line[word.endIndex...].trimmed
        guard let verb = Verb(rawValue: String(decoding: word, as: UTF8.self)),
            verb == .retest || !rest.isEmpty
        else { return nil }
        self.verb = verb
        self.rest = String(decoding: rest, as: UTF8.self)
    }
}

extension CommentCommand {
    /// Why a command asks for nothing.
    struct Refusal: Error {
        var reason: String
    }

    /// The names that it may have: the whole rest of the line, and that without a commit at its end.
    ///
    /// Which of them it is, only the pull request tells: a name may end with a word that looks like a
    /// commit. An empty name stands for every rule.
    var names: [String] {
        let (name, commit) = parts
        return commit == nil ? [rest] : [rest, name]
    }

    /// The name that it has for a pull request with that head; empty for every rule.
    ///
    /// For a pull request from a fork the line has to end with the commit: then the commit that the commenter
    /// has seen runs, and not one that its author pushes a moment later. For other pull requests it may.
    func name(onHead head: String, ofFork: Bool) throws(Refusal) -> String {
        let (name, commit) = parts
        if let commit, head.asciiLowercased.utf8.starts(with: commit.utf8) {
            guard verb == .retest || !name.isEmpty else {
                throw Refusal(reason: "'\(clipped(line))' names no rule")
            }
            return name
        }
        guard ofFork else { return rest }
        if let commit {
            throw Refusal(reason: "the pull request's head is not '\(clipped(commit))'")
        }
        throw Refusal(
            reason: "the pull request comes from a fork: the line has to end with the commit, at "
                + "least \(Self.shortestCommit) digits of it"
        )
    }

    /// The rest of the line as a name and, if its last word looks like one, a commit in lower case.
    private var parts: (name: String, commit: String?) {
        let bytes = Array(rest.utf8)
        let last = bytes.suffix(bytes.reversed().prefix { !$0.isASCIIWhiteSpace }.count)
        guard last.count >= Self.shortestCommit, last.allSatisfy({ $0.isHexDigit }) else {
            return (rest, nil)
        }
        let name = bytes.dropLast(last.count)[...].trimmed
        return (
            String(decoding: name, as: UTF8.self),
            String(decoding: last, as: UTF8.self).asciiLowercased
        )
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { isASCIIDigit || asciiLowercased &- 0x61 < 6 }
}
