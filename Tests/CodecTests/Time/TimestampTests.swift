@testable import Codec
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:01Z", 1000),
        ("1969-12-31T23:59:59Z", -1000),
        ("2019-05-15T15:20:41Z", 1_557_933_641_000), ("2000-02-29T12:00:00Z", 951_825_600_000),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000), ("2026-11-21T04:35:47Z", 1_795_235_747_000),
        ("2038-01-19T03:14:08Z", 2_147_483_648_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("0000-03-01T00:00:00Z", -62_162_035_200_000),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ("1900-03-01T00:00:00Z", -2_203_891_200_000), ("2015-08-30T12:36:00Z", 1_440_938_160_000),
    ])
    func `a moment is read and written`(text: String, milliseconds: Int) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
    }

    @Test(arguments: [
        ("2019-05-15T17:20:41+02:00", "2019-05-15T15:20:41.000Z"),
        ("2019-05-15T15:20:41+0000", "2019-05-15T15:20:41.000Z"),
        ("2019-05-15T11:20:41-04:00", "2019-05-15T15:20:41.000Z"),
        ("2019-05-15T20:50:41+0530", "2019-05-15T15:20:41.000Z"),
        ("2020-01-01T00:30:00+01:00", "2019-12-31T23:30:00.000Z"),
        ("2019-12-31T23:30:00-01:00", "2020-01-01T00:30:00.000Z"),
        ("2019-05-15T15:20:41.5Z", "2019-05-15T15:20:41.500Z"),
        ("2019-05-15T15:20:41.05Z", "2019-05-15T15:20:41.050Z"),
        ("2019-05-15T15:20:41.123456789Z", "2019-05-15T15:20:41.123Z"),
        ("2019-05-15T15:20:41.9999+00:00", "2019-05-15T15:20:41.999Z"),
        ("1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"),
        ("2019-05-15T15:20:41-00:00", "2019-05-15T15:20:41.000Z"),
    ])
    func `offsets and fractions are read`(text: String, expected: String) {
        #expect(Timestamp(iso8601: text)?.iso8601Milliseconds == expected)
    }

    @Test(arguments: [
        "", "2019", "2019-05-15", "2019-05-15T15:20Z", "2019-05-15T15:20:41",
        "2019-05-15 15:20:41Z",
        "2019-05-15t15:20:41Z", "2019-05-15T15:20:41z", "2019-05-15T15:20:41ZZ",
        "2019-05-15T15:20:41Z ",
        " 2019-05-15T15:20:41Z", "2019-5-15T15:20:41Z", "19-05-15T15:20:41Z",
        "2019-00-15T15:20:41Z",
        "2019-13-15T15:20:41Z", "2019-05-00T15:20:41Z", "2019-05-32T15:20:41Z",
        "2019-04-31T15:20:41Z",
        "2019-02-29T15:20:41Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2020-02-30T00:00:00Z",
        "2019-05-15T24:00:00Z", "2019-05-15T15:60:41Z", "2019-05-15T15:20:60Z",
        "2016-12-31T23:59:60Z",
        "2019-05-15T15:20:41.Z", "2019-05-15T15:20:41,5Z", "2019-05-15T15:20:41+",
        "2019-05-15T15:20:41+02",
        "2019-05-15T15:20:41+2:00", "2019-05-15T15:20:41+24:00", "2019-05-15T15:20:41+02:60",
        "2019-05-15T15:20:41+02:0", "2019-05-15T15:20:41 +02:00", "2019-05-15T15:20:41Z+02:00",
        "+2019-05-15T15:20:41Z", "-2019-05-15T15:20:41Z", "2019/05/15T15:20:41Z",
        "2019-05-15T15-20-41Z",
        "2019-O5-15T15:20:41Z", "2019-05-15T1 :20:41Z", "2019-05-15T15:20:4\u{661}Z", "1557933641",
        "2019-W20-3T15:20:41Z", "20190515T152041Z",
    ])
    func `anything else is refused`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func `each form is written`() {
        let moment = Timestamp(milliseconds: 1_795_235_747_012)
        #expect(moment.iso8601 == "2026-11-21T04:35:47Z")
        #expect(moment.iso8601Milliseconds == "2026-11-21T04:35:47.012Z")
        #expect(moment.basic == "20261121T043547Z")
        #expect(moment.day == "2026-11-21")
        #expect(Timestamp(milliseconds: -1).iso8601Milliseconds == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: -62_167_219_200_001).day == "-0001-12-31")
        #expect(Timestamp(milliseconds: 253_402_300_800_000).day == "10000-01-01")
    }

    @Test func `every day of eight centuries follows the one before`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        let first = try #require(CalendarFields.days(year: 1700, month: 1, day: 1))
        for day in first..<first + 292_194 {
            let fields = CalendarFields(Timestamp(milliseconds: day * 86_400_000 + 43_200_000))
            let back = CalendarFields.days(year: fields.year, month: fields.month, day: fields.day)
            if back != day { Issue.record("day \(day) came back as \(back ?? 0)") }
            guard day.isMultiple(of: 97) else { continue }
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            #expect(
                [parts.year, parts.month, parts.day] == [fields.year, fields.month, fields.day]
            )
        }
    }

    @Test func `moments are ordered and shifted`() {
        let moment = Timestamp(milliseconds: 5)
        #expect(moment < moment.adding(milliseconds: 1))
        #expect(moment.adding(milliseconds: -6) < Timestamp(milliseconds: 0))
    }
}

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
