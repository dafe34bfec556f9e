import Testing

@testable import Core

@Suite struct GlobCoverageTests {
    @Test(arguments: [
        ("**", "a/b"), ("**", "src/*.c"), ("a/**", "a/b/*.c"), ("a/**", "a/**/x"),
        ("**.md", "docs/*.md"), ("*", "main"), ("*", "release-*"), ("a/*", "a/b*"),
        ("src/[ab]", "src/a"), ("x{a,b}", "x{a,b}"), ("**/Makefile", "lib/Makefile"),
    ])
    func `one covers another`(one: String, other: String) throws {
        #expect(try Glob(one).covers(Glob(other)))
    }

    @Test(arguments: [
        ("a/**", "a"), ("a/**", "**"), ("*", "release/*"), ("*", "a/b"), ("a/*", "a/**"),
        ("**/b", "a/*"), ("*.md", "**.md"),
    ])
    func `one does not cover another`(one: String, other: String) throws {
        #expect(try !Glob(one).covers(Glob(other)))
    }

    @Test(arguments: [
        ("src/**", "docs/**"), ("**.md", "**.c"), ("src/**", "*.md"), ("main", "release/*"),
        ("src/api/**", "src/web/x"), ("v*", "main"),
    ])
    func `nothing matches both`(one: String, other: String) throws {
        #expect(try Glob(one).isDisjoint(with: Glob(other)))
        #expect(try Glob(other).isDisjoint(with: Glob(one)))
    }

    /// What is said of two globs is held against what they match.
    @Test func `no claim is too much`() throws {
        var random = SeededRandom(seed: 20)
        let pieces = ["a", "b", "/", "*", "**", "?", "[ab]", "{a,b}", "{a/,}", "/**/", "/*"]
        var claims = (covers: 0, disjoint: 0)
        for _ in 0..<20_000 {
            let one = try Glob(random.text(of: pieces, upTo: 5))
            let other = try Glob(random.text(of: pieces, upTo: 5))
            let (covers, isDisjoint) = (one.covers(other), one.isDisjoint(with: other))
            claims.covers += covers ? 1 : 0
            claims.disjoint += isDisjoint ? 1 : 0
            for _ in 0..<10 where covers || isDisjoint {
                let path = random.text(of: ["a", "b", "/", "a/", "b/a"], upTo: 5)
                let (matches, matchesOther) = (one.matches(path), other.matches(path))
                if covers, matchesOther, !matches {
                    Issue.record("'\(one.pattern)' does not cover '\(other.pattern)': '\(path)'")
                }
                if isDisjoint, matches, matchesOther {
                    Issue.record("'\(one.pattern)' and '\(other.pattern)' both match '\(path)'")
                }
            }
        }
        #expect(claims.covers > 1_000 && claims.disjoint > 5_000)
    }
}
