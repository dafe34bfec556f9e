import Foundation
import Platform
import Testing

@Suite struct ExitTests {
    @Test func `SIGTERM ends the process at once with status 0`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try #require(Exit.atOnceOnSIGTERM())
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
    }

    @Test func `the process ends with the status it is told`() async {
        await #expect(processExitsWith: .exitCode(3)) {
            Exit.now(status: 3)
        }
    }
}
