import Trigger

/// The folders of a repository, with how many of their files some rule covers.
struct FolderTree {
    private struct Count {
        var files = 0
        var covered = 0
        /// Files that lie directly in the folder and are not covered.
        var own = 0
    }

    private var counts: [ByteKey: Count] = [:]

    /// Adds a file to all folders that it lies in; the root's name is empty.
    mutating func add(_ path: String, isCovered: Bool) {
        var folder = Substring(path)
        var isOwn = true
        while !folder.isEmpty {
            let slash = folder.lastIndex(of: "/")
            folder = slash.map { folder[..<$0] } ?? ""
            let name = ByteKey(folder.isEmpty ? "" : "\(folder)/")
            counts[name, default: Count()].files += 1
            if isCovered { counts[name, default: Count()].covered += 1 }
            if !isCovered, isOwn { counts[name, default: Count()].own += 1 }
            isOwn = false
        }
    }

    /// The topmost folders in which nothing is covered, and the uncovered files that lie directly
    /// in a folder of which other parts are covered.
    var gaps: [Coverage.Gap] {
        var gaps: [Coverage.Gap] = []
        var within: String?
        for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
            let folder = key.text
            if let within, folder.utf8.starts(with: within.utf8) { continue }
            if count.covered == 0 {
                within = folder
                gaps.append(
                    Coverage.Gap(folder: folder, files: count.files, isPartly: false, changes: 0)
                )
            } else if count.own > 0 {
                gaps.append(
                    Coverage.Gap(folder: folder, files: count.own, isPartly: true, changes: 0)
                )
            }
        }
        return gaps
    }
}
