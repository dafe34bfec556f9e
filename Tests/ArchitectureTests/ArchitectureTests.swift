import TestSupport
import Testing

/// The fences of the design, held against every source file, and each against a file that breaks it.
struct ArchitectureTests {
    /// The command-line tool is for people's machines: it may use Foundation and what comes with it.
    static let sources = SourceFile.ofPackage.map { files in
        files.filter { $0.target != "pointsman" }
    }

    /// The folders of Core that decide: they do no input or output and know no time but what they
    /// are told.
    static let decidingFolders: Set = [
        "Bucket", "Changes", "Lint", "Match", "Paths", "Patterns", "Properties", "Records", "Rules",
        "Sources", "Text",
    ]

    static let fences: [Fence] = [
        Fence(
            "a target imports nothing but what it stands on",
            example: (
                "Sources/Core/Match/A.swift", "internal import CLibraries\n",
                "imports CLibraries, Core may import AWS, Codec, Platform"
            )
        ) { file in
            guard file.path.hasSuffix(".swift") else { return [] }
            guard let allowed = Import.allowed[file.target] else {
                return ["is of \(file.target), a target without a fence"]
            }
            let list = allowed.isEmpty ? "nothing" : allowed.sorted().joined(separator: ", ")
            return Import.all(of: file).filter { !allowed.contains($0.module) }
                .map { "imports \($0.module), \(file.target) may import \(list)" }
        },
        Fence(
            "no C type leaves Platform",
            example: (
                "Sources/Platform/A.swift", "package import CLibraries\n",
                "makes CLibraries public"
            )
        ) { file in
            Import.all(of: file).filter { $0.module == "CLibraries" && $0.isPublic }
                .map { "makes \($0.module) public" }
        },
        Fence(
            "C stands in CLibraries alone",
            example: ("Sources/Platform/curl.c", "int one;", "is C outside of CLibraries")
        ) { file in
            let isC = file.path.contains(#/\.(c|h|cc|cpp|hpp|S|s|modulemap)$/#)
            return isC && file.target != "CLibraries" ? ["is C outside of CLibraries"] : []
        },
        Fence(
            "pointers stand in Platform alone",
            example: (
                "Sources/AWS/A.swift", "let a = b.withUnsafeBytes(c) // unsafe\n",
                "says withUnsafeBytes"
            )
        ) { file in
            guard file.target != "Platform" else { return [] }
            return Fence.says(
                #/\b(?:unsafe|Unsafe|withUnsafe)\w*|\b(?:OpaquePointer|Unmanaged)\b/#,
                in: file
            )
        },
        Fence(
            "what the product decides does no input or output",
            example: (
                "Sources/Core/Match/A.swift", "func start(_ transport: Transport) {}\n",
                "says Transport"
            )
        ) { file in
            guard file.target == "Core", decidingFolders.contains(file.folder) else { return [] }
            return Fence.says(
                #/\b(?:\w+Client|HTTPConnection|Transport|Environment|WallClock|Randomness|Services)\b/#,
                in: file
            )
        },
        Fence(
            "a target says what is to be sent and does not send it",
            example: (
                "Sources/Core/Targets/A.swift", "func start(_ client: AWSClient) {}\n",
                "says AWSClient"
            )
        ) { file in
            guard file.target == "Core", file.folder == "Targets" else { return [] }
            return Fence.says(
                #/\b(?:\w+Client|HTTPConnection|Transport|Environment|Randomness|Services)\b/#,
                in: file
            )
        },
        Fence(
            "nothing that is deployed vouches for a delivery",
            example: (
                "Sources/Core/Webhook/A.swift", "let a = delivery.vouchedFor()\n",
                "says vouchedFor"
            )
        ) { file in
            file.path == "Sources/Core/Sources/VerifiedDelivery.swift"
                ? [] : Fence.says(#/vouchedFor/#, in: file)
        },
        Fence(
            "nothing is forced, and every error has a type",
            example: ("Sources/Codec/A.swift", "let a = try! b()\n", "says try!"),
            breaches: { Fence.says(#/\btry!|\bas!|\bfatalError\b|\bany Error\b/#, in: $0) }
        ),
        Fence(
            "a name says what is in it",
            example: (
                "Sources/AWS/Utils.swift", "",
                "is named Utils, which says nothing of what is in it"
            )
        ) { file in
            Fence.words(
                #/\w*(?:Utils?|Utilities|Helpers?|Managers?|Common|Misc)\b/#,
                in: file.path
            )
            // The service's own name.
            .filter { $0 != "SecretsManager" }
            .map { "is named \($0), which says nothing of what is in it" }
        },
    ]

    @Test(.thorough, arguments: fences)
    func `the sources keep inside`(fence: Fence) throws {
        let files = try Self.sources.get()
        #expect(files.count > 50, "the sources are not where they are looked for")
        for file in files {
            for breach in fence.breaches(file) { Issue.record("\(file.path) \(breach)") }
        }
    }

    @Test(arguments: fences)
    func `its example is caught`(fence: Fence) {
        #expect(fence.breaches(fence.example.file) == [fence.example.breach])
    }
}
