import Codec
import Platform

@testable import pointsman

/// A folder laid out as a bucket, with records of one day and two rules.
enum SampleRecords {
    static let now = Timestamp(milliseconds: 1_773_480_000_000)  // 2026-03-14T09:20:00Z
    static let prefix = "mono-repo/config"

    static func record(
        _ delivery: String,
        at time: String = "2026-03-14T09:00:00.000Z",
        branch: String = "main",
        answer: String = "e-1",
        more: String = ""
    ) -> String {
        #"{"change":{"source":"github","repository":"octo/mono","kind":"push","branch":"\#(branch)","#
            + #""after":"7e","actor":"octocat","pathCount":2,"receivedAt":"\#(time)","delivery":"\#(delivery)"},"#
            + #""changeKey":"\#(prefix)/changes/2026-03-14/c.json","counts":{"started":1,"skipped":1},"rules":["#
            + #"{"rule":"\#(prefix)/rules/github/octo/mono/api.json","outcome":"started","clause":"Paths","#
            + #""path":"api/main.go","pattern":"api/**","reason":"'api/main.go' matches 'api/**'","#
            + #""answer":"\#(answer)"\#(more)},"#
            + #"{"rule":"\#(prefix)/rules/github/octo/mono/web.json","outcome":"skipped","clause":"Paths","#
            + #""path":"docs/a.md","reason":"no path matches"}],"#
            + #""attempts":[{"at":"2026-03-14T09:00:01.000Z","requestId":"r","started":1,"failed":0}]}"#
    }

    static func rule(_ name: String) -> String {
        #"{"Repository":"octo/mono","Paths":["\#(name)/**"],"Target":{"CodePipeline":{"Name":"\#(name)"}}}"#
    }

    static func folder(_ more: [String: String] = [:]) throws -> TemporaryFolder {
        try TemporaryFolder(
            [
                "decisions/2026-03-14/d1.json": record("d1"),
                "rules/github/octo/mono/api.json": rule("api"),
                "rules/github/octo/mono/web.json": rule("web"),
            ].merging(more) { $1 }
        )
    }

    /// A library over a folder, at a fixed moment.
    static func library(
        _ folder: TemporaryFolder,
        days: Int = 30,
        limits: RecordLibrary.Limits = RecordLibrary.Limits()
    ) throws(Failure) -> RecordLibrary {
        RecordLibrary(
            try .folder(folder.path, prefix: prefix),
            days: days,
            limits: limits,
            now: { now }
        )
    }

    /// A site over a folder.
    static func site(_ folder: TemporaryFolder) -> ConsoleSite {
        let path = folder.path
        var site = ConsoleSite(
            RecordReader { () throws(Failure) in
                RecordLibrary(try .folder(path, prefix: prefix), days: 30, now: { now })
            }
        )
        site.failed = { _ in }
        return site
    }
}
