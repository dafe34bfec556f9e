import Codec
import Core
import Glibc

/// Prints the CPU time of deciding 1,250 to 80,000 rules of one repository about a push of
/// 3,000 changed paths; reading the rules and preparing them are timed apart.
@main enum RulesCurve {
    static func main() throws {
        let change = try push(paths: 3_000)
        // Only the shapes whose name begins so.
        let only = CommandLine.arguments.dropFirst().first ?? ""
        print("3,000 changed paths; milliseconds of CPU time, the best of 3")
        for shape in Shape.all where shape.name.utf8.starts(with: only.utf8) {
            print("\n\(shape.name)")
            print("   rules     read  prepare   decide   started  against half the rules")
            var last: Double?
            for count in [1_250, 2_500, 5_000, 10_000, 20_000, 40_000, 80_000] {
                let figures = measure(shape, count, change)
                var line = padded("\(count)", 8)
                for time in [figures.read, figures.prepare, figures.decide] {
                    line += padded(text(time), 9)
                }
                line += padded("\(figures.started)", 10)
                if let last { line += padded(text(figures.decide / last), 8) }
                last = figures.decide
                print(line)
            }
        }
    }

    private struct NotAChange: Error {}

    private struct Figures {
        var read = Double.infinity
        var prepare = Double.infinity
        var decide = Double.infinity
        var started = 0
    }

    private static func measure(_ shape: Shape, _ count: Int, _ change: Change) -> Figures {
        let objects = (0..<count).map { number in
            let head = #"{"Repository": "acme/app", "Branches": ["main", "release/*"], "#
            let target = #""Target": {"CodePipeline": {"Name": "pipeline-\#(number)"}}}"#
            return [UInt8]((head + shape.properties(number) + ", " + target).utf8)
        }
        let digits = "\(count)".utf8.count
        let keys = (0..<count).map { number in
            let name = String(repeating: "0", count: digits - "\(number)".utf8.count) + "\(number)"
            return "prefix/rules/github/acme/app/rule-\(name).json"
        }
        var figures = Figures()
        for _ in 0..<3 {
            let start = clock()
            let rules = objects.indices.map { index in
                Rule(key: keys[index], prefix: "prefix", object: objects[index])
            }
            let read = clock()
            let set = RuleSet(rules)
            let prepared = clock()
            let decisions = set.decide(change)
            let decided = clock()
            figures.read = min(figures.read, milliseconds(start, read))
            figures.prepare = min(figures.prepare, milliseconds(read, prepared))
            figures.decide = min(figures.decide, milliseconds(prepared, decided))
            figures.started = decisions.count { $0.outcome == .start }
            // Else the rules' end would be timed as well.
            withExtendedLifetime((rules, set)) {}
        }
        return figures
    }

    /// A push whose paths lie in 600 services, five in each.
    private static func push(paths count: Int) throws -> Change {
        let names = ["src/main.swift", "src/api/routes.ts", "README.md", "test/main.ts", "a.kind7"]
        let paths = (0..<count).map { number in
            "\"services/svc-\(number / names.count * 7)/\(names[number % names.count])\""
        }
        let zeros = String(repeating: "0", count: 64)
        let text = """
            {"change": {"source": "github", "repository": "acme/app", "kind": "push",
            "branch": "main", "receivedAt": 0, "delivery": "d", "commits": 1,
            "identity": {"state": "\(zeros)", "length": 0, "pending": ""},
            "paths": [\(paths.joined(separator: ","))]}}
            """
        guard case .change(let change) = try EvaluateRequest([UInt8](text.utf8)) else {
            throw NotAChange()
        }
        return change
    }

    private static func milliseconds(_ start: clock_t, _ end: clock_t) -> Double {
        Double(end - start) * 1_000 / Double(CLOCKS_PER_SEC)
    }

    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}
