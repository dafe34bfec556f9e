import TestSupport
import Testing

@testable import pointsman

struct LogObjectsTests {
    @Test(arguments: [
        ("", []), ("no object", []), (#"{"a":1}"#, [#"{"a":1}"#]),
        ("{\"a\":1}\n{\"b\":2}\n", [#"{"a":1}"#, #"{"b":2}"#]),
        ("2026-03-14T10:00:01 {\"a\":1}\n", [#"{"a":1}"#]),
        ("2026-03-14T10:00:01.01+00:00 2026/03/14/[$LATEST]0f {\"a\":1}\n", [#"{"a":1}"#]),
        (
            "T s {\n    \"a\": {\n        \"b\": 1\n    }\n}\n{\n}",
            ["{\n    \"a\": {\n        \"b\": 1\n    }\n}", "{\n}"]
        ),
        ("{\"a\":1}\t{\"b\":2}\n", [#"{"a":1}"#, #"{"b":2}"#]),
        (#"t {"a":"} \" {"} rest"#, [#"{"a":"} \" {"}"#]),
        ("broken { here\n{\"a\":1}", [#"{"a":1}"#]),
        ("broken {\"here\n{\"a\":1}", [#"{"a":1}"#]),
        ("x{\"a\":1} y", []), ("{\"a\":", []), (#"{"\"#, []),
    ])
    func `objects are found wherever they begin after a blank`(text: String, objects: [String]) {
        let found = LogObjects(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == objects)
    }

    @Test(.thorough, arguments: ["{ ", "{\n", "a {\n", " {\n", "{\n {\n"])
    func `many braces that never end take no long time`(piece: String) {
        let text = Array(String(repeating: piece, count: 200_000).utf8)
        #expect(LogObjects(text).map { $0 } == [])
    }
}
