import Testing

@testable import pointsman

/// By which names a server on this machine may be asked.
@Suite struct HostNamesTests {
    static let door = HostNames.frontDoor(["Tunnel.example", "[fd00::1]"])

    @Test(arguments: [
        ("127.0.0.1:8080", true, true), ("localhost:8080", false, true),
        ("LocalHost:8080", false, true), ("[::1]:8080", false, true),
        ("127.0.0.1:8081", false, false), ("127.0.0.1", false, false), ("localhost", false, false),
        ("evil.example:8080", false, false), ("evil.example", false, false),
        ("127.0.0.1.evil.example:8080", false, false),
        ("127.0.0.1:8080.evil.example", false, false),
        ("evil.example/127.0.0.1:8080", false, false), ("", false, false), (nil, false, false),
        ("tunnel.example", false, true), ("TUNNEL.EXAMPLE:443", false, true),
        ("tunnel.example.evil.example", false, false), ("a.tunnel.example", false, false),
        ("tunnel.example:", false, true), ("[fd00::1]", false, true), ("[fd00::1]:1", false, true),
    ])
    func `are its own, and those that somebody has named`(
        host: String?,
        isOwn: Bool,
        isFrontDoors: Bool
    ) {
        #expect(HostNames().allow(host, port: 8_080) == isOwn)
        #expect(Self.door.allow(host, port: 8_080) == isFrontDoors)
    }

    @Test func `have no port where it is the usual one`() {
        #expect(HostNames().allow("127.0.0.1", port: 80))
    }
}
