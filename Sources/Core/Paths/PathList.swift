internal import Codec

/// Paths sorted by their bytes, each once, kept as one run of bytes.
///
/// A push may list a hundred thousand paths: an array each would cost more
/// memory than the delivery itself.
package struct PathList: Equatable, Sendable {
    /// All paths, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each path ends in `bytes`.
    private(set) var ends: [UInt32] = []

    init() {}

    /// Paths that are sorted already, each once.
    init(sortedBytes bytes: [UInt8], ends: [UInt32]) {
        self.bytes = bytes
        self.ends = ends
    }

    /// The paths of a sequence, in any order and however often each stands there.
    package init(_ paths: some Sequence<Path>) {
        var builder = PathListBuilder()
        for path in paths {
            builder.append(path.utf8)
        }
        self = builder.list()
    }
}

extension PathList: RandomAccessCollection {
    package var startIndex: Int { 0 }

    package var endIndex: Int { ends.count }

    /// The path at an index, as bytes of its own.
    package subscript(index: Int) -> Path {
        Path(utf8: Array(utf8(at: index)))
    }

    /// The bytes of the path at an index, not copied.
    package func utf8(at index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])]
    }
}

extension PathList: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Path...) {
        self.init(elements)
    }
}

/// Collects paths in any order and makes a sorted list of them.
///
/// Commits of one push name the same files over and over, so a path that is there already is
/// dropped when it comes, by way of a hash table; what is left is sorted in the end.
struct PathListBuilder {
    private var bytes: [UInt8] = []
    private var entries: [PathEntry] = []
    /// The paths came sorted so far, each once: then there is no table yet.
    private var isSorted = true
    /// Indices of entries plus 1, by hash, 0 where free; never more than half full.
    private var table: [UInt32] = []

    init() {}

    /// Begins with the paths of a list.
    init(_ list: PathList) {
        for index in list.indices { append(Array(list.utf8(at: index))) }
    }

    /// How many paths, and bytes of paths, are asked of a provider for one change: what a delivery of 6 MB,
    /// Lambda's largest, could list too, so that the memory is known to do.
    static let mostPaths = 100_000
    static let mostBytes = 6_000_000

    var count: Int { entries.count }

    /// Whether no more are to be asked for.
    var isFull: Bool { count >= Self.mostPaths || bytes.count >= Self.mostBytes }

    @_optimize(speed)
    mutating func append(_ path: [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: path)
        settle(from: start)
    }

    /// Adds the path that is the next value of a text.
    @_optimize(speed)
    mutating func append(_ reader: inout JSONReader) throws(JSONError) {
        let start = bytes.count
        try reader.utf8(appendingTo: &bytes)
        settle(from: start)
    }

    /// The paths, sorted, each once.
    @_optimize(speed)
    mutating func list() -> PathList {
        table = []
        guard !isSorted else {
            return PathList(
                sortedBytes: bytes,
                ends: entries.map { UInt32(truncatingIfNeeded: $0.range.upperBound) }
            )
        }
        PathSort.sort(&entries, in: &bytes)
        var sorted: [UInt8] = []
        var ends: [UInt32] = []
        sorted.reserveCapacity(bytes.count)
        ends.reserveCapacity(entries.count)
        for entry in entries {
            sorted.append(contentsOf: bytes[entry.range])
            ends.append(UInt32(truncatingIfNeeded: sorted.count))
        }
        return PathList(sortedBytes: sorted, ends: ends)
    }

    /// Makes an entry of the bytes that were added last, or takes them away again.
    @_optimize(speed)
    private mutating func settle(from start: Int) {
        var entry = PathEntry(start: start, end: bytes.count)
        if isSorted {
            guard let last = entries.last,
                !bytes[last.range].lexicographicallyPrecedes(bytes[start...])
            else {
                entries.append(entry)
                return
            }
            isSorted = false
            growTable()
        }
        entry.key = bytes.span.hash(of: entry.range)
        let slot = slot(of: entry)
        if table[slot] == 0 {
            entries.append(entry)
            table[slot] = UInt32(truncatingIfNeeded: entries.count)
            if entries.count * 2 > table.count { growTable() }
        } else {
            bytes.removeLast(bytes.count - start)
        }
    }

    /// The slot of the path that equals an entry's, or a free one for it.
    @_optimize(speed)
    private func slot(of entry: PathEntry) -> Int {
        let mask = table.count &- 1
        var slot = Int(truncatingIfNeeded: entry.key) & mask
        while table[slot] != 0 {
            let other = entries[Int(table[slot]) &- 1]
            if other.key == entry.key, bytes.span.isSame(other.range, entry.range) {
                break
            }
            slot = (slot &+ 1) & mask
        }
        return slot
    }

    /// Makes the table four times as large as the entries need, and enters them.
    private mutating func growTable() {
        var size = 64
        while size < entries.count * 4 { size *= 2 }
        let wasEmpty = table.isEmpty
        table = [UInt32](repeating: 0, count: size)
        for index in entries.indices {
            if wasEmpty { entries[index].key = bytes.span.hash(of: entries[index].range) }
            var slot = Int(truncatingIfNeeded: entries[index].key) & (size &- 1)
            while table[slot] != 0 { slot = (slot &+ 1) & (size &- 1) }
            table[slot] = UInt32(truncatingIfNeeded: index &+ 1)
        }
    }
}

/// Where a path lies in a run of bytes, and a number to tell it by: a hash or a part of it.
struct PathEntry {
    var key: UInt64 = 0
    let start: UInt32
    let length: UInt32

    init(start: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        length = UInt32(truncatingIfNeeded: end - start)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
}

extension PathList {
    /// The indices of the paths that begin with some bytes.
    package func range(prefix: Span<UInt8>) -> Range<Int> {
        guard !prefix.isEmpty else { return 0..<count }
        let start = lowerBound(prefix)
        // Mostly few paths share the beginning of a pattern: look near by first.
        var step = 1
        while start + step < count, holds(prefix, at: start + step) { step *= 2 }
        var low = start + step / 2
        var high = Swift.min(start + step, count)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(prefix, at: middle) { low = middle + 1 } else { high = middle }
        }
        return start..<low
    }

    /// The index of the first path that does not sort before some bytes.
    private func lowerBound(_ prefix: Span<UInt8>) -> Int {
        var low = 0
        var high = count
        // What the paths just outside the range share with the prefix, all in it share too.
        var sharedBelow = 0
        var sharedAbove = 0
        while low < high {
            let middle = low + (high - low) / 2
            let path = bytes.span.extracting(place(of: middle))
            var shared = Swift.min(sharedBelow, sharedAbove)
            let end = Swift.min(path.count, prefix.count)
            while shared < end, path[shared] == prefix[shared] { shared += 1 }
            let isBefore =
                shared < end ? path[shared] < prefix[shared] : path.count < prefix.count
            if isBefore {
                low = middle + 1
                sharedBelow = shared
            } else {
                high = middle
                sharedAbove = shared
            }
        }
        return low
    }

    private func holds(_ prefix: Span<UInt8>, at index: Int) -> Bool {
        let path = bytes.span.extracting(place(of: index))
        guard prefix.count <= path.count else { return false }
        for index in 0..<prefix.count where path[index] != prefix[index] { return false }
        return true
    }

    /// Where a path lies among all bytes.
    private func place(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }
}

/// The changed paths of a change and whether they are all of them.
package struct ChangedPaths: Equatable, Sendable {
    /// The paths, sorted by their bytes, each once.
    package var paths: PathList
    /// Why the set is not complete, as a clause for a sentence; `nil` when it is.
    package var incomplete: String?
    /// How many commits the event lists; `nil` for an event that never lists any.
    ///
    /// A rule of the mono-repo trigger is not started by an event with no commits, and is started by
    /// one whose list of commits is cut.
    var commits: Int?
    /// What the change was compared with to find them, for the decision record; `nil` where the
    /// event itself lists them.
    var comparedWith: String?
}

/// A file's path in a repository: UTF-8 bytes, compared as bytes.
///
/// Not a `String`: two paths that differ only in Unicode normalisation are two files.
package struct Path: Hashable, Comparable, Sendable {
    package var utf8: [UInt8]

    package init(utf8: [UInt8]) {
        self.utf8 = utf8
    }

    /// Whether one path sorts before the other, by bytes.
    package static func < (one: Path, other: Path) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
