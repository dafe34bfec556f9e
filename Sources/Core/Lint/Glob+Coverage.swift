/// What can be told of two globs by their plain beginnings and ends.
///
/// Both answers may be `false` where a closer look would say `true`, never the other way round.
extension Glob {
    /// Whether it is `**`.
    var isEverything: Bool {
        middle == .anything && head.isEmpty && tail.isEmpty
    }

    /// Whether surely all that another matches, this one matches as well.
    func covers(_ other: Glob) -> Bool {
        if text == other.text { return true }
        if let name = other.plainName { return matches(name) }
        guard other.head.starts(with: head),
            other.tail.reversed().starts(with: tail.reversed())
        else { return false }
        switch middle {
        case .anything: return true
        case .withinSegment:
            let more = other.head.dropFirst(head.count) + other.tail.dropLast(tail.count)
            return other.middle == .withinSegment && !more.contains(UInt8(ascii: "/"))
        case .segments: return other.middle == .segments && head == other.head && tail == other.tail
        case .nothing, .program: return false
        }
    }

    /// Whether surely nothing matches both.
    func isDisjoint(with other: Glob) -> Bool {
        if let name = plainName { return !other.matches(name) }
        if let name = other.plainName { return !matches(name) }
        return !head.agrees(with: other.head)
            || ![UInt8](tail.reversed()).agrees(with: [UInt8](other.tail.reversed()))
            || isShallower(than: other) || other.isShallower(than: self)
    }

    /// Whether all that it matches lies in fewer folders than anything that another one matches.
    private func isShallower(than other: Glob) -> Bool {
        middle == .withinSegment && plainSlashes < other.plainSlashes
    }

    /// The slashes of its plain beginning and end.
    private var plainSlashes: Int {
        (head + tail).count { $0 == UInt8(ascii: "/") }
    }

    /// The one name that it matches, where it has no wildcard.
    private var plainName: [UInt8]? {
        middle == .nothing ? head + tail : nil
    }
}

extension [UInt8] {
    /// Whether one of the two begins with the other.
    func agrees(with other: [UInt8]) -> Bool {
        starts(with: other) || other.starts(with: self)
    }
}
