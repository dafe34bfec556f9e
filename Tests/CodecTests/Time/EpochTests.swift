import Codec
import Testing

@Suite struct EpochTests {
    @Test(arguments: [
        ("0", 0), ("1790000000", 1_790_000_000_000), ("1790000000.5", 1_790_000_000_500),
        ("1790000000.1239", 1_790_000_000_123), ("1.790000000123E9", 1_790_000_000_123),
        ("1.79e+9", 1_790_000_000_000), ("253402300799.999", 253_402_300_799_999),
    ])
    func `seconds are read as JSON writes numbers`(text: String, milliseconds: Int) {
        #expect(Timestamp(epochSeconds: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", ".", "E9", "-1", "1E-3", "1.5.5", "1x", "253402300800", "1E99", "1E999", "1E",
        "2026-11-21T00:00:00Z",
    ])
    func `what is no moment up to the year 9999 is none`(text: String) {
        #expect(Timestamp(epochSeconds: text) == nil)
    }
}
