import TestSupport
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
    @Test(.thorough) func `no claim is too much`() throws {
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

@Suite struct TemplateValuesTests {
    /// A change of each source and kind has exactly the values that are promised of it.
    @Test(arguments: [
        (Change.push(["a"]), "tag pullRequest image digest"),
        (.tag("v1"), "branch pullRequest image digest"),
        (.pullRequest("synchronize"), "tag message image digest"),
        (
            .imagePush.with { ($0.source, $0.after, $0.actor) = (.ecr, "sha256:7f5b", nil) },
            "before ref branch actor message pullRequest"
        ),
        (.imagePush, "after before ref branch message pullRequest digest"),
    ])
    func `placeholders without a value are known`(change: Change, empty: String) throws {
        let all = Template.Placeholder.known
        let template = try Template(all.map { "#{\($0)}" }.joined(separator: " "))
        let found = template.placeholders(emptyFor: change.source, [change.kind])
        #expect(found.map(\.rawValue).joined(separator: " ") == empty)
        for placeholder in found {
            let rendered = try Template("#{\(placeholder.rawValue)}").render(change)
            #expect(rendered == "", "\(placeholder) has a value")
        }
    }

    @Test func `of several kinds one that has a value is enough`() throws {
        let template = try Template("#{tag} #{pullRequest}")
        #expect(template.placeholders(emptyFor: .github, [.push, .tag]) == [.pullRequest])
        #expect(template.placeholders(emptyFor: .github, []) == [])
    }
}
