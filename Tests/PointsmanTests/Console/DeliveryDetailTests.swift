import AWS
import Codec
import Platform
import Testing

@testable import pointsman

struct DeliveryDetailTests {
    private func detail(
        _ record: String,
        _ more: [String: String] = [:],
        region: String? = "eu-west-1",
        commands: RecordCommands.Place = .none,
        isDryRun: Bool = false
    ) throws -> JSON {
        let folder = try SampleRecords.folder(more)
        var source = try ObjectSource.folder(folder.path, prefix: SampleRecords.prefix)
        source.region = region
        source.commands = commands
        source.isDryRun = isDryRun
        let key = "\(SampleRecords.prefix)/decisions/2026-03-14/d1.json"
        let saved = try #require(SavedRecord(place: key, bytes: Array(record.utf8)))
        return try DeliveryDetail(saved, source).json()
    }

    private func first(_ detail: JSON) -> JSON? { detail["rules"]?.array?.first }

    @Test func `a start leads to the console's page of its execution`() throws {
        let rule = first(
            try detail(SampleRecords.record("d1", answer: "e-1; it may have started before"))
        )
        #expect(
            rule?["link"]?.string
                == "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/api/executions/e-1?region=eu-west-1"
        )
        #expect(first(try detail(SampleRecords.record("d1"), region: nil))?["link"] == nil)
        #expect(first(try detail(SampleRecords.record("d1"), isDryRun: true))?["link"] == nil)
    }

    @Test(arguments: ["api-{branch}", "../x", "a b", "<b>"])
    func `a name that is no plain one leads nowhere`(name: String) throws {
        let rule = #"{"Target":{"CodePipeline":{"Name":"\#(name)"}}}"#
        let found = try detail(
            SampleRecords.record("d1"),
            ["rules/github/octo/mono/api.json": rule]
        )
        #expect(first(found)?["link"] == nil)
        #expect(first(found)?["target"]?.string == "CodePipeline \(name)")
    }

    @Test func `a run that is kept says how it ended, and where it is`() throws {
        let run =
            #"{"source":"github","repository":"octo/mono","sha":"7e","context":"ci/api","#
            + #""target":{"kind":"CodePipeline","name":"other","region":"us-east-1"},"id":"e-1","#
            + #""startedAt":"2026-03-14T09:00:01.000Z","state":"FAILED","stateTime":"2026-03-14T09:10:00.000Z","attempt":1}"#
        let record = SampleRecords.record(
            "d1",
            more: #","status":"ci/api","run":"codepipeline/e-1""#
        )
        let rule = first(try detail(record, ["runs/codepipeline/e-1.json": run]))
        #expect(
            rule?["ended"]
                == .array([
                    .string("run: FAILED at 2026-03-14T09:10:00Z"),
                    .string("status ci/api: none was set"),
                ])
        )
        #expect(
            rule?["link"]?.string
                == "https://us-east-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/other/executions/e-1?region=us-east-1"
        )
    }

    @Test func `the commands name the same records`() throws {
        func commands(_ place: RecordCommands.Place, _ delivery: String = "d1") throws -> [String] {
            let detail = try detail(SampleRecords.record(delivery), commands: place)
            return (detail["commands"]?.array ?? []).compactMap { $0["text"]?.string }
        }
        #expect(
            try commands(.stack(.stack("my stack"))) == [
                "pointsman explain EVENT --stack 'my stack'",
                "pointsman why d1 --day 2026-03-14 --stack 'my stack'",
                "pointsman replay d1 --day 2026-03-14 --stack 'my stack'",
            ]
        )
        #expect(
            try commands(.stack(.bucket("b", prefix: "p"))) == [
                "aws s3 cp s3://b/mono-repo/config/changes/2026-03-14/c.json - | pointsman explain - --bucket b --prefix p",
                "pointsman why d1 --day 2026-03-14 --bucket b --prefix p",
                "pointsman replay d1 --day 2026-03-14 --bucket b --prefix p --function FUNCTION",
            ]
        )
        #expect(
            try commands(.folder("/a b", prefix: SampleRecords.prefix)) == [
                "pointsman explain '/a b/changes/2026-03-14/c.json' --rules '/a b'",
                "pointsman why '/a b/decisions/2026-03-14/d1.json'",
                "pointsman replay d1 --day 2026-03-14 --stack STACK",
            ]
        )
        #expect(try commands(.none) == [])
        // What a shell would take for more than a word is quoted, or no command at all.
        #expect(
            try commands(.stack(.stack("s")), "a;rm -rf x")[1]
                == "pointsman why 'a;rm -rf x' --day 2026-03-14 --stack s"
        )
        #expect(try commands(.stack(.stack("s")), "--yes").count == 1)
        #expect(try commands(.stack(.stack("s")), #"a\u202eb"#).count == 1)
        #expect(try commands(.stack(.stack("s")), #"a\nb"#).count == 1)
    }

    @Test(arguments: [(false, ""), (true, "A dry run: nothing was started in AWS. ")])
    func `what is in memory alone says so in the place of commands`(isDryRun: Bool, begins: String)
    {
        let source = ObjectSource.memory(
            MemoryObjects(),
            prefix: "p",
            region: "eu-west-1",
            isDryRun: isDryRun
        )
        #expect(
            source.note == begins
                + "These records are in the memory of pointsman local and end with it: why and replay "
                + "do not find them. explain takes the file that was sent."
        )
        #expect(source.isDryRun == isDryRun)
    }

    @Test(arguments: [
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=a&X-Amz-Signature=b",
        "https://user:password@git.example/x", "ghp_0123456789abcdefghijABCDEFGHIJ",
        "glpat-0123456789abcdefghij", "AKIAIOSFODNN7EXAMPLE",
        "ghr_0123456789abcdefghijABCDEFGHIJ", "glrt-0123456789abcdefghij",
        "dckr_pat_0123456789abcdefghijABCDEFG", "npm_0123456789abcdefghijABCDEFGHIJabcdef",
        "xoxb-123456789012-abcdefABCDEF", "https://0123456789abcdefABCD@git.example/x",
        "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ])
    func `no secret is shown`(secret: String) throws {
        #expect(Redaction.clean("see \(secret) there") == "see [left out: a secret] there")
        let detail = try detail(SampleRecords.record("d1", answer: secret))
        #expect(!String(decoding: detail.encoded(), as: UTF8.self).contains(secret))
        #expect(first(detail)?["answer"]?.string == "[left out: a secret]")
    }

    @Test(arguments: [
        ("Authorization: Bearer abcdef012345", "Authorization: Bearer [left out: a secret]"),
        ("authorization: basic bW9uYTpzZWNyZXQ=", "authorization: basic [left out: a secret]"),
        (
            "aws_secret_access_key = wJalrXUtnFEMI0K7MDENG now",
            "aws_secret_access_key = [left out: a secret] now"
        ),
        ("AWS_SESSION_TOKEN: abcdef0123456789", "AWS_SESSION_TOKEN: [left out: a secret]"),
    ])
    func `a secret is none of the words that say it comes`(text: String, shown: String) {
        #expect(Redaction.clean(text) == shown)
    }

    @Test func `other texts are shown as they are`() {
        for text in [
            "the bearer of bad news, and basic things", "glob-patterns and xoxo",
            "https://mona@git.example/x",
            "the secret is not shown, of aws_secret_access_key nothing",
            "eyJust a word",
            "octocat@users.example and others", "push to main of octo-org/monorepo, 3 paths",
            "\u{202E}<b>",
        ] {
            #expect(Redaction.clean(text) == text)
        }
    }
}
