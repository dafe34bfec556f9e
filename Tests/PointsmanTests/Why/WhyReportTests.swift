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

    @Test(arguments: ["", "{}", #"{"change": {}}"#, "START RequestId: r1"])
    func `what holds no record is an error`(text: String) {
        #expect(
            throws: Failure("reading a: it is no decision record and holds no log line with one")
        ) {
            try SavedRecord.all(in: InputFile(name: "a", bytes: [UInt8](text.utf8)))
        }
    }
}
