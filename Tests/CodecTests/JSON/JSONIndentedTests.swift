import Codec
import Testing

@Suite struct `JSON for people` {
    @Test(arguments: [
        ("{}", "{}"),
        ("[]", "[]"),
        ("1.50", "1.50"),
        (#""a\nb""#, #""a\nb""#),
        ("[1,null]", "[\n  1,\n  null\n]"),
        (#"{"a":true,"b":[]}"#, "{\n  \"a\": true,\n  \"b\": []\n}"),
        (
            #"{"a\"":{"b":[{"c":1}]}}"#,
            """
            {
              "a\\\"": {
                "b": [
                  {
                    "c": 1
                  }
                ]
              }
            }
            """
        ),
    ])
    func `a member or an element is a line`(text: String, expected: String) throws {
        let json = try JSON(parsing: Array(text.utf8))
        let indented = json.indented()
        #expect(String(decoding: indented, as: UTF8.self) == expected)
        #expect(try JSON(parsing: indented) == json)
    }
}
