import Foundation
import Testing

@testable import Codec

/// Random trees and mutated texts, with Foundation as a second opinion.
@Suite struct JSONPropertyTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `a tree comes back whole, here and from Foundation`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let tree = JSONSamples.tree(depth: 5, using: &generator)
            let bytes = tree.encoded()
            #expect(try JSON(parsing: bytes) == tree)
            let spaced = JSONSamples.spaced(tree, using: &generator)
            #expect(try JSON(parsing: spaced) == tree)
            var skipped = JSONReader(spaced)
            try skipped.skip()
            try skipped.end()
            let other = try JSONSerialization.jsonObject(
                with: Data(bytes),
                options: .fragmentsAllowed
            )
            #expect(JSONSamples.matches(tree, other))
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `a mutated text is read or refused, never more, and read as it is skipped`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            var bytes = JSONSamples.spaced(
                JSONSamples.tree(depth: 4, using: &generator),
                using: &generator
            )
            JSONSamples.mutate(&bytes, using: &generator)
            let tree = try? JSON(parsing: bytes)
            var skipped = JSONReader(bytes)
            let isSkipped =
                (try? skipped.skip()) != nil && (try? skipped.end()) != nil
            #expect(isSkipped == (tree != nil))
            if let tree { #expect((try? JSON(parsing: tree.encoded())) == tree) }
            var walked = JSONReader(bytes)
            var budget = bytes.count + 1
            try? JSONSamples.walk(&walked, budget: &budget, using: &generator)
            #expect(budget >= 0, "each step consumes at least a byte")
            #expect(walked.offset <= bytes.count)
        }
    }
}

/// Makes and takes apart JSON at random.
enum JSONSamples {
    /// A tree in which no object has two members of one name, nor a number that Foundation rounds.
    static func tree(depth: Int, using generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .int(Int.random(in: -1_000_000...1_000_000, using: &generator))
        case 3, 4: return .string(string(using: &generator))
        case 5, 6:
            let count = Int.random(in: 0...5, using: &generator)
            return .array((0..<count).map { _ in tree(depth: depth - 1, using: &generator) })
        default:
            let count = Int.random(in: 0...5, using: &generator)
            return .object(
                (0..<count).map { index in
                    JSON.Member(
                        key: "\(index)" + string(using: &generator),
                        value: tree(depth: depth - 1, using: &generator)
                    )
                }
            )
        }
    }

    static func string(using generator: inout SeededGenerator) -> String {
        var string = ""
        for _ in 0..<Int.random(in: 0...60, using: &generator) {
            let code: UInt32
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: code = .random(in: 0...0x1F, using: &generator)
            case 1:
                code =
                    [0x22, 0x5C, 0x2F, 0x7F, 0x2028, 0xFFFD].randomElement(using: &generator) ?? 0
            case 2: code = .random(in: 0x80...0x2FFF, using: &generator)
            case 3: code = .random(in: 0x10000...0x10FFFF, using: &generator)
            default: code = .random(in: 0x20...0x7E, using: &generator)
            }
            if let scalar = Unicode.Scalar(code) { string.unicodeScalars.append(scalar) }
        }
        return string
    }

    /// The tree as text with white space wherever it may stand, and escapes that need not be.
    static func spaced(_ tree: JSON, using generator: inout SeededGenerator) -> [UInt8] {
        func space() -> [UInt8] {
            (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                [0x20, 0x09, 0x0A, 0x0D].randomElement(using: &generator) ?? 0x20
            }
        }
        func joined(_ parts: [[UInt8]], _ open: Unicode.Scalar, _ close: Unicode.Scalar) -> [UInt8]
        {
            [UInt8(ascii: open)] + space() + parts.joined(separator: [UInt8(ascii: ",")])
                + [UInt8(ascii: close)]
        }
        func quoted(_ string: String) -> [UInt8] {
            guard Int.random(in: 0..<4, using: &generator) == 0 else {
                return JSON.string(string).encoded()
            }
            let units = string.utf16.map { unit in
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &generator))
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            return Array("\"\(units.joined())\"".utf8)
        }
        let text: [UInt8]
        switch tree {
        case .array(let elements):
            text = joined(elements.map { spaced($0, using: &generator) }, "[", "]")
        case .object(let members):
            text = joined(
                members.map {
                    space() + quoted($0.key) + space() + [UInt8(ascii: ":")]
                        + spaced($0.value, using: &generator)
                },
                "{",
                "}"
            )
        case .string(let string): text = quoted(string)
        default: text = tree.encoded()
        }
        return space() + text + space()
    }

    /// Changes, inserts, removes, repeats or cuts bytes, once to three times.
    static func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let interesting =
            Array("\"\\{}[]:,0-9.eEutfn\n\u{0}\u{1F}".utf8) + [0x80, 0xC3, 0xE2, 0xED, 0xF0, 0xFF]
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = Int.random(in: 0...bytes.count, using: &generator)
            let byte = interesting.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where index < bytes.count: bytes[index] = byte
            case 1: bytes.insert(byte, at: index)
            case 2 where index < bytes.count: bytes.remove(at: index)
            case 3: bytes.insert(contentsOf: bytes[..<index].suffix(20), at: index)
            default: bytes.removeLast(min(bytes.count, Int.random(in: 0...10, using: &generator)))
            }
        }
    }

    /// Reads at random, by any of the reader's ways; each successful step costs one of the budget.
    static func walk(
        _ reader: inout JSONReader,
        budget: inout Int,
        using generator: inout SeededGenerator
    ) throws(JSONError) {
        budget -= 1
        let choice = Int.random(in: 0..<12, using: &generator)
        switch (try reader.kind(), choice) {
        case (_, 0): try reader.skip()
        case (_, 1): _ = try reader.value()
        case (.object, _):
            try reader.object { (key, value) throws(JSONError) in
                if key == "0" { return }
                try walk(&value, budget: &budget, using: &generator)
            }
        case (.array, _):
            try reader.array { (value) throws(JSONError) in
                if choice == 2 { return }
                try walk(&value, budget: &budget, using: &generator)
            }
        case (.string, 2...6): _ = try reader.string()
        case (.string, _): _ = try reader.utf8()
        case (.number, 2...6): _ = try? reader.int()
        case (.number, _): _ = try reader.number()
        case (.bool, _): _ = try reader.bool()
        case (.null, _): try reader.null()
        }
    }

    /// Whether Foundation read the same.
    static func matches(_ tree: JSON, _ other: Any) -> Bool {
        switch tree {
        case .null: return other is NSNull
        case .bool(let value): return (other as? NSNumber)?.boolValue == value
        case .number: return (other as? NSNumber)?.intValue == tree.int
        case .string(let value):
            return (other as? String).map { Array($0.utf8) } == Array(value.utf8)
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy { matches($0, $1) }
        case .object(let members):
            guard let others = other as? [String: Any], others.count == members.count else {
                return false
            }
            return members.allSatisfy { member in
                others[member.key].map { matches(member.value, $0) } ?? false
            }
        }
    }
}
