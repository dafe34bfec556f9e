import AWS
import ArgumentParser
import Core
import Platform

/// Where a command takes rules from: a folder or a stack's bucket.
enum RuleSource {
    case folder(RuleFolder)
    case bucket(Bucket)

    /// The rules of a folder, which all are known.
    var known: [Rule] {
        if case .folder(let folder) = self { folder.entries.map(\.rule) } else { [] }
    }

    /// The files of a folder that are no rules.
    var unplaced: [RuleFolder.Unplaced] {
        if case .folder(let folder) = self { folder.unplaced } else { [] }
    }

    /// The rules of a folder's templates of which too little is known to decide about them.
    var undecided: [RuleFolder.Unplaced] {
        if case .folder(let folder) = self { folder.undecided } else { [] }
    }

    /// The rules that `evaluate` would list for a change.
    func rules(for change: Change) throws(Failure) -> ListedRules {
        switch self {
        case .folder(let folder): ListedRules(folder, for: change)
        case .bucket(let bucket): try ListedRules(bucket, for: change)
        }
    }

    /// The one rule whose key, file or last part of either is a name, with or without `.json`; of
    /// a folder it may be a rule of another repository.
    func rule(named name: String, for change: Change) throws(Failure) -> RuleFolder.Entry {
        let entries: [RuleFolder.Entry]
        switch self {
        case .folder(let folder): entries = folder.entries
        case .bucket(let bucket): entries = try ListedRules(bucket, for: change).entries
        }
        func bare(_ text: String) -> String {
            text.hasSuffix(".json") ? String(text.dropLast(5)) : text
        }
        func last(_ text: String) -> String {
            text.split(separator: "/").last.map(String.init) ?? text
        }
        let found = entries.filter { entry in
            [entry.rule.key, entry.file].contains { text in
                bare(text) == bare(name) || bare(text).hasSuffix("/\(bare(name))")
            }
        }
        if found.count == 1, let entry = found.first { return entry }
        guard found.isEmpty else {
            let keys = found.prefix(5).map(\.rule.key).joined(separator: ", ")
            throw Failure("\(found.count) rules are called '\(name)': \(keys)")
        }
        let names = entries.map { last(bare($0.rule.key)) }
        let hint = suggestion(for: last(bare(name)), among: names).map { ", did you mean '\($0)'?" }
        throw Failure("none of \(entries.count) rules is called '\(name)'\(hint ?? "")")
    }
}

/// The options of a command that takes rules from a folder or from a stack's bucket.
struct RuleSourceOptions: ParsableArguments {
    @Option(help: "The rules: a folder or a file.")
    var rules: String?

    @OptionGroup var stack: StackOptions

    func validate() throws {
        // What the environment says of a stack is no choice.
        guard rules == nil ? stack.isKnown : !stack.isGiven else {
            throw ValidationError("say where the rules are: either --rules, or --stack or --bucket")
        }
    }

    func open() throws(Failure) -> RuleSource {
        if let rules {
            .folder(try RuleFolder(rules).holdingSomething(rules))
        } else {
            .bucket(try stack.open())
        }
    }
}

extension Bucket {
    /// The keys of all rules, of whichever repository.
    func ruleKeys() throws(Failure) -> [String] {
        let ofMonoRepo = try objects(below: "\(prefix)/", delimiter: "/")
        return try (objects(below: keys.rules) + ofMonoRepo).map(\.key).filter(BucketKeys.isRule)
    }
}

/// The rules that are listed for one change, as `evaluate` lists them.
struct ListedRules {
    var entries: [RuleFolder.Entry]
    /// How many rules of other repositories there are, where that is known.
    var others = 0
    /// The repositories that those of a folder are about, such as `github/octo-org/monorepo`.
    private(set) var otherRepositories: [String] = []
    /// What the rules' keys begin with.
    var prefix: String

    init(_ folder: RuleFolder, for change: Change) {
        let listings = RuleFolder.keys.ruleListings(for: change)
        entries = folder.entries.filter { entry in
            listings.contains { $0.contains(entry.rule.key) }
        }
        others = folder.entries.count - entries.count
        let all = folder.entries.compactMap { $0.rule.definition }
            .map { "\($0.source.rawValue)/\($0.repository)" }
        let own = "\(change.source.rawValue)/\(change.repository)".lowercased()
        otherRepositories = Set(all).filter { $0.lowercased() != own }.sorted()
        prefix = RuleFolder.prefix
    }

    init(_ bucket: Bucket, for change: Change) throws(Failure) {
        prefix = bucket.prefix
        entries = []
        for listing in bucket.keys.ruleListings(for: change) {
            let listed = try bucket.objects(below: listing.prefix, delimiter: listing.delimiter)
                .filter { BucketKeys.isRule($0.key) }
            let small = listed.filter { $0.size <= Budget.object.limit }
            let contents = bucket.contentsOrFailures(of: small.map(\.key))
            for (object, content) in zip(small, contents) {
                switch content {
                case .success(nil): break
                case .success(let content?):
                    add(object.key, Rule(key: object.key, prefix: prefix, object: content))
                case .failure(let error):
                    let reason = Rule.unreadReason("\(error)")
                    add(object.key, Rule(key: object.key, prefix: prefix, unread: reason))
                }
            }
            for object in listed where object.size > Budget.object.limit {
                add(object.key, Rule(key: object.key, prefix: prefix, size: object.size))
            }
        }
        // Most likely the prefix, or the stack, is another one.
        if entries.isEmpty, try bucket.objects(below: "\(prefix)/rules/").isEmpty {
            StandardError.tell("there is no rule below \(prefix)/rules/, of any repository")
        }
    }

    private mutating func add(_ key: String, _ rule: Rule) {
        entries.append(RuleFolder.Entry(file: key, rule: rule))
    }
}
