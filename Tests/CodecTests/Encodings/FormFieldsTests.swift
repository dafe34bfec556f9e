import Testing

@testable import Codec

@Suite struct FormFieldsTests {
    private func pairs(_ body: String) -> [[String]]? {
        FormFields(Array(body.utf8)).all()?.map { field in
            [
                String(decoding: field.name, as: UTF8.self),
                String(decoding: field.value, as: UTF8.self),
            ]
        }
    }

    @Test(
        arguments: [
            ("", []), ("a=b", [["a", "b"]]), ("a=b&c=d", [["a", "b"], ["c", "d"]]),
            ("a", [["a", ""]]), ("a=", [["a", ""]]),
            ("=b", [["", "b"]]), ("=", [["", ""]]), ("a=b=c", [["a", "b=c"]]),
            ("&a=b&&c=d&", [["a", "b"], ["c", "d"]]),
            ("a+b=c+d", [["a b", "c d"]]), ("%61=%62%26%3D", [["a", "b&="]]),
            ("a=1&a=2", [["a", "1"], ["a", "2"]]),
            ("payload=%7B%22ref%22%3A%22x%22%7D", [["payload", "{\"ref\":\"x\"}"]]),
            ("é=é", [["é", "é"]]), ("a;b=c", [["a;b", "c"]]),
        ] as [(String, [[String]])]
    )
    func `the fields of a body are found`(body: String, fields: [[String]]) {
        #expect(pairs(body) == fields)
        for field in fields {
            let first = fields.first { $0[0] == field[0] }?[1]
            #expect(
                FormFields(Array(body.utf8)).value(named: field[0]) == first.map { Array($0.utf8) }
            )
        }
        #expect(FormFields(Array(body.utf8)).value(named: "no such field") == nil)
    }

    @Test(arguments: ["a=%", "%=a", "a=%4", "a=b&c=%zz", "%g1=a"])
    func `a broken encoding is refused`(body: String) {
        #expect(pairs(body) == nil)
    }

    @Test func `a broken encoding elsewhere does not hide a field`() {
        let fields = FormFields(Array("x=%zz&%zz=1&payload=ok&y=%".utf8))
        #expect(fields.value(named: "payload") == Array("ok".utf8))
        #expect(fields.value(named: "x") == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random fields come back, and mutated bodies end`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let fields = (0..<Int.random(in: 1...5, using: &generator)).map { index in
                [
                    "n\(index)" + JSONSamples.string(using: &generator),
                    JSONSamples.string(using: &generator),
                ]
            }
            var body = fields.map {
                PercentEncoding.encode($0[0]) + "=" + PercentEncoding.encode($0[1])
            }
            .joined(separator: "&")
            #expect(pairs(body) == fields)
            for _ in 0..<3 {
                let index = body.utf8.indices.randomElement(using: &generator) ?? body.startIndex
                body.insert(
                    ["%", "&", "=", "+"].randomElement(using: &generator) ?? "%",
                    at: index
                )
                let count = FormFields(Array(body.utf8)).all()?.count ?? 0
                #expect(count <= body.utf8.count)
                _ = FormFields(Array(body.utf8)).value(named: fields[0][0])
            }
        }
    }
}
