/// Which folder of a target needs which, by the names that its files say.
///
/// A name counts where one folder alone declares it: a type, a function beside the types, or a
/// member by which a folder extends a type that is not its own.
struct FolderArrows {
    /// That a folder needs another one, with one of the places that show it.
    struct Arrow: CustomStringConvertible {
        let from: String
        let to: String
        let file: String
        let name: String

        var description: String { "\(from) needs \(to): \(file) says \(name)" }
    }

    /// Of every two folders at most one arrow.
    let arrows: [Arrow]

    /// - Parameter others: files of other targets, which may declare the same names.
    init(_ files: [SourceFile], others: [SourceFile] = []) {
        let homes = Self.homes(
            files.map { (folder: $0.folder, names: $0.names) },
            others: others.map(\.names)
        )
        var arrows: [[String]: Arrow] = [:]
        for file in files {
            for name in file.names.said.subtracting(file.names.allTypes).sorted() {
                guard let home = homes[name], home != file.folder else { continue }
                let pair = [file.folder, home]
                if arrows[pair] == nil {
                    arrows[pair] = Arrow(from: pair[0], to: home, file: file.path, name: name)
                }
            }
        }
        self.arrows = arrows.values.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }

    /// Arrows that lead from a folder back to it; empty where there are none.
    var cycle: [Arrow] {
        var open = Dictionary(grouping: arrows) { $0.from }
        // A folder that needs none of those left is in no cycle.
        while let leaf = open.first(where: { $0.value.allSatisfy { open[$0.to] == nil } }) {
            open[leaf.key] = nil
        }
        guard var folder = open.keys.min() else { return [] }
        var path: [Arrow] = []
        while !path.contains(where: { $0.from == folder }) {
            guard let next = open[folder]?.first(where: { open[$0.to] != nil }) else { return [] }
            path.append(next)
            folder = next.to
        }
        return Array(path.drop { $0.from != folder })
    }

    /// The folder of each name that one folder alone declares.
    private static func homes(
        _ files: [(folder: String, names: DeclaredNames)],
        others: [DeclaredNames]
    ) -> [String: String] {
        var types: [String: Set<String>] = [:]
        var members: [String: Set<String>] = [:]
        for (folder, names) in files {
            for name in names.types { types[name, default: []].insert(folder) }
            for name in names.members { members[name, default: []].insert(folder) }
        }
        for names in others {
            for name in names.types { types[name, default: []].insert("") }
            for name in names.members { members[name, default: []].insert("") }
        }
        var homes = types
        for (folder, names) in files {
            for name in names.functions { homes[name, default: []].insert(folder) }
            for (type, member) in names.extensions
            where types[type]?.contains(folder) != true && members[member] == [folder] {
                homes[member, default: []].insert(folder)
            }
        }
        return homes.compactMapValues { $0.count == 1 && $0 != [""] ? $0.first : nil }
    }
}
