// swift-tools-version: 6.2

import PackageDescription

/// The release (`package.sh`) builds `bootstrap` as Embedded Swift; everything
/// else (debug builds, tests, tools) is ordinary Swift from the same sources.
let isEmbedded = Context.environment["POINTSMAN_EMBEDDED"] == "1"

/// What `--version` says: `scripts/commit.sh` prints it for the release, other builds go without.
let commit = Context.environment["POINTSMAN_COMMIT"] ?? ""

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// What `bootstrap` stands on: compiled both ways.
let shipped: [SwiftSetting] =
    strict
    + (isEmbedded
        ? [
            .enableExperimentalFeature("Embedded"),
            // For size, 130 KB of the zip: what a large body runs through says @_optimize(speed).
            .unsafeFlags(["-wmo", "-Osize", "-Xfrontend", "-function-sections"]),
        ] : [])

/// What only others import: its code is generated once, with theirs.
let library: [SwiftSetting] =
    shipped + (isEmbedded ? [.enableExperimentalFeature("DeferredCodeGen")] : [])

/// Codec's loops over bytes are optimised in a debug build too.
///
/// With that the Swift tests take 135 s of CPU time instead of 225, and the build no longer. With Core's
/// as well they take 70 s, but the build takes 7 minutes more.
let codec: [SwiftSetting] = library + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let products: [Target] = [
    .target(
        name: "CLibraries",
        cSettings: [.define("POINTSMAN_COMMIT", to: "\"\(commit)\"")],
        linkerSettings: [
            .linkedLibrary("curl"), .linkedLibrary("ssl"), .linkedLibrary("crypto"),
            .linkedLibrary("pcre2-8"),
        ]
    ),
    .target(name: "Codec", swiftSettings: codec),
    .target(name: "Platform", dependencies: ["CLibraries", "Codec"], swiftSettings: library),
    .target(name: "AWS", dependencies: ["Codec", "Platform"], swiftSettings: library),
    .target(name: "Core", dependencies: ["AWS", "Codec", "Platform"], swiftSettings: library),
    .executableTarget(
        name: "bootstrap",
        dependencies: ["Core", "AWS", "Platform"],
        swiftSettings: shipped
    ),
    .executableTarget(
        name: "echo",
        dependencies: ["AWS", "Platform"],
        path: "Benchmarks/Echo",
        swiftSettings: shipped
    ),
]

/// The command-line tool: for people's machines, so it may use Foundation and packages.
let tool: [Target] = [
    .executableTarget(
        name: "pointsman",
        dependencies: [
            "Core", "AWS", "Codec", "Platform",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "FlyingSocks", package: "FlyingFox"),
            .product(name: "Yams", package: "Yams"),
        ],
        resources: [.embedInCode("Console/Page")],
        swiftSettings: strict
    ),
    .testTarget(
        name: "PointsmanTests",
        dependencies: ["pointsman", "Core", "AWS", "Codec", "Platform", "TestSupport"],
        exclude: ["Golden"],
        swiftSettings: strict
    ),
]

let packages: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
]

/// The fuzzer: `scripts/fuzz.sh` builds it with libFuzzer, and all that it stands on with it.
let fuzzer: [Target] = [
    .systemLibrary(name: "LibFuzzer", path: "Tests/Fuzz/LibFuzzer"),
    .executableTarget(
        name: "fuzz",
        dependencies: ["LibFuzzer", "Core", "AWS", "Codec", "Platform"],
        path: "Tests/Fuzz",
        exclude: ["LibFuzzer", "Kept", "words.dict"],
        swiftSettings: strict,
        // GNU's linker takes no program as large as this with every edge counted.
        linkerSettings: [.unsafeFlags(["-use-ld=lld", "-sanitize=fuzzer"])]
    ),
]

let isFuzzed = Context.environment["POINTSMAN_FUZZ"] == "1"

let tests: [Target] = [
    .executableTarget(
        name: "rules-curve",
        dependencies: ["Core", "Codec"],
        path: "Benchmarks/RulesCurve",
        swiftSettings: strict
    ),
    .target(
        name: "TestSupport",
        dependencies: ["AWS", "Codec", "Platform"],
        path: "Tests/TestSupport"
    ),
    .testTarget(name: "CodecTests", dependencies: ["Codec", "TestSupport"], swiftSettings: strict),
    .testTarget(
        name: "PlatformTests",
        dependencies: ["Platform", "Codec", "TestSupport"],
        swiftSettings: strict
    ),
    .testTarget(
        name: "AWSTests",
        dependencies: ["AWS", "Codec", "Platform", "TestSupport"],
        swiftSettings: strict
    ),
    .testTarget(
        name: "CoreTests",
        dependencies: ["Core", "AWS", "Codec", "Platform", "TestSupport"],
        swiftSettings: strict
    ),
    .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: strict),
]

let package = Package(
    name: "pointsman",
    products: [.executable(name: "bootstrap", targets: ["bootstrap"])]
        + (isEmbedded ? [] : [.executable(name: "pointsman", targets: ["pointsman"])]),
    dependencies: isEmbedded ? [] : packages,
    targets: products + (isEmbedded ? [] : tool + tests) + (isFuzzed ? fuzzer : [])
)
