internal import Codec

extension RuleDefinition {
    /// What is odd about the rule's patterns, list by list.
    var patternOversights: [RuleOversight] {
        var found: [RuleOversight] = []
        for (name, patterns) in [
            ("Branches", branches), ("Tags", tags), ("Actors", actors), ("Paths", paths),
        ] {
            found += oversights(of: patterns.included, name)
            found += oversights(of: patterns.excluded, "Exclude" + name)
            found += idleExcludes(patterns, name)
        }
        for (index, expression) in pathExpressions.enumerated() {
            guard let message = expression.slip else { continue }
            found.append(RuleOversight(.slip, "PathExpressions[\(index)]", message))
        }
        return found
    }

    /// What is odd about each pattern of a list, at most one thing.
    private func oversights(of globs: [Glob], _ name: String) -> [RuleOversight] {
        var found: [RuleOversight] = []
        for (index, glob) in globs.enumerated() {
            let place = "\(name)[\(index)]"
            let slip = glob.slip(in: name)
            if let wider = wider(than: index, in: globs), slip?.kind != .slip {
                let other = "\(name)[\(wider)]"
                let message =
                    isSame(glob.pattern, globs[wider].pattern)
                    ? "the same as \(other)"
                    : "all that it matches, \(other) '\(clipped(globs[wider].pattern))' matches too"
                found.append(RuleOversight(.redundant, place, message))
            } else if let slip {
                let (message, instead) = (slip.message, slip.suggestion)
                found.append(RuleOversight(slip.kind, place, message, suggestion: instead))
            }
        }
        return found
    }

    /// The pattern of a list that covers another one; of two that cover each other the first.
    private func wider(than index: Int, in globs: [Glob]) -> Int? {
        globs.indices.first { other in
            other != index && globs[other].covers(globs[index])
                && (other < index || !globs[index].covers(globs[other]))
        }
    }

    private func idleExcludes(_ patterns: Patterns, _ name: String) -> [RuleOversight] {
        let expressions = name == "Paths" ? pathExpressions : []
        guard !patterns.included.isEmpty || !expressions.isEmpty else { return [] }
        var found: [RuleOversight] = []
        for (index, exclude) in patterns.excluded.enumerated() {
            guard exclude.slip(in: "Exclude" + name)?.kind != .slip,
                patterns.included.allSatisfy({ $0.isDisjoint(with: exclude) }),
                expressions.allSatisfy({ $0.isDisjoint(with: exclude) })
            else { continue }
            let message = "excludes nothing: nothing that \(name) names matches it"
            let place = "Exclude\(name)[\(index)]"
            let deeper = name == "Paths" ? exclude.inAllFolders : nil
            found.append(RuleOversight(.idleExclude, place, message, suggestion: deeper))
        }
        return found
    }
}

extension Glob {
    /// Of `*.md`, which looks at the root alone, the pattern that looks into all folders.
    fileprivate var inAllFolders: String? {
        guard middle == .withinSegment, head.isEmpty, !tail.isEmpty else { return nil }
        return "*" + pattern
    }
}

extension PathExpression {
    /// Why no path can match; `nil` where one may.
    var slip: String? {
        let paths = "changed paths are relative to the repository's root"
        if literals.prefix.first == UInt8(ascii: "/") {
            return "matches no path: no path begins with '/', \(paths)"
        }
        if literals.prefix.starts(with: "./".utf8) || literals.prefix.starts(with: "../".utf8) {
            return "matches no path: no path begins with '.' or '..', \(paths)"
        }
        return nil
    }

    /// Whether surely no path matches both.
    fileprivate func isDisjoint(with glob: Glob) -> Bool {
        !literals.prefix.isEmpty && !literals.prefix.agrees(with: glob.head)
    }
}

extension Glob {
    /// A pattern that was probably meant otherwise.
    struct Slip: Equatable {
        var kind: RuleOversight.Kind
        var message: String
        /// The pattern that was probably meant.
        var suggestion: String?
    }

    /// What in the pattern looks like another language's, in a list of that name.
    func slip(in list: String) -> Slip? {
        let bytes = text.bytes
        let trimmed = bytes[...].trimmed
        if trimmed.count < bytes.count {
            return slip("begins or ends with a blank, which counts", instead: [UInt8](trimmed))
        }
        if bytes.first == UInt8(ascii: "!") {
            let name = list.utf8.starts(with: "Exclude".utf8) ? list : "Exclude" + list
            return slip("'!' is a plain character here; what is not to match goes to \(name)")
        }
        if let index = indexOfSeparator(bytes) {
            var instead = bytes
            for index in index..<instead.count where instead[index] == UInt8(ascii: "\\") {
                instead[index] = UInt8(ascii: "/")
            }
            return slip(
                "'\\' makes the next character plain: what separates segments is '/'",
                instead: instead
            )
        }
        if list.utf8.elementsEqual("Paths".utf8) || list.utf8.elementsEqual("ExcludePaths".utf8) {
            return slipOfPath(bytes)
        }
        for (name, beginning) in [("Branches", "refs/heads/"), ("Tags", "refs/tags/")]
        where list.utf8.elementsEqual(name.utf8) || list.utf8.elementsEqual("Exclude\(name)".utf8) {
            guard bytes.starts(with: beginning.utf8) else { continue }
            return slip(
                "a name is compared without '\(beginning)'",
                instead: [UInt8](bytes.dropFirst(beginning.utf8.count))
            )
        }
        return nil
    }

    private func slipOfPath(_ bytes: [UInt8]) -> Slip? {
        for (beginning, what) in [("/", "'/'"), ("./", "'./'"), ("../", "'../'")]
        where bytes.starts(with: beginning.utf8) {
            return slip(
                "matches no path: none begins with \(what), being relative to the repository's root",
                instead: beginning.utf8.count == 3
                    ? nil : [UInt8](bytes.dropFirst(beginning.utf8.count))
            )
        }
        if bytes.last == UInt8(ascii: "/") {
            return slip("matches no path: none ends with '/'", instead: bytes + [UInt8]("**".utf8))
        }
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == slashByte && $1 == slashByte }) {
            return slip("matches no path: none holds '//'")
        }
        guard middle == .withinSegment, tail.isEmpty, head.isEmpty || head.last == slashByte else {
            return nil
        }
        let folder = head.isEmpty ? "the root" : "'\(String(decoding: head, as: UTF8.self))'"
        var slip = slip(
            "matches the files that lie in \(folder) itself, none in a folder below",
            instead: bytes + [UInt8(ascii: "*")]
        )
        slip.kind = .shallow
        return slip
    }

    private func slip(_ message: String, instead bytes: [UInt8]? = nil) -> Slip {
        let suggestion = bytes.map { String(decoding: $0, as: UTF8.self) }
        return Slip(kind: .slip, message: message, suggestion: suggestion)
    }

    private var slashByte: UInt8 { UInt8(ascii: "/") }

    /// The first backslash before a letter or digit, which needs none to be plain.
    private func indexOfSeparator(_ bytes: [UInt8]) -> Int? {
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            let next = bytes[index + 1]
            if next.isASCIILetterOrDigit { return index }
            index += 2
        }
        return nil
    }
}

/// What can be told of two globs by their plain beginnings and ends.
///
/// Both answers may be `false` where a closer look would say `true`, never the other way round.
extension Glob {
    /// Whether it is `**`.
    var isEverything: Bool {
        middle == .anything && head.isEmpty && tail.isEmpty
    }

    /// Whether surely all that another matches, this one matches as well.
    func covers(_ other: Glob) -> Bool {
        if text == other.text { return true }
        if let name = other.plainName { return matches(name) }
        guard other.head.starts(with: head),
            other.tail.reversed().starts(with: tail.reversed())
        else { return false }
        switch middle {
        case .anything: return true
        case .withinSegment:
            let more = other.head.dropFirst(head.count) + other.tail.dropLast(tail.count)
            return other.middle == .withinSegment && !more.contains(UInt8(ascii: "/"))
        case .segments: return other.middle == .segments && head == other.head && tail == other.tail
        case .nothing, .program: return false
        }
    }

    /// Whether surely nothing matches both.
    func isDisjoint(with other: Glob) -> Bool {
        if let name = plainName { return !other.matches(name) }
        if let name = other.plainName { return !matches(name) }
        return !head.agrees(with: other.head)
            || ![UInt8](tail.reversed()).agrees(with: [UInt8](other.tail.reversed()))
            || isShallower(than: other) || other.isShallower(than: self)
    }

    /// Whether all that it matches lies in fewer folders than anything that another one matches.
    private func isShallower(than other: Glob) -> Bool {
        middle == .withinSegment && plainSlashes < other.plainSlashes
    }

    /// The slashes of its plain beginning and end.
    private var plainSlashes: Int {
        (head + tail).count { $0 == UInt8(ascii: "/") }
    }

    /// The one name that it matches, where it has no wildcard.
    private var plainName: [UInt8]? {
        middle == .nothing ? head + tail : nil
    }
}

extension [UInt8] {
    /// Whether one of the two begins with the other.
    func agrees(with other: [UInt8]) -> Bool {
        starts(with: other) || other.starts(with: self)
    }
}
