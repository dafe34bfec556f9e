import Codec
import Core
import Foundation

/// The console as files, for any web server: the page, and what a live one would be asked for.
struct StaticConsole {
    let folder: String
    var clone: ClonedFiles?

    /// Writes everything; returns how many deliveries there are.
    func write(_ library: inout RecordLibrary) throws(Failure) -> Int {
        try prepare()
        for file in ConsolePage.files { try write(file.bytes, to: file.name) }
        try write(JSON(["live": .bool(false)]), to: "data/settings.json")
        let summaries = try library.all()
        try write(
            SummaryTable(summaries).json.adding([
                "revision": .int(0), "more": .bool(false), "older": .bool(false),
                "full": .bool(false), "place": .string(library.source.place),
            ]),
            to: "data/deliveries.json"
        )
        for summary in summaries where summary.problem == nil {
            let record = try library.record(of: summary)
            let detail = try DeliveryDetail(record, library.source).json()
            try write(detail, to: "data/deliveries/\(summary.id).json")
        }
        let overview = try RuleOverview(library.source)
        try write(overview.json, to: "data/rules.json")
        let coverage = try clone?.json(overview, keys: library.source.keys) ?? library.paths.json
        try write(coverage, to: "data/coverage.json")
        return summaries.count
    }

    /// Makes the folder, which must be new, empty, or an earlier export.
    private func prepare() throws(Failure) {
        let files = FileManager.default
        if let names = try? files.contentsOfDirectory(atPath: folder), !names.isEmpty,
            !names.contains("console.js")
        {
            throw Failure(
                "'\(folder)' holds other files: --export takes a new folder or an earlier export"
            )
        }
        do {
            // Deliveries that are no longer there are not to stay.
            if files.fileExists(atPath: "\(folder)/data") {
                try files.removeItem(atPath: "\(folder)/data")
            }
            try files.createDirectory(
                atPath: "\(folder)/data/deliveries",
                withIntermediateDirectories: true
            )
        } catch {
            throw Failure("making the folder '\(folder)': \(error.reason)")
        }
    }

    private func write(_ json: JSON, to name: String) throws(Failure) {
        try write(json.encoded(), to: name)
    }

    private func write(_ bytes: [UInt8], to name: String) throws(Failure) {
        do {
            try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
        } catch {
            throw Failure("writing \(folder)/\(name): \(error.reason)")
        }
    }
}
