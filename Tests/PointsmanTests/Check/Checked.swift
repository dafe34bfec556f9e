@testable import Core
import Foundation
import TestSupport

@testable import pointsman

/// What `pointsman check` says, for tests.
enum Checked {
    /// The report about one file that somebody named.
    static func report(_ text: String, name: String) -> Report {
        var checker = Checker(ownSecrets: .none)
        checker.check(CheckedFile(name: name, bytes: [UInt8](text.utf8), isNamed: true))
        return checker.report
    }

    /// One line a finding: `3:5-8 error unknown-property Branchs: unknown property, did you …`.
    static func lines(_ text: String, name: String) -> [String] {
        report(text, name: name).findings.map(\.oneLine)
    }

    /// The report about what lies on a disk.
    static func walk(_ names: [String], standardInput: String = "") -> (Report, [String]) {
        var checker = Checker(ownSecrets: .none)
        var failures: [String] = []
        FileWalk(standardInput: { [UInt8](standardInput.utf8.prefix($0)) }).visit(names) { step in
            switch step {
            case .file(let file): checker.check(file)
            case .passedOver(let name, let reason): checker.passOver(name, reason)
            case .unreadable(let name, let reason): failures.append("'\(name)' \(reason)")
            }
        }
        return (checker.report, failures)
    }

    /// A file of this package, by its path.
    static func packageFile(_ path: String) -> URL {
        Conformance.packageRoot.appending(path: path)
    }
}

extension Finding {
    var oneLine: String {
        let end = end.line == start.line ? "\(end.column)" : "\(end.line):\(end.column)"
        let place = "\(start.line):\(start.column)-\(end)"
        return "\(place) \(severity.rawValue) \(id.rawValue) \(sentence)"
    }
}
