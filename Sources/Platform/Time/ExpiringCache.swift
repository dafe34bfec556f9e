package import Codec

/// Values by key, each until it expires.
package struct ExpiringCache<Key: Equatable, Value> {
    private struct Entry {
        var key: Key
        var value: Value
        var expires: Timestamp
    }

    private var entries: [Entry] = []

    package init() {}

    /// The value of a key, unless it has expired.
    package mutating func value(of key: Key, at now: Timestamp) -> Value? {
        entries.removeAll { $0.expires <= now }
        return entries.first { $0.key == key }?.value
    }

    package mutating func insert(_ value: Value, for key: Key, until expires: Timestamp) {
        remove(key)
        entries.append(Entry(key: key, value: value, expires: expires))
    }

    package mutating func remove(_ key: Key) {
        entries.removeAll { $0.key == key }
    }
}
