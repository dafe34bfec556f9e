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
        for page in ConsolePage.files { #expect(file(page.name).map { [UInt8]($0) } == page.bytes) }
        let deliveries = try JSON(parsing: [UInt8](try #require(file("data/deliveries.json"))))
        let id = try #require(deliveries["deliveries"]?.array?.first?["id"]?.string)
        #expect(file("data/deliveries/\(id).json") != nil)
        #expect(file("data/settings.json") == Data(#"{"live":false}"#.utf8))
        #expect(file("data/rules.json") != nil && file("data/coverage.json") != nil)
        // Again, over the earlier one.
        var again = try SampleRecords.library(folder)
        #expect(try export.write(&again) == 1)
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
        (["--folder", "a", "--days", "0"], "--days: expected a number of at least 1"),
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
