/// Paths sorted by their bytes, each once, kept as one run of bytes.
///
/// A push may list a hundred thousand paths: an array each would cost more
/// memory than the delivery itself.
package struct PathList: Equatable, Sendable {
    /// All paths, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each path ends in `bytes`.
    private(set) var ends: [UInt32] = []

    /// No paths.
    package init() {}

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
    /// The first path's index.
    package var startIndex: Int { 0 }

    /// How many paths there are.
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
    /// The paths written down, in any order.
    package init(arrayLiteral elements: Path...) {
        self.init(elements)
    }
}
