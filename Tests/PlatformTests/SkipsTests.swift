import TestSupport
import Testing

@Suite struct SkipsTests {
    private static let list = "# why\nno IPv6 here\n\nfish is not installed\n"

    @Test(arguments: [
        (true, "no IPv6 here", false),
        (true, "fish is not installed", false),
        (true, "no IPv6", true),
        (true, "# why", true),
        (true, "", true),
        (false, "no IPv6", false),
    ])
    func `only what is listed may be skipped in CI`(isCI: Bool, reason: String, mustRun: Bool) {
        #expect(Skips(isCI: isCI, list: Self.list).mustRun(reason) == mustRun)
    }
}
