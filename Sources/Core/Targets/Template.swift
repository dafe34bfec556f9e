internal import Codec
internal import Platform

/// A text with `#{…}` placeholders for what a change brings.
package struct Template: Equatable, Sendable {
    /// What a placeholder stands for.
    package enum Placeholder: String, CaseIterable, Sendable {
        case after, before, ref, branch, tag, repository, actor, message, delivery, pullRequest
        case image, digest

        /// All of them, as messages list them.
        static var known: [String] { allCases.map { $0.rawValue } }
    }

    private enum Part: Equatable {
        case text(String)
        case placeholder(Placeholder)

        func text(_ change: Change) -> String {
            switch self {
            case .text(let text): text
            case .placeholder(let placeholder): change.value(of: placeholder) ?? ""
            }
        }
    }

    package let text: String
    private var parts: [Part] = []

    package init(_ text: String) throws(TemplateError) {
        self.text = text
        let bytes = [UInt8](text.utf8)
        var start = 0
        var index = 0
        while index < bytes.count {
            guard bytes[index...].starts(with: "#{".utf8) else {
                index += 1
                continue
            }
            guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else {
                throw TemplateError(
                    problem: .unclosed,
                    name: "",
                    column: bytes[..<index].count { $0 & 0xC0 != 0x80 } + 1,
                    text: text
                )
            }
            let name = String(decoding: bytes[(index + 2)..<close], as: UTF8.self)
            guard let placeholder = Placeholder(rawValue: name) else {
                throw TemplateError(
                    problem: .unknown,
                    name: name,
                    column: bytes[..<index].count { $0 & 0xC0 != 0x80 } + 1,
                    text: text
                )
            }
            add(bytes[start..<index])
            parts.append(.placeholder(placeholder))
            index = close + 1
            start = index
        }
        add(bytes[start...])
    }

    /// A text that is the same for every change.
    init(fixed text: String) {
        self.text = text
        add([UInt8](text.utf8)[...])
    }

    /// One placeholder and nothing else.
    init(_ placeholder: Placeholder) {
        text = "#{\(placeholder.rawValue)}"
        parts = [.placeholder(placeholder)]
    }

    static var empty: Template { Template(fixed: "") }

    /// Whether the text is the same for every change.
    var isFixed: Bool { placeholders.isEmpty }

    var placeholders: [Placeholder] {
        var found: [Placeholder] = []
        for case .placeholder(let placeholder) in parts { found.append(placeholder) }
        return found
    }

    /// The text for a change; what the change has no value for is empty.
    ///
    /// - Parameter longest: No more code points than these are made.
    func render(_ change: Change, upTo longest: Int = .max) -> String {
        var rendered = ""
        var left = longest
        for part in parts where left > 0 {
            let text = part.text(change).cut(to: left)
            rendered += text
            if longest < .max { left -= text.unicodeScalars.count }
        }
        return rendered
    }

    /// How many bytes the text for a change has; it is not made for that.
    func size(for change: Change) -> Int {
        parts.reduce(0) { $0 + $1.text(change).utf8.count }
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        if !bytes.isEmpty { parts.append(.text(String(decoding: bytes, as: UTF8.self))) }
    }
}

/// Why a text is not a template.
package struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    enum Problem: Equatable, Sendable {
        /// A `#{` without its `}`.
        case unclosed
        /// A placeholder that nothing fills.
        case unknown
    }

    var problem: Problem
    /// What stands between `#{` and `}`.
    var name: String
    /// Where, in code points from 1.
    var column: Int
    var text: String

    /// `unknown placeholder '#{sha}' at column 3 of 'v-#{sha}', expected one of #{after}, …`.
    package var description: String {
        let place = "at column \(column) of '\(clipped(text))'"
        switch problem {
        case .unclosed:
            return "unclosed '#{' \(place): a '}' is missing"
        case .unknown:
            let known = Template.Placeholder.known
            let hint =
                suggestion(for: name, among: known).map { "did you mean `#{\($0)}`?" }
                ?? "expected one of #{\(known.joined("}, #{"))}"
            return "unknown placeholder '#{\(clipped(name))}' \(place), \(hint)"
        }
    }
}

extension Change {
    /// What a placeholder stands for in this change.
    fileprivate func value(of placeholder: Template.Placeholder) -> String? {
        switch placeholder {
        case .after: after
        case .before: before
        case .ref: ref
        case .branch: branch
        case .tag: tag
        case .repository: repository
        case .actor: actor
        case .message: message
        case .delivery: delivery
        case .pullRequest: pullRequest.map { String($0.number) }
        case .image: image.map { "\($0.repository):\($0.tag)" }
        case .digest: kind == .image ? after : nil
        }
    }

    /// The whole name of the ref that can be fetched for this change; an image has none.
    var ref: String? {
        switch kind {
        case .push: branch.map { "refs/heads/\($0)" }
        case .tag: tag.map { "refs/tags/\($0)" }
        case .pullRequest:
            // These refs are kept in the base repository, also for forks. CodeCommit has none.
            switch source {
            case .github, .gitea: pullRequest.map { "refs/pull/\($0.number)/head" }
            case .gitlab: pullRequest.map { "refs/merge-requests/\($0.number)/head" }
            case .codecommit, .dockerhub, .ecr: pullRequest.map { "refs/heads/\($0.head)" }
            }
        case .mergeGroup: queueBranch.map { "refs/heads/\($0)" }
        case .image: nil
        }
    }
}

/// One entry of a map of templates, such as a pipeline's variable.
struct NamedTemplate: Equatable, Sendable {
    var name: String
    var value: Template
}
