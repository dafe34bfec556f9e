import Codec
import Core

/// The rules as they are now, for the console.
struct RuleOverview {
    /// Rules that are read at the most.
    static let most = 5_000

    private(set) var entries: [(rule: Rule, json: JSON?)] = []
    private(set) var isCut = false
    private let prefix: String

    init(_ source: ObjectSource) throws(Failure) {
        prefix = source.prefix
        var listed = try source.list(source.keys.rules, nil)
        // Those of the mono-repo trigger lie beside the folders.
        listed += try source.list("\(source.prefix)/", "/")
        listed = listed.filter { BucketKeys.isRule($0.key) }
        isCut = listed.count > Self.most
        listed = Array(listed.prefix(Self.most))
        let small = listed.filter { $0.size <= Budget.object.limit }
        for (object, content) in zip(small, source.read(small.map(\.key))) {
            switch content {
            case .success(nil): break
            case .success(let bytes?):
                let rule = Rule(key: object.key, prefix: prefix, object: bytes)
                entries.append((rule, try? JSON(parsing: bytes)))
            case .failure(let failure):
                let reason = Rule.unreadReason(failure.description)
                entries.append((Rule(key: object.key, prefix: prefix, unread: reason), nil))
            }
        }
        for object in listed where object.size > Budget.object.limit {
            entries.append((Rule(key: object.key, prefix: prefix, size: object.size), nil))
        }
    }

    func name(of rule: Rule) -> String { RuleName.short(rule.key, prefix: prefix) }

    var json: JSON {
        let rules = entries.map { rule, json in
            let target = json?["Target"]?.members?.first
            let name = target?.value["Name"]?.string ?? target?.value["Project"]?.string
            let words = target.map { "\($0.key) \(name ?? "")" } ?? rule.target?.name
            return JSON([
                "rule": .string(self.name(of: rule)),
                "target": words.map(JSON.string),
                "problems": .array(rule.problems.map { .string("\($0)") }),
                "paths": Self.texts(json?["Paths"]),
                "excluded": Self.texts(json?["ExcludePaths"]),
                "branches": Self.texts(json?["Branches"] ?? json?["Branch"]),
                "events": Self.texts(json?["Events"]),
            ])
        }
        return Redaction.clean(JSON(["rules": .array(rules), "cut": .bool(isCut)]))
    }

    /// One text or several, as an array.
    private static func texts(_ json: JSON?) -> JSON? {
        switch json {
        case .string?: .array([json ?? .null])
        case .array(let all)?: .array(all.filter { $0.string != nil })
        default: nil
        }
    }
}
