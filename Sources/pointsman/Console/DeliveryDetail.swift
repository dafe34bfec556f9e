import Codec
import Core
import Foundation
import Platform

/// All that the console shows of one delivery.
struct DeliveryDetail {
    private let saved: SavedRecord
    private let source: ObjectSource

    init(_ saved: SavedRecord, _ source: ObjectSource) {
        (self.saved, self.source) = (saved, source)
    }

    /// Reads what is known of its runs, and which targets its rules have.
    func json() throws(Failure) -> JSON {
        let results = try RunResults(of: saved, keys: source.keys, source.contents)
        let links = links(results)
        var saidOf: [ByteKey: JSON] = [:]
        for rule in saved.json["rules"]?.array ?? [] {
            if let key = rule["rule"]?.string, saidOf[ByteKey(key)] == nil {
                saidOf[ByteKey(key)] = rule
            }
        }
        let rules = saved.record.rules.enumerated().map { index, rule in
            let raw = saidOf[ByteKey(rule.ruleKey)]
            return JSON([
                "rule": .string(RuleName.short(rule.ruleKey, prefix: source.prefix)),
                "key": .string(rule.ruleKey),
                "outcome": .string(rule.outcome.rawValue),
                "clause": .string(rule.clause),
                "path": raw?["path"],
                "pattern": raw?["pattern"],
                "reason": .string(rule.reason),
                "answer": rule.answer.map(JSON.string),
                "retried": .bool(rule.willBeRetried),
                "status": rule.status.map(JSON.string),
                "target": links[index].target.map(JSON.string),
                "link": links[index].url.map(JSON.string),
                "ended": .array((results?.words(of: rule) ?? []).map(JSON.string)),
                "superseded": .array(
                    rule.superseded.map { .string("earlier run \($0.id): \($0.words)") }
                ),
            ])
        }
        let attempts = saved.record.attempts.map { attempt in
            JSON([
                "at": .string(attempt.at.iso8601Milliseconds),
                "started": .int(attempt.started),
                "failed": .int(attempt.failed),
            ])
        }
        let json = JSON([
            "id": .string(DeliverySummary.id(of: saved.place)),
            "place": .string(saved.place),
            "text": .string(saved.summary),
            "change": saved.json["change"],
            "counts": saved.counts.map(JSON.string),
            "rules": .array(rules),
            "attempts": .array(attempts),
            "commands": RecordCommands(saved, source).json,
            "note": source.note.map(JSON.string),
        ])
        return Redaction.clean(json)
    }

    /// What each rule has started, and the page of AWS's console that shows it.
    ///
    /// A run that is kept knows both; of any other the rule as it is now says the target.
    private func links(_ results: RunResults?) -> [(target: String?, url: String?)] {
        let rules = saved.record.rules
        let ran = rules.filter { [.started, .alreadyStarted, .unchanged].contains($0.outcome) }
            .prefix(100)
        let contents = source.read(ran.map(\.ruleKey))
        var targets: [String: (target: String?, url: String?)] = [:]
        for (rule, content) in zip(ran, contents) {
            let bytes = (try? content.get()) ?? nil
            let target = bytes.flatMap { try? JSON(parsing: $0) }?["Target"]
            targets[rule.ruleKey] = link(target, rule)
        }
        return rules.map { rule in
            let known = targets[rule.ruleKey]
            let url = results?.consoleURL(of: rule) ?? known?.url
            return (known?.target, source.isDryRun ? nil : url)
        }
    }

    private func link(_ target: JSON?, _ rule: RuleOutcome) -> (target: String?, url: String?) {
        guard let member = target?.members?.first else { return (nil, nil) }
        let name = member.value["Name"]?.string ?? member.value["Project"]?.string
        let words = name.map { "\(member.key) \($0)" } ?? member.key
        guard let name, let region = member.value["Region"]?.string ?? source.region,
            ["CodePipeline", "CodeBuild"].contains(member.key),
            // A name with a placeholder is another one for each change.
            name.wholeMatch(of: /[A-Za-z0-9.@_-]+/) != nil,
            region.wholeMatch(of: /[a-z0-9-]+/) != nil
        else { return (words, nil) }
        let id = rule.answer?.split(separator: ";").first.map(String.init)
        let isID = id?.wholeMatch(of: /[A-Za-z0-9:._-]+/) != nil
        let run = RunTarget(kind: member.key, name: name, region: region, roleARN: nil)
        return (words, run.consoleURL(ofRun: isID ? id : nil))
    }
}

/// The commands that tell more of a record, or run it again, to be copied.
struct RecordCommands {
    /// Where the records lie, as the commands name it.
    enum Place {
        case none
        case stack(StackOptions.Place?)
        case folder(String, prefix: String)
    }

    private var commands: [(name: String, text: String)] = []

    init(_ saved: SavedRecord, _ source: ObjectSource) {
        let delivery = saved.delivery.shellWord
        // A delivery that has come again on another day has a record there too.
        let day = saved.place.split(separator: "/").dropLast().last
            .map(String.init)?.shellWord.map { "--day \($0)" }
        switch source.commands {
        case .none, .stack(nil): break
        case .stack(.stack(let name)?):
            let stack = name.shellWord.map { "--stack \($0)" }
            // What lies where in the bucket is not known without the outputs of the stack.
            add("explain", ["pointsman explain EVENT", stack])
            add("why", ["pointsman why", delivery, day, stack])
            add("replay", ["pointsman replay", delivery, day, stack])
        case .stack(.bucket(let bucket, let prefix)?):
            let place = bucket.shellWord.flatMap { bucket in
                prefix.shellWord.map { "--bucket \(bucket) --prefix \($0)" }
            }
            if let key = saved.record.changeKey {
                let url = "s3://\(bucket)/\(key)".shellWord.map { "aws s3 cp \($0) -" }
                add("explain", [url, "| pointsman explain -", place])
            } else {
                add("explain", ["pointsman explain EVENT", place])
            }
            add("why", ["pointsman why", delivery, day, place])
            add("replay", ["pointsman replay", delivery, day, place, "--function FUNCTION"])
        case .folder(let folder, let prefix):
            func file(_ key: String) -> String? {
                key.hasPrefix(prefix) ? (folder + key.dropFirst(prefix.count)).shellWord : nil
            }
            let rules = folder.shellWord.map { "--rules \($0)" }
            let change = saved.record.changeKey.map(file) ?? "EVENT"
            add("explain", ["pointsman explain", change, rules])
            add("why", ["pointsman why", file(saved.place)])
            add("replay", ["pointsman replay", delivery, day, "--stack STACK"])
        }
    }

    /// A command with a part that cannot be typed is none.
    private mutating func add(_ name: String, _ parts: [String?]) {
        let known = parts.compactMap(\.self)
        guard known.count == parts.count else { return }
        commands.append((name, known.joined(separator: " ")))
    }

    var json: JSON {
        .array(commands.map { JSON(["name": .string($0.name), "text": .string($0.text)]) })
    }
}
