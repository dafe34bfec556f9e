internal import CLibraries
package import Codec

/// The time and a way to wait, passed in so that tests decide both.
package struct WallClock {
    package var now: () -> Timestamp
    package var sleep: (_ milliseconds: Int) -> Void

    package init(now: @escaping () -> Timestamp, sleep: @escaping (Int) -> Void) {
        self.now = now
        self.sleep = sleep
    }
}

extension WallClock {
    package static var system: WallClock {
        WallClock(now: { Timestamp(milliseconds: systemMilliseconds()) }, sleep: systemSleep)
    }
}

private func systemMilliseconds() -> Int {
    var time = timespec()
    // Cannot fail: the clock is known and the pointer is valid (clock_gettime(2)).
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
}

private func systemSleep(milliseconds: Int) {
    guard milliseconds > 0 else { return }
    var time = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
    var left = timespec()
    // A signal interrupts it and leaves the rest in `left`.
    while unsafe nanosleep(&time, &left) != 0, pointsman_errno() == EINTR {
        time = left
    }
}
