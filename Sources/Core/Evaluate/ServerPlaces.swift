/// How many starts are under way at servers that are not AWS's.
///
/// A server that does not answer holds its places for as long as a start may take. So one server has
/// no more than the common places, and each has one beyond those, as long as there are any.
struct ServerPlaces {
    /// The places that any server may take.
    static let common = 32
    /// All places; those beyond the common ones are for servers that have none.
    static let all = 128

    private var numbers: [ByteKey: Int] = [:]
    private var taken: [Int] = []
    private var takenInAll = 0

    /// The number by which a server is known here.
    mutating func number(of server: ByteKey) -> Int {
        if let number = numbers[server] { return number }
        numbers[server] = taken.count
        taken.append(0)
        return taken.count - 1
    }

    /// Takes a place at a server; false where it has none.
    mutating func take(_ server: Int) -> Bool {
        guard takenInAll < (taken[server] == 0 ? Self.all : Self.common) else { return false }
        taken[server] += 1
        takenInAll += 1
        return true
    }

    /// Gives a place back.
    mutating func giveBack(_ server: Int) {
        taken[server] -= 1
        takenInAll -= 1
    }
}
