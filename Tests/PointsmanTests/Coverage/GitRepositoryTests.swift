import Codec
import Foundation
import Testing

@testable import pointsman

struct GitRepositoryTests {
    /// Runs a script in a new clone.
    private func clone(_ script: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-ec", "cd \"$0\"\n\(script)", folder.path]
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b", "GIT_AUTHOR_DATE": "2026-01-02T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-02T00:00:00Z",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return folder
    }

    @Test func `each commit of the branch's own line is read, of a merge what it brought`() throws {
        let folder = try clone(
            """
            git init -q -b main .
            git remote add origin git@github.com:Octo-Org/app.git
            mkdir d && echo 1 > 'd/a b' && echo 1 > 'é' && git add . && git commit -qm 'One

            and more'
            git checkout -qb side && echo 2 > s && git add . && git commit -qm side
            git checkout -q main && git commit -qm empty --allow-empty && git merge -q --no-ff -m merge side
            """
        )
        let repository = GitRepository(path: folder.path)
        let commits = try repository.commits(since: nil, last: nil)
        #expect(commits.map(\.message) == ["merge\n", "empty\n", "One\n\nand more\n"])
        #expect(commits.map(\.paths) == [["s"], [], ["d/a b", "é"]])
        #expect(commits.map(\.time.day) == ["2026-01-02", "2026-01-02", "2026-01-02"])
        #expect(try repository.commits(since: nil, last: 1).count == 1)
        #expect(try repository.commits(since: "2026-02-01T00:00:00Z", last: nil).isEmpty)
        #expect(try repository.files() == ["d/a b", "s", "é"])
        #expect(try repository.branch() == "main")
        #expect(repository.origin() == "Octo-Org/app")
    }

    @Test(.timeLimit(.minutes(1)))
    func `a git that says much on both outputs is read to its end`() throws {
        let folder = try clone(
            """
            printf '#!/bin/sh\nyes warning | head -c 200000 >&2\nyes file | head -c 200000\n' >git
            chmod +x git
            """
        )
        let repository = GitRepository(path: folder.path, program: "\(folder.path)/git")
        let files = try repository.files()
        #expect(files.first?.utf8.count == 200_000)
    }

    @Test func `a folder that is no clone is an error`() throws {
        let folder = try TemporaryFolder()
        let failure = #expect(throws: Failure.self) {
            try GitRepository(path: folder.path).commits(since: nil, last: nil)
        }
        let words = folder.naming(failure?.description ?? "")
        #expect(words.hasPrefix("reading the git repository 'DIR': fatal: not a git repository"))
    }
}
