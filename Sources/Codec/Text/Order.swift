extension Array {
    /// The elements in the order of keys, one for each; those with equal keys stay as they are.
    ///
    /// Keys and indices are what is sorted: the standard library's sort is 3 KB of code for each type that it is
    /// used with, and there are ten.
    package func inOrder(of keys: [Int]) -> [Element] { indicesInOrder(of: keys).map { self[$0] } }

    /// The same by the keys' bytes.
    package func inOrder(of keys: [[UInt8]]) -> [Element] {
        indicesInOrder(of: keys).map { self[$0] }
    }
}

/// The indices of keys in the order of the keys.
@inline(never)
private func indicesInOrder(of keys: [Int]) -> [Int] {
    keys.indices.sorted { keys[$0] < keys[$1] }
}

/// The indices of keys in the order of the keys' bytes.
@inline(never)
package func indicesInOrder(of keys: [[UInt8]]) -> [Int] {
    keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
}
