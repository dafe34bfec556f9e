/// How often something that fails is tried again, and after how long.
package struct BackOff {
    /// How often one thing is tried at most.
    package static var maximumAttempts: Int { 4 }

    /// The first pause's upper bound, in milliseconds; each next one's is twice as long.
    static var firstPause: Int { 50 }

    /// The upper bound that no pause's upper bound exceeds, in milliseconds.
    static var longestPause: Int { 2000 }

    private let clock: WallClock
    private let random: Randomness

    /// Waits by that clock, as long as those numbers say.
    package init(clock: WallClock, random: Randomness) {
        self.clock = clock
        self.random = random
    }

    /// Attempts things until none is left that may succeed the next time, they have been tried
    /// four times, or the deadline has come.
    ///
    /// - Parameter attempt: tries those things once and returns which to try again.
    package func repeating(
        _ all: [Int],
        until deadline: Deadline,
        attempt: (_ pending: [Int]) -> [Int]
    ) {
        var pending = all
        var attempts = 0
        while !pending.isEmpty, deadline.remaining(at: clock.now()) > 0 {
            attempts += 1
            pending = attempt(pending)
            guard !pending.isEmpty, attempts < Self.maximumAttempts else { return }
            let pause = Self.pause(afterAttempts: attempts, random)
            guard pause < deadline.remaining(at: clock.now()) else { return }
            clock.sleep(pause)
        }
    }

    /// A pause in milliseconds after that many attempts, anywhere between none and its bound:
    /// "full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    package static func pause(afterAttempts attempts: Int, _ random: Randomness) -> Int {
        // Six doublings reach the longest; more would overflow in the end.
        random.next(upTo: min(longestPause, firstPause << min(attempts - 1, 6)))
    }
}
