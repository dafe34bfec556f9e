internal import Codec

/// A rule as it lies in S3: valid or not, of either shape.
package struct Rule {
    package let key: String
    let content: Content

    enum Content {
        case current(RuleDefinition)
        case monoRepo(MonoRepoRule)
        case invalid(InvalidRule)
        /// The object could not be read; why.
        case unread(String)
    }

    /// Which changes a rule of the mono-repo trigger is about; `nil` for other rules.
    let monoRepoSubject: MonoRepoSubject?
    /// What can be told of an invalid rule that names a status; `nil` for other rules.
    let invalidScope: InvalidRuleScope?
    /// About how many bytes of memory it takes while it is kept and decided.
    let memory: Int

    /// Bytes that a rule takes by itself, with what is decided about it and its part of the record,
    /// and for each of its patterns.
    ///
    /// Measured on the release: 770 for a pattern of 14 bytes, 3 more for each further byte.
    private static let ownMemory = 3_072
    private static let patternMemory = 800
    private static let byteMemory = 3

    enum MonoRepoSubject {
        case push(repository: String, branch: String)
        /// The object does not say, but its key, behind the prefix, does.
        case key(String)
    }

    /// Reads an object; what is wrong with it becomes part of the rule.
    ///
    /// - Parameters:
    ///   - key: The object's key.
    ///   - prefix: The value of `S3_PREFIX`, without a `/` at its end.
    ///   - object: The object's content.
    package init(key: String, prefix: String, object: [UInt8]) {
        guard object.count <= Budget.object.limit else {
            self.init(key: key, prefix: prefix, size: object.count)
            return
        }
        let properties: JSON
        do throws(JSONError) {
            properties = try JSON(parsing: object)
        } catch {
            self.init(key: key, prefix: prefix, notARule: error.description)
            return
        }
        if Rule.isCurrent(key, prefix: prefix) {
            let content = Rule.current(properties, key: key, prefix: prefix)
            var scope: InvalidRuleScope?
            if case .invalid = content { scope = InvalidRuleScope(properties) }
            self.init(key, content, nil, scope, size: object.count)
        } else {
            let scope = MonoRepoRule.scope(properties).map {
                MonoRepoSubject.push(repository: $0.repository, branch: $0.branch)
            }
            let content = Rule.monoRepo(properties)
            self.init(
                key,
                content,
                scope ?? .key(Rule.name(key, prefix: prefix)),
                size: object.count
            )
        }
    }

    /// What an object is that is too large to be a rule: an invalid one.
    package init(key: String, prefix: String, size: Int) {
        self.init(key: key, prefix: prefix, notARule: Budget.object.breached(by: size))
    }

    /// Why there is no rule where its object cannot be read, in words.
    package static func unreadReason(_ error: String) -> String {
        "the rule cannot be read: \(error)"
    }

    /// The rule of an object that cannot be read now; why, in words.
    ///
    /// Nothing is decided about it, and another run on the change will look again.
    package init(key: String, prefix: String, unread reason: String) {
        self.init(
            key,
            .unread(reason),
            Rule.isCurrent(key, prefix: prefix) ? nil : .key(Rule.name(key, prefix: prefix))
        )
    }

    /// An invalid rule, of which only the key tells whether it is about a change.
    private init(key: String, prefix: String, notARule problem: String) {
        self.init(
            key,
            .invalid(InvalidRule(problems: [RuleProblem("", problem)])),
            Rule.isCurrent(key, prefix: prefix) ? nil : .key(Rule.name(key, prefix: prefix))
        )
    }

    /// - Parameter size: The object's bytes, where they were read.
    private init(
        _ key: String,
        _ content: Content,
        _ monoRepoSubject: MonoRepoSubject?,
        _ invalidScope: InvalidRuleScope? = nil,
        size: Int = 0
    ) {
        self.key = key
        self.content = content
        self.monoRepoSubject = monoRepoSubject
        self.invalidScope = invalidScope
        let contentMemory =
            switch content {
            case .current(let definition):
                Rule.patternMemory * definition.patternCount + Rule.byteMemory * size
                    + definition.compiledSize
            case .monoRepo(let rule):
                Rule.patternMemory * rule.expressions.count + Rule.byteMemory * size
                    + rule.expressions.reduce(0) { $0 + $1.compiledSize }
            // Of what it says only the problems are kept.
            case .invalid(let error):
                error.found.memory + Rule.patternMemory * (invalidScope?.patternCount ?? 0)
            case .unread(let reason): reason.utf8.count
            }
        memory = Rule.ownMemory + contentMemory
    }

    /// What a valid rule says; `nil` for one of the mono-repo trigger.
    package var definition: RuleDefinition? {
        if case .current(let definition) = content { definition } else { nil }
    }

    /// Whether it starts if not all changed paths are known, and those that are do not match.
    ///
    /// The mono-repo trigger did not know that paths may be missing, and lost starts.
    var startsWhenPathsUnknown: Bool { definition?.startsWhenPathsUnknown ?? true }

    package var target: Target? {
        switch content {
        case .current(let definition): definition.target
        case .monoRepo(let rule): rule.target
        case .invalid, .unread: nil
        }
    }

    package var isUnread: Bool {
        if case .unread = content { true } else { false }
    }

    /// What is wrong with the rule; empty where it is valid.
    package var problems: [RuleProblem] {
        if case .invalid(let error) = content { error.problems } else { [] }
    }

    /// Whether a decision about a change is to name this rule.
    ///
    /// The keys of the mono-repo trigger are listed by a prefix that other branches and
    /// repositories may share.
    func isConsidered(for change: Change) -> Bool {
        switch monoRepoSubject {
        case nil: return true
        case .push(let repository, let branch):
            guard change.source == .github, change.kind == .push else { return false }
            return BucketKeys.nameWithoutOwner(change.repository).utf8.elementsEqual(
                repository.utf8
            )
                && change.branch?.utf8.elementsEqual(branch.utf8) == true
        case .key(let name):
            guard let beginning = BucketKeys.monoRepoBeginning(for: change, "-") else {
                return false
            }
            return name.utf8.starts(with: beginning.utf8)
        }
    }

    /// Whether two objects of the mono-repo trigger are for the same repository and branch.
    func hasSameMonoRepoSubject(as other: Rule) -> Bool {
        guard case .push(let repository, let branch) = monoRepoSubject,
            case .push(let otherRepository, let otherBranch) = other.monoRepoSubject
        else { return false }
        return isSame(repository, otherRepository) && isSame(branch, otherBranch)
    }

    private static func isCurrent(_ key: String, prefix: String) -> Bool {
        key.utf8.starts(with: BucketKeys(prefix: prefix).rules.utf8)
    }

    /// The key behind the prefix.
    private static func name(_ key: String, prefix: String) -> String {
        String(decoding: key.utf8.dropFirst(prefix.utf8.count + 1), as: UTF8.self)
    }

    private static func current(_ properties: JSON, key: String, prefix: String) -> Content {
        do throws(InvalidRule) {
            let definition = try RuleDefinition.read(properties)
            try checkFolder(definition, key: key, prefix: prefix)
            return .current(definition)
        } catch {
            return .invalid(error)
        }
    }

    private static func monoRepo(_ properties: JSON) -> Content {
        do throws(InvalidRule) {
            return .monoRepo(try MonoRepoRule(properties))
        } catch {
            return .invalid(error)
        }
    }

    private static func checkFolder(
        _ definition: RuleDefinition,
        key: String,
        prefix: String
    ) throws(InvalidRule) {
        let keys = BucketKeys(prefix: prefix)
        let folder = keys.rules(of: definition.source, definition.repository)
        let rest = key.utf8.dropFirst(folder.utf8.count)
        if key.utf8.starts(with: folder.utf8), !rest.contains(UInt8(ascii: "/")) { return }
        let isOfSource = key.utf8.starts(with: "\(keys.rules)\(definition.source.rawValue)/".utf8)
        throw InvalidRule(problems: [
            RuleProblem(
                isOfSource ? "Repository" : "Source",
                "a rule for '\(clipped(definition.repository))' of "
                    + "\(definition.source.rawValue) belongs in '\(clipped(folder))', but it lies "
                    + "at '\(key)'",
                kind: .folder
            )
        ])
    }
}
