import Codec
import Foundation
import TestSupport
import Testing

@testable import pointsman

struct GitRepositoryTests {
    private func clone(_ script: String) throws -> TemporaryFolder {
        try TemporaryFolder(running: script)
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
        let commits = try repository.history(since: nil, last: nil).commits
        #expect(commits.map(\.message) == ["merge\n", "empty\n", "One\n\nand more\n"])
        #expect(commits.map(\.paths) == [["s"], [], ["d/a b", "é"]])
        #expect(commits.map(\.time.day) == ["2026-01-02", "2026-01-02", "2026-01-02"])
        #expect(try repository.history(since: nil, last: 1).commits.count == 1)
        #expect(
            try repository.history(since: Timestamp(iso8601: "2026-02-01T00:00:00Z"), last: nil)
                .commits.isEmpty
        )
        #expect(try repository.files() == ["d/a b", "s", "é"])
        #expect(try repository.branch() == "main")
        #expect(repository.origin()?.path == "Octo-Org/app")
    }

    @Test(arguments: [("1960-01-01", 1), ("2026-01-02", 1), ("2026-01-03", 0), ("2100-01-01", 0)])
    func `only commits of a day and later ones are read`(day: String, count: Int) throws {
        let folder = try clone("git init -q -b main . && git commit -qm a --allow-empty")
        let since = Timestamp(iso8601: "\(day)T00:00:00Z")
        let history = try GitRepository(path: folder.path).history(since: since, last: nil)
        #expect(history.commits.count == count)
    }

    @Test func `many commits are read in parts, and come to the same`() throws {
        let folder = try clone(
            """
            git init -q -b main .
            for n in $(seq 1300); do
                printf 'commit refs/heads/main\ncommitter a <a@b> %d +0000\ndata 2\nm\n' $n
                printf 'M 100644 inline d%d/f%d\ndata 2\n%d\n' $((n % 7)) $n $((n % 10))
                printf 'M 100644 inline same\ndata 5\n%05d\n' $n
            done | sed 's/^data 2$/data 2/' | git fast-import --quiet --force
            """
        )
        var repository = GitRepository(path: folder.path)
        let inParts = try repository.history(since: nil, last: nil)
        repository.manyCommits = .max
        #expect(try repository.history(since: nil, last: nil) == inParts)
        #expect(inParts.commits.count == 1_300)
        for (place, commit) in inParts.commits.enumerated() {
            let number = 1_300 - place
            #expect(commit.paths == ["d\(number % 7)/f\(number)", "same"])
        }
    }

    @Test func `of a file that is renamed both names have changed, and before it the old one`()
        throws
    {
        let folder = try clone(
            """
            git init -q -b main . && mkdir old new && echo 1 >old/a && git add . && git commit -qm one
            git mv old/a new/a && git commit -qm two
            """
        )
        let history = try GitRepository(path: folder.path).history(since: nil, last: nil)
        #expect(history.commits.map(\.paths) == [["new/a", "old/a"], ["old/a"]])
    }

    @Test func `no tag is taken for a branch or for what is checked out`() throws {
        let folder = try clone(
            """
            git init -q -b main . && git commit -qm one --allow-empty && git tag side
            git checkout -qb side && echo 1 >a && git add a && git commit -qm two
            git update-ref refs/tags/HEAD HEAD~1
            """
        )
        let repository = GitRepository(path: folder.path)
        #expect(try repository.branch() == "side")
        #expect(try repository.difference(of: "side", from: "main").paths == ["a"])
        #expect(try repository.difference(of: "HEAD", from: "main").message == "two\n")
        #expect(try repository.history(since: nil, last: nil).commits.count == 2)
    }

    /// What a clone's own configuration may name, each of which writes the file `ran`.
    @Test(arguments: [
        "git config core.fsmonitor 'touch ran; false'",
        """
        git config extensions.partialClone x && git config remote.x.promisor true
        git config remote.x.url /nowhere && git config remote.x.uploadpack 'touch ran; false'
        git config protocol.allow always && rm -f .git/objects/$(git rev-parse HEAD:d | sed 's|..|&/|')
        """,
    ])
    func `nothing that a clone's configuration names is run`(configuration: String) throws {
        let folder = try clone(
            """
            git init -q -b main .
            mkdir d && echo 1 >d/a && git add . && git commit -qm one
            echo 2 >d/a && git commit -qam two
            \(configuration)
            """
        )
        let repository = GitRepository(path: folder.path)
        _ = try? repository.history(since: nil, last: nil)
        _ = try? repository.difference(of: "HEAD", from: "HEAD~1")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/ran"))
    }

    @Test(arguments: [("9223372036854775807", "9999-12-31"), ("0", "1970-01-01")])
    func `a commit may be of any time`(seconds: String, day: String) throws {
        let folder = try clone(
            """
            git init -q -b main . && echo 1 >a && git add a
            tree=$(git write-tree)
            printf 'tree %s\\nauthor a <a@b> 1 +0000\\ncommitter a <a@b> \(seconds) +0000\\n\\nx\\n' \
                "$tree" >.git/made
            git update-ref refs/heads/main "$(git hash-object -t commit -w .git/made)"
            """
        )
        let commits = try GitRepository(path: folder.path).history(since: nil, last: nil).commits
        #expect(commits.map(\.time.day) == [day])
    }

    /// Two commits, both signed by a program that stands for `gpg`; where `showSignature` is set, git
    /// writes of each what that program says of its signature.
    private static let signed = """
        cat >gpg <<'END'
        #!/bin/sh
        printf '\\n[GNUPG:] SIG_CREATED D\\n' >&2
        cat >/dev/null
        printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nabc\\n-----END PGP SIGNATURE-----\\n'
        END
        chmod +x gpg
        git init -q -b main . && git config gpg.program "$PWD/gpg"
        mkdir api web && echo 1 >api/a && git add api && git commit -q -S -m one
        echo 1 >web/b && git add web && git commit -q -S -m two
        """

    @Test(
        .thorough,
        arguments: [
            "git config log.showSignature true", "git config log.showRoot false",
            "git config log.decorate full", "git config format.pretty oneline",
            "git config log.diffMerges off", "git config diff.renames copies",
            "git config diff.ignoreSubmodules all", "git config diff.noprefix true",
            "git config i18n.logOutputEncoding UTF-16", "git config color.ui always",
            "echo '*b' >order && git config diff.orderFile order", "git config core.pager false",
            "git config diff.external false", "git config core.abbrev 4",
        ]
    )
    func `no setting of the user's changes what is read`(setting: String) throws {
        let folder = try clone(Self.signed + "\n" + setting)
        let commits = try GitRepository(path: folder.path).history(since: nil, last: nil).commits
        #expect(commits.map(\.message) == ["two\n", "one\n"])
        #expect(commits.map(\.paths) == [["web/b"], ["api/a"]])
        #expect(commits.allSatisfy { $0.id.utf8.count == 40 })
    }

    @Test(
        .thorough,
        arguments: [
            ("GIT_DIR", "/nowhere"), ("GIT_WORK_TREE", "/nowhere"), ("GIT_INDEX_FILE", "/nowhere"),
            ("GIT_OBJECT_DIRECTORY", "/nowhere"), ("GIT_TRACE", "1"),
            ("GIT_EXTERNAL_DIFF", "false"),
            ("GIT_SHALLOW_FILE", "/dev/zero"), ("GIT_DIFF_OPTS", "--unified=0"),
        ]
    )
    func `no variable of git's leads to another repository`(name: String, value: String) throws {
        let folder = try clone(Self.signed)
        var repository = GitRepository(path: folder.path)
        repository.environment[name] = value
        let commits = try repository.history(since: nil, last: nil).commits
        #expect(commits.map(\.paths) == [["web/b"], ["api/a"]])
        #expect(try repository.files() == ["api/a", "web/b"])
    }

    @Test func `names that look like git's own output are paths`() throws {
        let folder = try clone(
            """
            git init -q -b main . && id=$(printf %040d 1)
            echo 1 >"$id" && echo 1 >':100644 M' && echo 1 >"$(printf 'a\\nb')"
            git add . && git commit -qm "$(printf 'one\\ncommit %s' "$id")"
            """
        )
        let commits = try GitRepository(path: folder.path).history(since: nil, last: nil).commits
        let id = String(repeating: "0", count: 39) + "1"
        #expect(commits.map(\.paths) == [[id, ":100644 M", "a\nb"]])
        #expect(commits.map(\.message) == ["one\ncommit \(id)\n"])
    }

    @Test(arguments: [(1, [], true), (2, ["three"], true), (9, ["three", "two", "one"], false)])
    func `of a shallow clone the commit whose parent is missing is left out`(
        depth: Int,
        messages: [String],
        isCut: Bool
    ) throws {
        let folder = try clone(
            """
            git init -q -b main origin && cd origin
            for name in one two three; do echo 1 >$name && git add . && git commit -qm $name; done
            cd .. && git clone -q --depth \(depth) "file://$PWD/origin" shallow
            """
        )
        let repository = GitRepository(path: "\(folder.path)/shallow")
        let history = try repository.history(since: nil, last: nil)
        #expect(history.commits.map(\.message) == messages.map { "\($0)\n" })
        #expect(history.commits.map(\.paths) == messages.map { [$0] })
        #expect(history.isCut == isCut)
        #expect(try !repository.history(since: nil, last: messages.count).isCut || depth == 1)
    }

    @Test func `what a branch has brought is compared with where it left`() throws {
        let folder = try clone(
            """
            git init -q -b main . && echo 1 >a && echo 1 >b && git add . && git commit -qm start
            git checkout -qb side && echo 2 >b && echo 2 >c && git add . && git commit -qm one
            git mv c d && git commit -qm 'two

            words' && git checkout -q main && echo 3 >e && git add . && git commit -qm later
            git checkout -q --orphan other && git commit -qm other
            """
        )
        let repository = GitRepository(path: folder.path)
        let commit = try repository.difference(of: "side", from: "main")
        #expect(commit.paths == ["b", "d"])
        #expect(commit.message == "two\n\nwords\n")
        #expect(commit.id.utf8.count == 40)
        for (head, base, message) in [
            ("no", "main", "there is no commit 'no'"), ("side", "--x", "there is no commit '--x'"),
            ("side", "other", "the two have no commit in common"),
        ] {
            #expect(throws: Failure("reading '\(folder.path)': \(message)")) {
                try repository.difference(of: head, from: base)
            }
        }
    }

    @Test func `without a branch checked out one has to be named`() throws {
        let folder = try clone(
            "git init -q -b main . && git commit -qm a --allow-empty && git checkout -q --detach"
        )
        let message = "reading '\(folder.path)': no branch is checked out; --branch names one"
        #expect(throws: Failure(message)) { try GitRepository(path: folder.path).branch() }
        #expect(GitRepository(path: folder.path).origin() == nil)
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
            try GitRepository(path: folder.path).history(since: nil, last: nil)
        }
        let words = folder.naming(failure?.description ?? "")
        #expect(words.hasPrefix("reading the git repository 'DIR': fatal: not a git repository"))
    }
}
