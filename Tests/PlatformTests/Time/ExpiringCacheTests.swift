import Codec
import Platform
import Testing

@Suite struct ExpiringCacheTests {
    private static func moment(_ milliseconds: Int) -> Timestamp {
        Timestamp(milliseconds: milliseconds)
    }

    @Test func `a value is there until it expires`() {
        var cache = ExpiringCache<String, Int>()
        cache.insert(1, for: "a", until: Self.moment(10))
        #expect(cache.value(of: "a", at: Self.moment(9)) == 1)
        #expect(cache.value(of: "b", at: Self.moment(9)) == nil)
        #expect(cache.value(of: "a", at: Self.moment(10)) == nil)
        #expect(cache.value(of: "a", at: Self.moment(9)) == nil)
    }

    @Test func `a value replaces an earlier one of its key`() {
        var cache = ExpiringCache<String, Int>()
        cache.insert(1, for: "a", until: Self.moment(20))
        cache.insert(2, for: "a", until: Self.moment(10))
        #expect(cache.value(of: "a", at: Self.moment(0)) == 2)
        #expect(cache.value(of: "a", at: Self.moment(10)) == nil)
    }

    @Test func `a value can be removed`() {
        var cache = ExpiringCache<String, Int>()
        cache.insert(1, for: "a", until: Self.moment(10))
        cache.insert(2, for: "b", until: Self.moment(10))
        cache.remove("a")
        #expect(cache.value(of: "a", at: Self.moment(0)) == nil)
        #expect(cache.value(of: "b", at: Self.moment(0)) == 2)
    }
}
