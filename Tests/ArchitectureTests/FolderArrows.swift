/// Which folder of a target needs which, by the names that its files say.
///
/// A name counts where one folder alone declares it: a type, a function beside the types, or a
/// member by which a folder extends a type of somebody else's.
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

    /// - Parameter others: files of other targets, whose members may have the same names.
    init(_ files: [SourceFile], others: [SourceFile] = []) {
        let homes = Self.homes(files, others: others)
        var arrows: [[String]: Arrow] = [:]
        for file in files {
            let own = Set(Self.declared(Self.type, file, butPrivate: false))
            for name in Self.words(file.code).subtracting(own).sorted() {
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

    private static var type: Regex<(Substring, Substring)> {
        #/(?:struct|enum|class|protocol|actor|typealias) (\w+)/#
    }

    private static var member: Regex<(Substring, Substring)> {
        #/(?:func|var|let|case) `?(\w+)/#
    }

    /// The folder of each name that one folder alone declares.
    private static func homes(
        _ files: [SourceFile],
        others: [SourceFile]
    ) -> [String: String] {
        var folders: [String: Set<String>] = [:]
        var types: [String: Set<String>] = [:]
        for file in files {
            for name in declared(type, file) {
                types[name, default: []].insert(file.folder)
            }
            for name in declared(#/^(?:package )?func (\w+)/#, file) {
                folders[name, default: []].insert(file.folder)
            }
        }
        var members: [String: Set<String>] = [:]
        for file in files {
            for name in declared(member, file) {
                members[name, default: []].insert(file.folder)
            }
        }
        for file in others {
            for name in declared(member, file) {
                members[name, default: []].insert("")
            }
        }
        for file in files {
            for (type, member) in extensions(file)
            where types[type]?.contains(file.folder) != true && members[member] == [file.folder] {
                folders[member, default: []].insert(file.folder)
            }
        }
        return folders.merging(types) { $0.union($1) }
            .compactMapValues { $0.count == 1 ? $0.first : nil }
    }

    /// What a file declares by lines like that.
    private static func declared(
        _ regex: Regex<(Substring, Substring)>,
        _ file: SourceFile,
        butPrivate: Bool = true
    ) -> [String] {
        file.code.split(separator: "\n").compactMap { line in
            guard let match = line.firstMatch(of: regex) else { return nil }
            return butPrivate && line[..<match.range.lowerBound].contains("private")
                ? nil : String(match.output.1)
        }
    }

    /// The members that a file's extensions declare, with the outermost type that they extend.
    private static func extensions(_ file: SourceFile) -> [(type: String, member: String)] {
        var type: String?
        var members: [(type: String, member: String)] = []
        for line in file.code.split(separator: "\n") {
            if let match = line.prefixMatch(of: #/(?:package )?extension \[?(\w+)/#) {
                type = String(match.output.1)
            } else if !line.hasPrefix(" "), !line.hasPrefix("}") {
                type = nil
            } else if let type, line.hasPrefix("    "), !line.hasPrefix("     "),
                let match = line.firstMatch(of: #/(?:func|var) `?(\w+)/#),
                !line[..<match.range.lowerBound].contains("private")
            {
                members.append((type, String(match.output.1)))
            }
        }
        return members
    }

    /// Every word of a text, once.
    private static func words(_ text: String) -> Set<String> {
        let words = text.utf8.split { byte in
            let isLetter = (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
            return !isLetter && byte != UInt8(ascii: "_")
        }
        return Set(words.map { String(decoding: $0, as: UTF8.self) })
    }
}
