import Codec
import Platform
import TestSupport
import Testing

/// The request most tests send.
func get(_ server: LoopbackServer, _ target: String = "/") -> HTTPRequest {
    HTTPRequest(method: "GET", origin: server.origin, target: target)
}

/// A deadline that many milliseconds from now.
func within(milliseconds: Int) -> Deadline {
    Deadline(WallClock.system.now().adding(milliseconds: milliseconds))
}
