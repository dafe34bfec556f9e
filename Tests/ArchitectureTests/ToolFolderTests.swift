import TestSupport
import Testing

/// The folders of the command-line tool use each other in one direction.
struct ToolFolderTests {
    private static func folder(of file: SourceFile) -> String {
        let parts = file.path.split(separator: "/")
        return parts.count > 3 ? String(parts[2]) : ""
    }

    /// For each folder the other folders whose types it names.
    private static func uses(_ files: [SourceFile]) -> [String: Set<String>] {
        let declaration = #/^(?:final )?(?:struct|class|enum|actor) (\w+)/#
            .anchorsMatchLineEndings()
        var homes: [String: String] = [:]
        for file in files {
            for match in file.code.matches(of: declaration) {
                homes[String(match.output.1)] = folder(of: file)
            }
        }
        var uses: [String: Set<String>] = [:]
        for file in files {
            let folder = folder(of: file)
            for match in file.code.matches(of: #/\b[A-Z]\w*/#) {
                guard let home = homes[String(match.output)], home != folder else { continue }
                uses[folder, default: []].insert(home)
            }
        }
        return uses
    }

    /// The folders that are left when those that use none of the others are taken away.
    private static func circle(_ files: [SourceFile]) -> [String] {
        var left = uses(files)
        while let free = left.first(where: { $0.value.isDisjoint(with: left.keys) })?.key {
            left[free] = nil
        }
        return left.keys.sorted()
    }

    @Test func `no folder uses one that uses it`() throws {
        let files = try SourceFile.all(below: "Sources/pointsman", of: Conformance.packageRoot)
        #expect(Self.circle(files) == [])
    }

    @Test func `two folders that use each other are found`() {
        let files = [("A", "struct A { var b: B }"), ("B", "struct B { var a: A }"), ("C", "A")]
            .map { SourceFile(path: "Sources/pointsman/\($0)/a.swift", text: $1) }
        #expect(Self.circle(files) == ["A", "B", "C"])
    }
}
