import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
    /// Leaves a test out of `make unit`, since it takes half a second or more of a processor.
    package static var thorough: Self {
        .enabled("it takes long, and is one of make test") {
            ProcessInfo.processInfo.environment["POINTSMAN_TESTS"] != "quick"
        }
    }

    /// Leaves a test to `make model`, since it takes up to an hour.
    package static var ofModel: Self {
        .enabled("it takes an hour, and is make model") {
            ProcessInfo.processInfo.environment["POINTSMAN_TESTS"] == "model"
        }
    }

    /// Skips a test where `/usr/bin/openssl` is missing.
    package static var needsOpenSSL: Self {
        skipped(unless: "/usr/bin/openssl is missing") {
            FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
        }
    }

    /// Skips a test where Python or a package of it is missing.
    package static func needsPython(_ package: String) -> Self {
        skipped(unless: "Python's \(package) is missing") { try PythonOracle.has(package) }
    }

    private static func skipped(
        unless reason: String,
        isThere: @escaping @Sendable () throws -> Bool
    ) -> Self {
        .enabled(Comment(rawValue: reason)) { try Skips.here.mustRun(reason) || isThere() }
    }
}

/// Which tests may be skipped.
package struct Skips: Sendable {
    private let isCI: Bool
    private let reasons: Set<Substring>

    /// With the lines of `Tests/may-be-skipped.txt`.
    package init(isCI: Bool, list: String) {
        self.isCI = isCI
        reasons = Set(list.split(separator: "\n").filter { !$0.hasPrefix("#") })
    }

    /// Under `CI=true` only what `Tests/may-be-skipped.txt` lists; elsewhere all.
    package static let here = Skips(
        isCI: ProcessInfo.processInfo.environment["CI"] == "true",
        list: (try? String(
            contentsOf: Conformance.packageRoot.appending(path: "Tests/may-be-skipped.txt"),
            encoding: .utf8
        )) ?? ""
    )

    /// Whether a test runs, and fails, although what it needs is missing.
    package func mustRun(_ reason: String) -> Bool {
        isCI && !reasons.contains(Substring(reason))
    }
}
