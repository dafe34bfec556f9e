internal import CLibraries

/// Which Pointsman this is.
package enum Version {
    /// The version by Semantic Versioning: the newest one in CHANGELOG.md.
    package static let number = "1.0.0"

    /// The git commit that was built, with `-dirty` after it where files had been changed; `nil` where
    /// the build was not told: a debug build, or sources without their git repository.
    package static var commit: String? {
        let commit = unsafe String(cString: pointsman_commit())
        return commit.utf8.isEmpty ? nil : commit
    }

    /// What `--version` prints: `pointsman 1.0.0 (commit 0123456789ab)`.
    package static func line(of program: String) -> String {
        program + " " + number + " (commit " + (commit ?? "unknown") + ")"
    }

    /// Version and commit as one version of Semantic Versioning: `1.0.0+0123456789ab`.
    package static var withCommit: String {
        guard let commit else { return number }
        return number + "+" + commit
    }

    /// The product in a `User-Agent` header.
    package static let userAgent = "pointsman/" + number

    /// Prints the version and ends the process, if its one argument is `--version`.
    package static func answerIfAsked(as program: String) {
        guard pointsman_is_asked_for_version() else { return }
        StandardError.write(Array((line(of: program) + "\n").utf8), to: STDOUT_FILENO)
        Exit.now(status: 0)
    }
}
