@testable import Platform
import Testing

@Suite struct RandomnessTests {
    @Test func `the system's numbers differ`() {
        let randomness = Randomness.system
        #expect(Set((0..<100).map { _ in randomness.next() }).count == 100)
    }

    @Test(arguments: [(UInt64.max, 0), (.max, 1), (0, 10), (2, 10), (.max, 10), (.max, -5)])
    func `a number up to a limit lies within it`(bits: UInt64, limit: Int) {
        let number = Randomness { bits }.next(upTo: limit)
        #expect(number >= 0 && number <= max(0, limit))
    }
}
