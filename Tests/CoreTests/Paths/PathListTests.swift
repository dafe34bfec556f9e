import TestSupport
import Testing

@testable import Core

@Suite struct PathListTests {
    @Test(arguments: [
        ([], []),
        (["b", "a"], ["a", "b"]),
        (["a", "a"], ["a"]),
        (["a", "b", "a", "b"], ["a", "b"]),
        (["a/b", "a.b", "a", "A", "a-b"], ["A", "a", "a-b", "a.b", "a/b"]),
        (["", "a", ""], ["", "a"]),
        (["a\0", "a", "a\0\0"], ["a", "a\0", "a\0\0"]),
        (["é", "e\u{301}", "é"], ["e\u{301}", "é"]),
        (
            ["services/api/10", "services/api/9", "services/api"],
            [
                "services/api", "services/api/10", "services/api/9",
            ]
        ),
    ])
    func `paths are sorted by their bytes, each once`(given: [String], expected: [String]) {
        let list = PathList(given.map { Path(utf8: Array($0.utf8)) })
        #expect(list.map { $0.utf8 } == expected.map { Array($0.utf8) })
    }

    @Test(.thorough) func `any paths in any order come out as a sorted set does`() {
        var random = SeededRandom(seed: 2)
        for round in 0..<300 {
            let alphabet: [UInt8] = round % 2 == 0 ? [0, 97] : Array("ab/.".utf8)
            let paths = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                let length = Int.random(in: 0...(round % 30), using: &random)
                return Path(utf8: (0..<length).map { _ in alphabet.randomElement(using: &random)! })
            }
            #expect(Array(PathList(paths)) == Set(paths).sorted())
        }
    }

    @Test func `paths that are the same for 60,000 bytes are told apart at its end`() {
        let long = [UInt8](repeating: 97, count: 60_000)
        let paths = (0..<20).map { Path(utf8: long + [UInt8($0 ^ 5)]) }
        #expect(Array(PathList(paths)) == paths.sorted())
    }
}
