package import Codec

/// The moment by which something must have ended: a value passed down to every call.
package struct Deadline: Equatable, Sendable {
    package var expires: Timestamp

    package init(_ expires: Timestamp) {
        self.expires = expires
    }

    /// Milliseconds left at a moment; never negative.
    package func remaining(at now: Timestamp) -> Int {
        max(0, expires.milliseconds - now.milliseconds)
    }

    /// The earlier of this deadline and one that many milliseconds after a moment.
    package func limited(toMilliseconds milliseconds: Int, from now: Timestamp) -> Deadline {
        Deadline(min(expires, now.adding(milliseconds: milliseconds)))
    }

    /// A deadline that many milliseconds earlier: room to answer after the call.
    package func reserving(milliseconds: Int) -> Deadline {
        Deadline(expires.adding(milliseconds: -milliseconds))
    }
}
