import Codec
import Trigger

/// How often each rule starts, and what no rule covers.
struct Coverage {
    /// One rule.
    struct RuleUse: Equatable {
        var name: String
        /// How often it starts, or started.
        var starts = 0
        /// When it last did, as a day.
        var last: String?
        /// How often each clause kept it from starting.
        var misses: [String: Int] = [:]
        /// How often its target could not be started.
        var failures = 0
        /// It looks at no path, so that it covers all of them.
        var coversAll = false

        /// Why it never starts, in words.
        var obstacle: String {
            if failures > 0 {
                return failures == 1 ? "it failed once" : "it failed \(failures) times"
            }
            switch mostlyMissedBy {
            case nil: return "it was never looked at"
            case "Rule": return "it is invalid"
            case let clause?: return "mostly skipped by \(clause)"
            }
        }

        /// The clause that mostly kept it from starting.
        var mostlyMissedBy: String? {
            misses.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
    }

    /// A folder in which no file is covered, or the files directly in one that are not.
    struct Gap: Equatable {
        /// The folder with a `/` at its end; empty for the root.
        var folder: String
        /// How many files no rule covers.
        var files: Int
        /// Files below it in other folders are covered.
        var isPartly: Bool
        /// How many changes touched them.
        var changes: Int
    }

    /// What was looked at, in words: `120 commits of main of octo-org/monorepo`.
    var subject: String
    /// How many changes were looked at.
    var changes: Int
    /// The rules, those that start most often first.
    var rules: [RuleUse]
    /// What no rule covers; `nil` where paths are not known.
    var gaps: [Gap]?
    /// What cannot be known, or is to be known about the figures.
    var notes: [String] = []
}
