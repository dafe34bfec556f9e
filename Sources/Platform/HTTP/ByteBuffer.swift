internal import CLibraries

/// Bytes that are put together piece by piece and then become an array.
///
/// `Array` would do, were it not that Embedded Swift's `append` copies byte after byte, and so
/// does its growing: 5 ms for an event of 1 MB instead of 0.1 ms.
struct ByteBuffer {
    private(set) var count = 0
    /// Longer than what is in it, until the end.
    private var storage: [UInt8] = []

    /// The byte at an index from 0 to below `count`.
    subscript(index: Int) -> UInt8 { storage[index] }

    /// Makes room for that many bytes in all.
    mutating func reserve(_ total: Int) {
        guard total > storage.count else { return }
        let old = storage
        let count = count
        storage = unsafe [UInt8](unsafeUninitializedCapacity: total) { space, initialized in
            unsafe old.withUnsafeBytes { old in
                guard let target = space.baseAddress, let source = old.baseAddress else { return }
                _ = unsafe memcpy(target, source, count)
            }
            initialized = total
        }
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe append(upTo: bytes.count) { space in
            guard let target = space.baseAddress, let source = bytes.baseAddress else { return 0 }
            _ = unsafe memcpy(target, source, bytes.count)
            return bytes.count
        }
    }

    /// Adds what a closure writes into room for that many bytes; it returns how many it wrote.
    mutating func append<Failure>(
        upTo most: Int,
        _ write: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int
    ) throws(Failure) {
        let total = count + most
        if total > storage.count { reserve(max(total, 2 * storage.count)) }
        let range = count..<total
        count += try unsafe storage.withUnsafeMutableBufferPointer { bytes throws(Failure) in
            try unsafe write(UnsafeMutableBufferPointer(rebasing: bytes[range]))
        }
    }

    /// Takes away the first bytes; the others move to their place.
    mutating func removeFirst(_ removed: Int) {
        let left = count - removed
        unsafe storage.withUnsafeMutableBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            _ = unsafe memmove(start, start + removed, left)
        }
        count = left
    }

    /// Shows some of the bytes to a closure.
    func withBytes<Result>(
        _ range: Range<Int>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        unsafe storage.withUnsafeBufferPointer { bytes in
            unsafe body(UnsafeBufferPointer(rebasing: bytes[range]))
        }
    }

    /// The bytes as an array, which is not a copy.
    consuming func finish() -> [UInt8] {
        storage.removeLast(storage.count - count)
        return storage
    }
}
