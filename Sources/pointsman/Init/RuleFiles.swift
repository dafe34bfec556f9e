import Foundation

/// The two files of a first rule, which are written together or not at all.
struct RuleFiles {
    private let folder: String
    private let files: [(path: String, text: String)]

    /// Throws where the rule would not pass `pointsman check --strict`, or a file is there already.
    init(of rule: FirstRule, in folder: String) throws(Failure) {
        self.folder = folder
        let start = "\(folder)/\(rule.name)"
        files = [("\(start).json", rule.text), ("\(start).yaml", rule.template)]
        let problems = rule.problems((files[0].path, files[1].path))
        guard problems.isEmpty else {
            throw Failure("nothing was written: \(problems.joined(separator: "; "))")
        }
        for (path, _) in files where FileAttributeType(at: path) != nil {
            throw Failure(
                "nothing was written: '\(path)' is there already, --name and --output say another"
            )
        }
    }

    /// Writes them; their paths.
    func written() throws(Failure) -> [String] {
        do {
            try FileManager.default.createDirectory(
                atPath: folder.isEmpty ? "/" : folder,
                withIntermediateDirectories: true
            )
        } catch {
            throw Failure("making the folder '\(folder)': \(error.reason)")
        }
        var done: [String] = []
        for (path, text) in files {
            do {
                try Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
                done.append(path)
            } catch {
                // A part of it is not to stay, and what somebody else has written meanwhile is.
                if (error as? CocoaError)?.code != .fileWriteFileExists { done.append(path) }
                for path in done { try? FileManager.default.removeItem(atPath: path) }
                throw Failure("writing \(path): \(error.reason)")
            }
        }
        return done
    }
}
