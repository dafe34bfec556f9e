import ArgumentParser
import Codec
import Foundation
import Testing

@testable import pointsman

struct StaticConsoleTests {
    @Test func `the page and all it asks for become files`() throws {
        let folder = try SampleRecords.folder()
        let site = try TemporaryFolder()
        var library = try SampleRecords.library(folder)
        let export = StaticConsole(folder: site.path + "/site")
        #expect(try export.write(&library) == 1)
        func file(_ name: String) -> Data? {
            FileManager.default.contents(atPath: "\(site.path)/site/\(name)")
        }
        for page in ConsolePage.files where page.name != "index.html" {
            #expect(file(page.name).map { [UInt8]($0) } == page.bytes)
        }
        // As a file the page may fetch nothing: its data are scripts.
        func data(_ name: String) throws -> JSON {
            let text = String(decoding: try #require(file("data/\(name).js")), as: UTF8.self)
            let call = try #require(text.wholeMatch(of: /Store\.take\("(.*?)", (.*)\);\n/))
            #expect(call.1 == "data/\(name).js")
            return try JSON(parsing: Array(call.2.utf8))
        }
        let deliveries = try data("deliveries")
        let id = try #require(deliveries["deliveries"]?.array?.first?["id"]?.string)
        #expect(try data("deliveries/\(id)")["id"]?.string == id)
        #expect(try data("settings") == JSON(["live": .bool(false)]))
        #expect(try data("rules")["rules"] != nil && data("coverage")["maps"] != nil)
        // Again, over the earlier one.
        var again = try SampleRecords.library(folder)
        #expect(try export.write(&again) == 1)
    }

    @Test func `the page of an export is told so, and may have scripts of its folder`() {
        let page = String(decoding: ConsolePage.exportedIndex, as: UTF8.self)
        #expect(page.contains(#"<html lang="en" data-export>"#))
        #expect(
            page.contains(
                #"content="default-src 'none'; script-src 'self' file:; style-src 'self' file:; "#
                    + "img-src 'self' file:; base-uri 'none'; form-action 'none'; "
                    + #"require-trusted-types-for 'script'; trusted-types data""#
            )
        )
    }

    @Test(arguments: [
        "echo mine >site/console.js", "mkdir site/data && echo 1 >site/data/my.csv",
        "ln -s ../target site/index.html", "rm -r site && ln -s target site",
        "mkfifo site/index.html",
    ])
    func `what is no earlier export, and nothing else, stays as it is`(script: String) throws {
        let (records, site) = (try SampleRecords.folder(), try TemporaryFolder())
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        let made = "cd \"$0\"; mkdir site target; echo 1 >site/other; \(script)"
        process.arguments = ["-ec", made, site.path]
        try process.run()
        process.waitUntilExit()
        var library = try SampleRecords.library(records)
        #expect(throws: Failure.self) {
            try StaticConsole(folder: site.path + "/site").write(&library)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: site.path).sorted() == [
                "site", "target",
            ]
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.path + "/target") == [])
    }

    @Test func `what fails leaves an earlier export as it is`() throws {
        let (records, site) = (try SampleRecords.folder(), try TemporaryFolder())
        var library = try SampleRecords.library(records)
        var export = StaticConsole(folder: site.path + "/site/")
        _ = try export.write(&library)
        export.clone = ClonedFiles(path: site.path + "/nowhere")
        var again = try SampleRecords.library(records)
        #expect(throws: Failure.self) { try export.write(&again) }
        let files = FileManager.default
        #expect(files.fileExists(atPath: site.path + "/site/data/coverage.js"))
        #expect(try files.contentsOfDirectory(atPath: site.path) == ["site"])
    }

    @Test func `a record's keys lead to nothing outside of the folder`() throws {
        let folder = try SampleRecords.folder()
        try Data("{}".utf8).write(to: URL(filePath: folder.path + "/secret.json"))
        let source = try ObjectSource.folder(folder.path + "/decisions/..", prefix: "p")
        for key in ["p/decisions/../secret.json", "q/secret.json", "../secret.json"] {
            #expect(try source.contents([key]) == [nil])
        }
        #expect(try source.contents(["p/secret.json"]) != [nil])
    }

    @Test func `a folder with other files stays as it is`() throws {
        let folder = try SampleRecords.folder()
        var library = try SampleRecords.library(folder)
        #expect(
            throws: Failure(
                "'\(folder.path)' holds other files: --export takes a new folder or an earlier export"
            )
        ) { try StaticConsole(folder: folder.path).write(&library) }
    }

    @Test(arguments: [
        ([], "say where the records are: --stack, --bucket or --folder"),
        (["--folder", "a", "--stack", "b"], "either --folder, or --stack or --bucket"),
        (["--folder", "a", "--days", "0"], "--days: expected a number from 1 to 36500"),
        (["--folder", "a", "--days", "200000000000"], "--days: expected a number from 1 to 36500"),
        (["--folder", "a", "--repository", "b"], "--repository goes with --git"),
        (["--folder", "a", "--function", "b"], "--function goes with --allow-replay"),
        (
            ["--folder", "a", "--allow-replay"],
            "--allow-replay needs a stack: a folder has no function to invoke"
        ),
        (
            ["--stack", "a", "--allow-replay", "--export", "b"],
            "--allow-replay does not go with --export"
        ),
        (
            ["--bucket", "a", "--allow-replay"],
            "with --bucket name the --function, or name the --stack"
        ),
    ])
    func `options that do not go together are refused`(arguments: [String], message: String) {
        #expect {
            try ConsoleCommand.parse(arguments)
        } throws: { error in
            ConsoleCommand.message(for: error).contains(message)
        }
    }
}
