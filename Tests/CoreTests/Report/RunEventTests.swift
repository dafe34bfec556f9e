import Codec
import Foundation
import TestSupport
import Testing

@testable import Core

/// Every file in `events/` that tells of a run.
@Suite struct RunEventTests {
    private static let folder = Conformance.packageRoot.appending(path: "events")

    private static let expectations = [
        "codebuild-event-failed":
            "codebuild/services-web:8745a7a9-c340-456a-9166-edf953571bee FAILED, 1, phase BUILD",
        "codebuild-event-started":
            "codebuild/services-web:8745a7a9-c340-456a-9166-edf953571bee IN_PROGRESS, 1",
        "codebuild-event-succeeded":
            "codebuild/services-web:8745a7a9-c340-456a-9166-edf953571bee SUCCEEDED, 1",
        "codepipeline-event-failed":
            "codepipeline/bb1b1a44-4b23-4a3b-9bd0-5e6f7e0c9a11 FAILED, 1 of services-api",
        "codepipeline-event-resumed":
            "codepipeline/bb1b1a44-4b23-4a3b-9bd0-5e6f7e0c9a11 RESUMED, 2 of services-api",
        "codepipeline-event-started":
            "codepipeline/bb1b1a44-4b23-4a3b-9bd0-5e6f7e0c9a11 STARTED, 1 of services-api",
        "codepipeline-event-stopping":
            "codepipeline/bb1b1a44-4b23-4a3b-9bd0-5e6f7e0c9a11 STOPPING, 1 of services-api",
        "codepipeline-event-succeeded":
            "codepipeline/bb1b1a44-4b23-4a3b-9bd0-5e6f7e0c9a11 SUCCEEDED, 2 of services-api",
        "codepipeline-event-superseded":
            "codepipeline/bb1b1a44-4b23-4a3b-9bd0-5e6f7e0c9a11 SUPERSEDED, 1 of services-api",
    ]

    private static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
        .filter { $0.hasPrefix("codepipeline-") || $0.hasPrefix("codebuild-") }
        .map { String($0.dropLast(5)) }
        .sorted() ?? []

    @Test func `is there for every expectation`() {
        #expect(Self.names == Self.expectations.keys.sorted())
    }

    @Test(arguments: names) func `tells of a run`(name: String) throws {
        let file = try Data(contentsOf: Self.folder.appending(path: name + ".json"))
        let event = try #require(RunEvent(JSON(parsing: [UInt8](file))))
        let of = event.pipeline.map { " of \($0)" } ?? ""
        let phase = event.failedPhase.map { ", \($0)" } ?? ""
        let words =
            "\(event.name.text) \(event.progress.state.rawValue), \(event.progress.attempt)"
        #expect(words + of + phase == Self.expectations[name])
        #expect(event.region == "eu-west-1")
        #expect(event.name.id == event.id)
    }

    @Test(arguments: [("2.0", 2), ("3", 3), (#""4""#, 4), ("null", 1), ("true", 1), (#""x""#, 1)])
    func `has its attempt in whatever form`(attempt: String, number: Int) throws {
        let text =
            #"{"detail-type":"CodePipeline Pipeline Execution State Change","region":"r","#
            + #""time":"2026-11-20T15:20:44Z","detail":{"pipeline":"p","execution-id":"e","#
            + #""state":"STARTED","pipeline-execution-attempt":\#(attempt)}}"#
        let event = try #require(RunEvent(JSON(parsing: Array(text.utf8))))
        #expect(event.progress.attempt == number)
    }
}
