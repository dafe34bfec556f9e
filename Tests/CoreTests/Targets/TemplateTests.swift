import Testing

@testable import Core

@Suite struct TemplateTests {
    static let push = Change.push(["a"], branch: "release/1")

    @Test(arguments: [
        ("plain", push, "plain"),
        ("", push, ""),
        ("#{branch}", push, "release/1"),
        ("v-#{branch}-#{actor}!", push, "v-release/1-octocat!"),
        ("#{after}", push, String(repeating: "b", count: 40)),
        ("#{before}", push, String(repeating: "a", count: 40)),
        ("#{ref}", push, "refs/heads/release/1"),
        ("#{ref}", .tag("v1"), "refs/tags/v1"),
        ("#{ref}", .pullRequest("opened"), "refs/pull/7/head"),
        ("#{ref}", .pullRequest("opened").with { $0.source = .codecommit }, "refs/heads/feature"),
        ("#{ref}", .mergeGroup(), "refs/heads/\(Change.queueName)"),
        ("#{branch}", .mergeGroup(), "main"),
        ("#{message}", .mergeGroup(), "Merge it [skip ci]"),
        ("#{pullRequest}", .mergeGroup(), ""),
        ("#{ref}", .imagePush, ""),
        ("#{tag}", .tag("v1"), "v1"),
        ("#{tag}", push, ""),
        ("#{repository}", push, "acme/app"),
        ("#{actor}", push, "octocat"),
        ("#{message}", push, "Add a thing"),
        ("#{message}", .pullRequest("opened"), ""),
        ("#{delivery}", push, "delivery-1"),
        ("#{pullRequest}", .pullRequest("opened"), "7"),
        ("#{pullRequest}", push, ""),
        ("#{image}", .imagePush, "acme/web:v1"),
        ("#{image}", push, ""),
        ("# {branch} #branch {branch} $#", push, "# {branch} #branch {branch} $#"),
        ("##{tag}é", .tag("v1"), "#v1é"),
    ])
    func `placeholders are filled with what the change brings`(
        text: String,
        change: Change,
        expected: String
    ) {
        #expect((try? Template(text))?.render(change) == expected)
    }

    @Test func `no more is made than is asked for, and its size is known without making it`() throws
    {
        let change = Change.push(message: String(repeating: "é", count: 2_000))
        let template = try Template("a" + String(repeating: "#{message}", count: 6_000))
        #expect(template.render(change, upTo: 3) == "aéé")
        #expect(template.render(change, upTo: 0).isEmpty)
        #expect(template.size(for: change) == 24_000_001)
    }

    @Test func `what fills a placeholder is not read again`() throws {
        let change = Change.push(message: "#{after} #{")
        #expect(try Template("#{message}").render(change) == "#{after} #{")
    }

    @Test(arguments: [
        (
            "#{brunch}",
            "unknown placeholder '#{brunch}' at column 1 of '#{brunch}', did you mean `#{branch}`?"
        ),
        (
            "é#{sha}",
            "unknown placeholder '#{sha}' at column 2 of 'é#{sha}', expected one of #{after}, "
                + "#{before}, #{ref}, #{branch}, #{tag}, #{repository}, #{actor}, #{message}, "
                + "#{delivery}, #{pullRequest}, #{image}, #{digest}"
        ),
        (
            "#{ after}",
            "unknown placeholder '#{ after}' at column 1 of '#{ after}', did you mean `#{after}`?"
        ),
        ("a#{after", "unclosed '#{' at column 2 of 'a#{after': a '}' is missing"),
    ])
    func `an invalid template says where and why`(text: String, message: String) {
        let error = #expect(throws: TemplateError.self) { try Template(text) }
        #expect(error?.description == message)
    }
}
