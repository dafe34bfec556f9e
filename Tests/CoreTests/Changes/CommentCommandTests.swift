import Codec
import Testing

@testable import Core

@Suite struct CommentCommandTests {
    @Test(arguments: [
        ("/retest", "/retest"),
        ("/retest ", "/retest"),
        ("/retest\r\nThe disk was full.", "/retest"),
        ("/retest\n/test ci/api", "/retest"),
        ("/retest ci/api", "/retest ci/api"),
        ("/test ci/api", "/test ci/api"),
        ("/test\t ci/api 3f2c1ab \t", "/test ci/api 3f2c1ab"),
        ("/test a name with spaces", "/test a name with spaces"),
        ("/test ci/ünits", "/test ci/ünits"),
    ])
    func `the first line of a comment may be a command`(comment: String, line: String) {
        #expect(CommentCommand(comment: comment)?.line == line)
    }

    @Test(arguments: [
        "", " /retest", "\n/retest", "retest", "/", "//retest", "/test", "/test \t",
        "/tests ci/api",
        "/retesting", "/Retest", "/RETEST", "please /retest", "> /retest", "`/retest`",
        "/retest\u{a0}x",
        "/test\u{2028}ci/api", "/approve", "/ retest",
    ])
    func `anything else is none`(comment: String) {
        #expect(CommentCommand(comment: comment) == nil)
    }

    @Test func `a line may be so long and no longer`() {
        let name = String(repeating: "n", count: CommentCommand.longestLine - "/test ".count)
        #expect(CommentCommand(comment: "/test \(name)")?.rest == name)
        #expect(CommentCommand(comment: "/test \(name)n") == nil)
        #expect(CommentCommand(comment: "/test \(name)\n" + name + name)?.rest == name)
    }

    private static let head = "3f2c1ab" + String(repeating: "0", count: 33)
    private static let needsCommit =
        "the pull request comes from a fork: the line has to end with the commit, at least 7 digits "
        + "of it"

    /// What the command names, or why it asks for nothing.
    private static func name(_ line: String, ofFork: Bool) throws -> String {
        let command = try #require(CommentCommand(comment: line))
        do throws(CommentCommand.Refusal) {
            return try command.name(onHead: head, ofFork: ofFork)
        } catch {
            return "refused: \(error.reason)"
        }
    }

    @Test(arguments: [
        ("/retest", ""), ("/retest ci/api", "ci/api"), ("/test ci/api", "ci/api"),
        ("/retest 3f2c1ab", ""), ("/test ci/api 3f2c1ab", "ci/api"),
        ("/test ci/api 3F2C1AB00", "ci/api"),
        // A name may look like a commit, or end with what does.
        ("/test ci/api deadbee", "ci/api deadbee"), ("/retest deadbeef", "deadbeef"),
        ("/test 3f2c1ab", "refused: '/test 3f2c1ab' names no rule"),
    ])
    func `of a pull request from the repository itself the line may end with the commit`(
        line: String,
        name: String
    ) throws {
        #expect(try Self.name(line, ofFork: false) == name)
    }

    @Test(arguments: [
        ("/retest 3f2c1ab", ""), ("/test ci/api 3f2c1ab", "ci/api"),
        ("/test ci/api  \(head)", "ci/api"),
        ("/retest", "refused: \(needsCommit)"), ("/test ci/api", "refused: \(needsCommit)"),
        ("/test ci/api 3f2c1a", "refused: \(needsCommit)"),
        ("/test ci/api 3f2c1ag", "refused: \(needsCommit)"),
        ("/test 3f2c1ab ci/api", "refused: \(needsCommit)"),
        ("/test ci/api 3f2c1ab1", "refused: the pull request's head is not '3f2c1ab1'"),
        ("/retest deadbee", "refused: the pull request's head is not 'deadbee'"),
        ("/test ci/api \(head)0", "refused: the pull request's head is not '\(head)0'"),
        ("/test 3f2c1ab", "refused: '/test 3f2c1ab' names no rule"),
    ])
    func `of a pull request from a fork it has to`(line: String, name: String) throws {
        #expect(try Self.name(line, ofFork: true) == name)
    }
}
