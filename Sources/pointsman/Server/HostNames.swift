/// The names that a request to a server on this machine may be for.
///
/// A web page that makes its own name point to 127.0.0.1 (DNS rebinding) reaches the port, but the
/// browser says in `Host` which name it was told.
struct HostNames: Sendable {
    /// Names for which the port has to be the server's own.
    var own = ["127.0.0.1"]
    /// Names of tunnels, with any port.
    var others: [String] = []
    /// What a refusal ends with.
    var hint = "; a tunnel's name is allowed with --host"

    /// A person's names for this machine, and a tunnel's.
    static func frontDoor(_ others: [String]) -> HostNames {
        HostNames(own: ["127.0.0.1", "localhost", "[::1]"], others: others)
    }

    /// A browser's names for this machine, and no other.
    static let browser = HostNames(own: ["127.0.0.1", "localhost"], hint: "")

    /// Whether a request with that `Host` is for the server that listens on a port.
    func allow(_ host: String?, port: UInt16) -> Bool {
        guard let host = host?.lowercased() else { return false }
        if own.contains(where: { host == "\($0):\(port)" || (port == 80 && host == $0) }) {
            return true
        }
        let digits = host.reversed().prefix { $0.isASCII && $0.isNumber }
        let isPort = host.dropLast(digits.count).last == ":"
        let name = isPort ? host.dropLast(digits.count + 1) : host[...]
        return others.contains { $0.lowercased() == name }
    }
}
