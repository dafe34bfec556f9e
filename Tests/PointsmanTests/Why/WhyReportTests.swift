import Codec
import Foundation
import Testing

@testable import pointsman

struct WhyReportTests {
    private func records(_ name: String) throws -> [SavedRecord] {
        let path = "\(Golden.folder)/records/\(name)"
        return try SavedRecord.all(in: InputFile(name: name, bytes: InputFile(path).bytes))
    }

    private func expect(_ report: WhyReport, _ name: String) throws {
        for (end, terminal) in Terminal.kept {
            let lines = report.lines(terminal)
            try Golden.expect(lines.joined(separator: "\n") + "\n", "\(name)-\(end)")
        }
        let json = String(decoding: report.json.encoded(), as: UTF8.self)
        try Golden.expect(json + "\n", "\(name).json")
    }

    @Test func `a record is shown as it was decided`() throws {
        let report = try WhyReport(records: records("started.json"), prefix: "mono-repo/config")
        try expect(report, "why")
    }

    @Test func `what a newer run has stopped is told`() throws {
        let text =
            #"{"change":{"source":"github","repository":"octo/mono","kind":"pull_request"},"rules":"#
            + #"[{"rule":"r","outcome":"started","clause":"Events","reason":"why","answer":"b","#
            + #""superseded":[{"run":"codepipeline/a","after":"6113728f27ae","result":"stopped"},"#
            + #"{"run":"codebuild/p:1","result":"not stopped: denied"}]}],"attempts":[]}"#
        let record = try #require(SavedRecord(place: "a", bytes: [UInt8](text.utf8)))
        let lines = record.lines(.none, prefix: "p").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        #expect(lines.contains("earlier run a (6113728): stopped"))
        #expect(lines.contains("earlier run p:1: not stopped: denied"))
    }

    @Test func `records are listed, also those of log lines`() throws {
        let report = try WhyReport(
            records: records("started.json") + records("log-lines.txt"),
            isList: true,
            prefix: "mono-repo/config"
        )
        try expect(report, "why-list")
    }

    /// One record in each form in which the AWS CLI prints a log event.
    @Test(arguments: [
        ("short", "2026-03-14T10:00:01 %record\n"),
        (
            "detailed",
            "2026-03-14T10:00:01.012000+00:00 2026/03/14/[$LATEST]0123456789abcdef %record\n"
        ),
        (
            "json",
            "2026-03-14T10:00:01.012000+00:00 2026/03/14/[$LATEST]0123456789abcdef %indented\n"
        ),
        ("filter-log-events as text", "%record\n\tSTART RequestId: r\n\t{\"level\":\"INFO\"}\n"),
        ("filter-log-events as JSON", #"{"events":[{"message":"START"},{"message":"%quoted\n"}]}"#),
        ("its messages as JSON", #"["START", "%quoted\n"]"#),
    ])
    func `a record is found behind a time and a stream's name`(form: String, text: String) throws {
        let line = Array(
            (#"{"timestamp":"t","decision":{"change":{"delivery":"d-{1}"},"counts":{"skipped":2},"#
                + #""rules":[],"attempts":[]}}"#).utf8
        )
        let indented = String(decoding: try JSON(parsing: line).indented(), as: UTF8.self)
        let quoted = JSON.string(String(decoding: line, as: UTF8.self)).encoded()
        let log =
            text.replacing("%indented", with: indented)
            .replacing(
                "%quoted",
                with: String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
            )
            .replacing("%record", with: String(decoding: line, as: UTF8.self))
        let records = try SavedRecord.all(in: InputFile(name: "a", bytes: Array(log.utf8)))
        #expect(records.map(\.delivery) == ["d-{1}"])
        #expect(records.first?.counts == "2 skipped")
    }

    @Test(arguments: [
        ("2026-03-14", true), ("2026-02-31", false), ("2026-13-01", false), ("today", false),
        ("2026-3-14", false), ("2026-03-14T00", false), ("", false),
    ])
    func `a day is one of the calendar`(text: String, isDay: Bool) {
        #expect(WhyCommand.isDay(text) == isDay)
    }

    @Test(arguments: ["", "{}", #"{"change": {}}"#, "START RequestId: r1"])
    func `what holds no record is an error`(text: String) {
        #expect(
            throws: Failure("reading a: it is no decision record and holds no log line with one")
        ) {
            try SavedRecord.all(in: InputFile(name: "a", bytes: [UInt8](text.utf8)))
        }
    }
}
