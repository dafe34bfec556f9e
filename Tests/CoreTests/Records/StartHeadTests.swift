import Codec
import Testing

@testable import Core

@Suite struct StartHeadTests {
    private static func run(_ id: String, isDue: Bool = false) -> HeadRun {
        HeadRun(
            name: .execution(id),
            after: "a\(id)",
            target: RunTarget(kind: "CodePipeline", name: "api", region: "r", roleARN: nil),
            isDue: isDue
        )
    }

    private static func head(minute: Int, _ runs: [HeadRun] = []) throws -> StartHead {
        let change = Change.push(minute: minute)
        let time = Stage.start.adding(milliseconds: minute * 60_000)
        var head = StartHead(try Start.sample(of: change), at: time, of: change, answer: "id")
        head.runs = runs
        return head
    }

    @Test func `a head is read as it was written, with what may run`() throws {
        var other = Self.run("2", isDue: true)
        other.target.roleARN = "arn:aws:iam::123456789012:role/r"
        let head = try Self.head(minute: 1, [Self.run("1"), other])
        #expect(StartHead(parsing: head.encoded()) == head)
    }

    @Test(arguments: [
        "{}", #"{"run":"codepipeline/1"}"#, #"{"run":"pipeline/a","target":{}}"#,
        #"{"run":"rules/a","target":{"kind":"k","name":"n","region":"r"}}"#, "1", "null",
    ])
    func `a run that cannot be one is left out`(run: String) {
        let text = #"{"eventTime":"2026-09-21T14:14:20Z","runs":[\#(run)]}"#
        #expect(StartHead(parsing: Array(text.utf8))?.runs == [])
    }

    @Test func `a newer start takes over what may run, less what has ended`() throws {
        let found = try Self.head(minute: 1, [Self.run("1"), Self.run("2"), Self.run("3")])
        let stopped = [
            StoppedRun(Self.run("1"), .stopped), StoppedRun(Self.run("2"), .pending("busy")),
        ]
        let head = try Self.head(minute: 2)
            .superseding(found, run: Self.run("4"), stopped: stopped)
        #expect(head.eventTime == Stage.start.adding(milliseconds: 120_000))
        #expect(head.runs == [Self.run("2", isDue: true), Self.run("3"), Self.run("4")])
    }

    @Test(arguments: [1, 2]) func `an older start only adds what it has begun`(minute: Int) throws {
        let found = try Self.head(minute: 2, [Self.run("1")])
        let head = try Self.head(minute: minute)
            .superseding(found, run: Self.run("2"), stopped: [])
        #expect(head.eventTime == found.eventTime)
        #expect(head.runs == [Self.run("1"), Self.run("2")])
        let again = try Self.head(minute: minute)
            .superseding(head, run: Self.run("2"), stopped: [])
        #expect(again == head)
    }

    @Test func `no more than twenty are kept, the newest`() throws {
        let found = try Self.head(minute: 1, (0..<20).map { Self.run("\($0)") })
        let head = try Self.head(minute: 2).superseding(found, run: Self.run("20"), stopped: [])
        #expect(head.runs.map(\.name.id) == (1...20).map { "\($0)" })
    }

    @Test(arguments: [
        ([(StoppedRun.End.stopped, "1")], StartResult.started("stopped 1")),
        ([(.stopped, "1"), (.ended, "2"), (.stopped, "3")], .started("stopped 1, 3")),
        ([(.ended, "1")], .unchanged("there is no run to stop")),
        ([(.refused("denied"), "1")], .unchanged("no run was stopped")),
        ([(.stopped, "1"), (.pending("busy"), "2")], .pending("busy")),
    ])
    func `what the end of a pull request comes to`(
        runs: [(StoppedRun.End, String)],
        result: StartResult
    ) {
        #expect(runs.map { StoppedRun(Self.run($1), $0) }.result == result)
    }

    @Test(arguments: [
        (StoppedRun.End.stopped, "stopped"), (.ended, "ended before"),
        (.refused("denied"), "not stopped: denied"),
        (.pending("busy"), "not stopped: busy; it is tried again"),
    ])
    func `what became of a run, in words`(end: StoppedRun.End, words: String) throws {
        let run = StoppedRun(Self.run("1"), end)
        #expect(run.words == words)
        var json = JSONWriter()
        json.object { run.write(to: &$0) }
        #expect(StoppedRun(try JSON(parsing: json.bytes))?.words == words)
    }
}
