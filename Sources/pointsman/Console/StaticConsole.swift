import Codec
import Core
import Foundation

/// The console as files, for any web server: the page, and what a live one would be asked for.
struct StaticConsole {
    let folder: String
    var clone: ClonedFiles?

    /// Writes everything; returns how many deliveries there are.
    ///
    /// All of it is written beside the folder, which is replaced at the end: what fails leaves an earlier
    /// export as it is.
    func write(_ library: inout RecordLibrary) throws(Failure) -> Int {
        let trimmed = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        guard try Self.mayBeReplaced(trimmed) else {
            throw Failure(
                "'\(folder)' holds other files: --export takes a new folder or an earlier export"
            )
        }
        let made = StaticConsole(folder: "\(trimmed).\(UUID().uuidString)", clone: clone)
        defer { try? FileManager.default.removeItem(atPath: made.folder) }
        let count = try made.writeFiles(&library)
        do {
            let files = FileManager.default
            if FileAttributeType(at: trimmed) != nil { try files.removeItem(atPath: trimmed) }
            try files.moveItem(atPath: made.folder, toPath: trimmed)
        } catch {
            throw Failure("making the folder '\(folder)': \(error.reason)")
        }
        return count
    }

    private func writeFiles(_ library: inout RecordLibrary) throws(Failure) -> Int {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/data/deliveries",
                withIntermediateDirectories: true
            )
        } catch {
            throw Failure("making the folder '\(folder)': \(error.reason)")
        }
        for file in ConsolePage.files { try write(file.bytes, to: file.name) }
        try write(ConsolePage.exportedIndex, to: "index.html")
        try write(JSON(["live": .bool(false)]), to: "data/settings.js")
        let summaries = try library.all()
        try write(
            SummaryTable(summaries).json.adding([
                "revision": .int(0), "more": .bool(false), "older": .bool(false),
                "full": .bool(false), "place": .string(library.source.place),
            ]),
            to: "data/deliveries.js"
        )
        for summary in summaries where summary.problem == nil {
            let record = try library.record(of: summary)
            let detail = try DeliveryDetail(record, library.source).json()
            try write(detail, to: "data/deliveries/\(summary.id).js")
        }
        let overview = try RuleOverview(library.source)
        try write(overview.json, to: "data/rules.js")
        let coverage = try clone?.json(overview, keys: library.source.keys) ?? library.paths.json
        try write(coverage, to: "data/coverage.js")
        return summaries.count
    }

    /// Whether there is nothing at a path, or an empty folder, or an earlier export and nothing else.
    private static func mayBeReplaced(_ folder: String) throws(Failure) -> Bool {
        guard let type = FileAttributeType(at: folder) else { return true }
        guard type == .typeDirectory else { return false }
        let data = ["settings.js", "deliveries.js", "rules.js", "coverage.js"]
        let own = Set(ConsolePage.files.map(\.name) + data.map { "data/\($0)" })
        let folders: Set = ["data", "data/deliveries"]
        do {
            // Links are not followed.
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
                let isDelivery =
                    name.wholeMatch(of: /data\/deliveries\/[0-9a-f]{20}\.js/) != nil
                let wanted: FileAttributeType =
                    folders.contains(name) ? .typeDirectory : .typeRegular
                guard isDelivery || own.contains(name) || folders.contains(name),
                    FileAttributeType(at: "\(folder)/\(name)") == wanted
                else { return false }
            }
        } catch {
            throw Failure("reading the folder '\(folder)': \(error.reason)")
        }
        return true
    }

    /// Writes data as a script that hands them to the page.
    private func write(_ json: JSON, to name: String) throws(Failure) {
        try write(
            Array("Store.take(\"\(name)\", ".utf8) + json.encoded() + Array(");\n".utf8),
            to: name
        )
    }

    private func write(_ bytes: [UInt8], to name: String) throws(Failure) {
        do {
            try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
        } catch {
            throw Failure("writing \(folder)/\(name): \(error.reason)")
        }
    }
}
