import Codec
import Trigger

/// A decision record that was read, and where it was found.
struct SavedRecord {
    /// Its key, or the file's name.
    let place: String
    let record: DecisionRecord
    /// The record as it came.
    let json: JSON

    /// Reads an object of the bucket; `nil` where it is no decision record.
    init?(place: String, bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return nil }
        self.init(place: place, json: json)
    }

    /// Takes the record itself, or the log line that has it as its member `decision`.
    private init?(place: String, json: JSON) {
        let json = json["decision"] ?? json
        guard let record = DecisionRecord(parsing: json.encoded()) else { return nil }
        self.place = place
        self.record = record
        self.json = json
    }

    /// The records in a file: one as `evaluate` returns it or the bucket has it, or log lines,
    /// of which those with a decision count.
    static func all(in bytes: [UInt8], name: String) throws(Failure) -> [SavedRecord] {
        if let one = SavedRecord(place: name, bytes: bytes) { return [one] }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let records = lines.compactMap { SavedRecord(place: name, bytes: [UInt8]($0)) }
        guard !records.isEmpty else {
            throw Failure(
                "reading \(name): it is no decision record and holds no log line with one"
            )
        }
        return records
    }

    /// A member of the change.
    func change(_ name: String) -> String? { json["change"]?[name]?.string }

    /// When the change was received, as it is written: these sort by time.
    var receivedAt: String { change("receivedAt") ?? "" }

    /// The delivery's id.
    var delivery: String { change("delivery") ?? "" }

    /// `push to main of octo-org/monorepo, 3 paths`.
    var summary: String {
        let change = json["change"]
        let repository = self.change("repository") ?? ""
        let ref = self.change("branch") ?? self.change("tag") ?? ""
        switch self.change("kind") {
        case "pull_request":
            let number = change?["pullRequest"]?.int.map(String.init) ?? ""
            return "pull request \(number) of \(repository), \(self.change("action") ?? "")"
        case "image": return "image \(self.change("image") ?? repository)"
        case "tag": return "tag \(ref) of \(repository)"
        default:
            let count = change?["pathCount"]?.int ?? 0
            let paths = count == 1 ? "1 path" : "\(count) paths"
            let incomplete = self.change("pathsIncomplete").map { ", not all: \($0)" } ?? ""
            return "push to \(ref) of \(repository), \(paths)\(incomplete)"
        }
    }

    /// `1 started, 3 skipped`: of all rules, also where a log line names only some.
    var counts: String {
        let counts = RuleOutcome.Outcome.allCases.compactMap { outcome in
            json["counts"]?[outcome.rawValue]?.int.map { "\($0) \(outcome.rawValue)" }
        }
        return counts.isEmpty ? "no rule" : counts.joined(separator: ", ")
    }
}
