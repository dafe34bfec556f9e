import Codec
import Foundation
import Platform
import Testing

@Suite struct WallClockTests {
    @Test func `the clock tells the system's time`() {
        let now = WallClock.system.now().milliseconds
        #expect(abs(now - Int(Date().timeIntervalSince1970 * 1_000)) < 60_000)
    }

    @Test(arguments: [-1, 0, 5])
    func `sleeping takes at least as long as was said`(milliseconds: Int) {
        let start = ContinuousClock.now
        WallClock.system.sleep(milliseconds)
        #expect(ContinuousClock.now - start >= .milliseconds(milliseconds))
    }
}
