internal import Codec

extension RuleDefinition {
    /// What is odd about the rule's patterns, list by list.
    var patternWarnings: [RuleWarning] {
        var found: [RuleWarning] = []
        for (included, excluded, patterns) in [
            (Clause.branches, Clause.excludeBranches, branches), (.tags, .excludeTags, tags),
            (.labels, .excludeLabels, labels), (.actors, .excludeActors, actors),
            (.paths, .excludePaths, paths),
        ] {
            found += warnings(of: patterns.included, included)
            found += warnings(of: patterns.excluded, excluded)
            // Of several labels one may be included and another one excluded.
            if included != .labels { found += idleExcludes(patterns, included, excluded) }
        }
        for (index, expression) in pathExpressions.enumerated() {
            guard let message = expression.matchesNoPathReason else { continue }
            found.append(RuleWarning(.likelyMistake, "PathExpressions[\(index)]", message))
        }
        return found
    }

    /// What is odd about each pattern of a list, at most one thing.
    private func warnings(of globs: [Glob], _ list: Clause) -> [RuleWarning] {
        var found: [RuleWarning] = []
        for (index, glob) in globs.enumerated() {
            let place = "\(list.rawValue)[\(index)]"
            let mistake = glob.likelyMistake(in: list)
            if let wider = wider(than: index, in: globs), mistake?.kind != .likelyMistake {
                let other = "\(list.rawValue)[\(wider)]"
                let message =
                    isSame(glob.pattern, globs[wider].pattern)
                    ? "the same as \(other)"
                    : "all that it matches, \(other) '\(clipped(globs[wider].pattern))' matches too"
                found.append(RuleWarning(.redundant, place, message))
            } else if let mistake {
                let (message, instead) = (mistake.message, mistake.suggestion)
                found.append(RuleWarning(mistake.kind, place, message, suggestion: instead))
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

    private func idleExcludes(
        _ patterns: Patterns,
        _ included: Clause,
        _ excluded: Clause
    ) -> [RuleWarning] {
        let expressions = included == .paths ? pathExpressions : []
        guard !patterns.included.isEmpty || !expressions.isEmpty else { return [] }
        var found: [RuleWarning] = []
        for (index, exclude) in patterns.excluded.enumerated() {
            guard exclude.likelyMistake(in: excluded)?.kind != .likelyMistake,
                patterns.included.allSatisfy({ $0.isDisjoint(with: exclude) }),
                expressions.allSatisfy({ $0.isDisjoint(with: exclude) })
            else { continue }
            let message = "excludes nothing: nothing that \(included.rawValue) names matches it"
            let place = "\(excluded.rawValue)[\(index)]"
            let deeper = included == .paths ? exclude.inAllFolders : nil
            found.append(RuleWarning(.idleExclude, place, message, suggestion: deeper))
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
    var matchesNoPathReason: String? {
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
    struct LikelyMistake: Equatable {
        var kind: RuleWarning.Kind
        var message: String
        /// The pattern that was probably meant.
        var suggestion: String?
    }

    /// What in the pattern looks like another language's, in that list.
    func likelyMistake(in list: Clause) -> LikelyMistake? {
        let bytes = text.bytes
        let trimmed = bytes[...].trimmed
        if trimmed.count < bytes.count {
            return mistake("begins or ends with a blank, which counts", instead: [UInt8](trimmed))
        }
        if bytes.first == UInt8(ascii: "!") {
            let name = list.isExclude ? list.rawValue : "Exclude" + list.rawValue
            return mistake("'!' is a plain character here; what is not to match goes to \(name)")
        }
        if let index = indexOfSeparator(bytes) {
            var instead = bytes
            for index in index..<instead.count where instead[index] == UInt8(ascii: "\\") {
                instead[index] = UInt8(ascii: "/")
            }
            // Names have no separator of Windows: there it is a regular expression, such as `v\d+`.
            let isOfPaths = list == .paths || list == .excludePaths
            return mistake(
                "'\\' makes the next character plain: what separates segments is '/'",
                instead: isOfPaths ? instead : nil
            )
        }
        switch list {
        case .paths, .excludePaths: return mistakeInPath(bytes)
        case .branches, .excludeBranches: return mistakeInName(bytes, "refs/heads/")
        case .tags, .excludeTags: return mistakeInName(bytes, "refs/tags/")
        default: return nil
        }
    }

    private func mistakeInName(_ bytes: [UInt8], _ prefix: String) -> LikelyMistake? {
        guard bytes.starts(with: prefix.utf8) else { return nil }
        let name = [UInt8](bytes.dropFirst(prefix.utf8.count))
        return mistake("a name is compared without '\(prefix)'", instead: name)
    }

    private func mistakeInPath(_ bytes: [UInt8]) -> LikelyMistake? {
        for (beginning, what) in [("/", "'/'"), ("./", "'./'"), ("../", "'../'")]
        where bytes.starts(with: beginning.utf8) {
            return mistake(
                "matches no path: none begins with \(what), being relative to the repository's root",
                instead: beginning.utf8.count == 3
                    ? nil : allBelow(bytes.dropFirst(beginning.utf8.count))
            )
        }
        if bytes.last == UInt8(ascii: "/") {
            return mistake("matches no path: none ends with '/'", instead: allBelow(bytes[...]))
        }
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == slashByte && $1 == slashByte }) {
            return mistake("matches no path: none holds '//'")
        }
        guard middle == .withinSegment, tail.isEmpty, head.isEmpty || head.last == slashByte else {
            return nil
        }
        let folder = head.isEmpty ? "the root" : "'\(String(decoding: head, as: UTF8.self))'"
        var mistake = mistake(
            "matches the files that lie in \(folder) itself, none in a folder below",
            instead: bytes + [UInt8(ascii: "*")]
        )
        mistake.kind = .shallow
        return mistake
    }

    /// Of `services/` what is meant by it: all that lies below.
    private func allBelow(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.last == slashByte ? bytes + [UInt8]("**".utf8) : [UInt8](bytes)
    }

    private func mistake(_ message: String, instead bytes: [UInt8]? = nil) -> LikelyMistake {
        // Of `/` and `refs/heads/` nothing is left.
        let suggestion = bytes.flatMap {
            $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self)
        }
        return LikelyMistake(kind: .likelyMistake, message: message, suggestion: suggestion)
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
    var isEverything: Bool { middle == .anything && head.isEmpty && tail.isEmpty }

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
    private var plainSlashes: Int { (head + tail).count { $0 == UInt8(ascii: "/") } }

    /// The one name that it matches, where it has no wildcard.
    private var plainName: [UInt8]? { middle == .nothing ? head + tail : nil }
}

extension [UInt8] {
    /// Whether one of the two begins with the other.
    func agrees(with other: [UInt8]) -> Bool {
        starts(with: other) || other.starts(with: self)
    }
}
