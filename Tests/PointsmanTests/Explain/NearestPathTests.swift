@testable import Core
import Testing

@testable import pointsman

struct NearestPathTests {
    static let paths = [
        "README.md", "app/[id]/page.tsx", "docs/a/b.md", "services/api/src/app.py",
        "services/web/app.js", "services/Worker/main.go",
    ]

    @Test(arguments: [
        ("services/*", "`*` ends at a '/': 'services/**' matches 'services/Worker/main.go'"),
        ("*.go", "`*` ends at a '/': '**.go' matches 'services/Worker/main.go'"),
        (
            "services/api",
            "'services/api' is that path alone, 'services/api/src/app.py' lies below it: "
                + "write 'services/api/**'"
        ),
        (
            "services/api/",
            "'services/api/' is that path alone, 'services/api/src/app.py' lies below it: "
                + "write 'services/api/**'"
        ),
        ("readme.md", "'README.md' differs from 'readme.md' only in case"),
        (
            "services/worker/**",
            "'services/Worker/main.go' differs from 'services/worker/**' only in case"
        ),
        (
            "service/api/**",
            "'services/Worker/main.go' comes nearest to 'service/api/**', which wants 'service' "
                + "where it has 'services'; did you mean 'services/api/**'?"
        ),
        (
            "services/ap/**",
            "'services/api/src/app.py' comes nearest to 'services/ap/**', which wants 'ap' where "
                + "it has 'api'; did you mean 'services/api/**'?"
        ),
        (
            "app/[id]/page.tsx",
            #"`[` begins a set of characters: 'app/\[id]/page.tsx' matches 'app/[id]/page.tsx'"#
        ),
        (
            "app/[id]/**",
            #"`[` begins a set of characters: 'app/\[id]/**' matches 'app/[id]/page.tsx'"#
        ),
        (
            "service/apx/**",
            "'services/Worker/main.go' comes nearest to 'service/apx/**', which wants 'service' "
                + "where it has 'services'"
        ),
        (
            "services/billing/**",
            "'services/web/app.js' comes nearest to 'services/billing/**', which wants "
                + "'billing' where it has 'web'"
        ),
    ])
    func `the nearest path and what it lacks are named`(pattern: String, words: String) throws {
        let nearest = NearestPath(PathList(Self.paths.map { Path(utf8: [UInt8]($0.utf8)) }))
        #expect(nearest.nearest(to: [try Glob(pattern)]) == words)
    }

    @Test(arguments: ["zebra/**", "**/nothing"])
    func `where nothing is near nothing is said`(pattern: String) throws {
        let nearest = NearestPath(PathList(Self.paths.map { Path(utf8: [UInt8]($0.utf8)) }))
        #expect(nearest.nearest(to: [try Glob(pattern)]) == nil)
    }

    @Test func `of several patterns the one that shares most is named`() throws {
        let nearest = NearestPath(PathList([Path(utf8: [UInt8]("a/b/c/d".utf8))]))
        let globs = [try Glob("a/x/**"), try Glob("a/b/y/**")]
        #expect(
            nearest.nearest(to: globs)
                == "'a/b/c/d' comes nearest to 'a/b/y/**', which wants 'y' where it has 'c'; "
                + "did you mean 'a/b/c/**'?"
        )
    }
}
