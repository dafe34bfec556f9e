import Testing

@testable import Codec

@Suite struct XMLTests {
    private func parse(_ text: String) throws(XMLError) -> XML {
        try XML(parsing: Array(text.utf8))
    }

    @Test func `a listing of S3 is read`() throws {
        let listing = try parse(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>\
            <Prefix>p/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>\
            <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
              <Contents><Key>p/a&amp;b.json</Key><ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><Size>11</Size></Contents>
              <Contents><Key>p/&#x1F600;&#233;.json</Key><ETag>"x"</ETag><Size>0</Size></Contents>
            </ListBucketResult>
            """
        )
        #expect(listing.name == "ListBucketResult")
        #expect(listing["IsTruncated"]?.text == "true")
        #expect(
            listing["NextContinuationToken"]?.text
                == "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="
        )
        #expect(listing.all("Contents").map { $0["Key"]?.text } == ["p/a&b.json", "p/😀é.json"])
        #expect(
            listing.all("Contents").map { $0["ETag"]?.text } == [
                "\"70ee1738b6b21e2c8a43f3a5ab0eee71\"", "\"x\"",
            ]
        )
        #expect(listing["Missing"] == nil)
    }

    @Test func `an error of S3 is read`() throws {
        let error = try parse(
            "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
        )
        #expect(error["Code"]?.text == "NoSuchKey")
        #expect(error["Message"]?.text == "The specified key does not exist.")
    }

    @Test func `an answer of STS is read`() throws {
        let answer = try parse(
            """
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
            <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>
            </Credentials></AssumeRoleResult></AssumeRoleResponse>
            """
        )
        #expect(answer["AssumeRoleResult"]?["Credentials"]?["SecretAccessKey"]?.text == "a/b+c")
    }

    @Test(arguments: [
        ("<a/>", XML(name: "a")), ("<a></a>", XML(name: "a")), ("<a />", XML(name: "a")),
        ("<a ></a >", XML(name: "a")),
        ("\u{FEFF}<a/>", XML(name: "a")), (" \n<a/>\t\r\n", XML(name: "a")),
        ("<!-- c --><a/><!-- d -->", XML(name: "a")),
        ("<?xml version='1.0'?><?pi x?><a/><?pi?>", XML(name: "a")),
        ("<a>x</a>", XML(name: "a", text: "x")),
        ("<a>x<!-- < & -->y</a>", XML(name: "a", text: "xy")),
        ("<a>x<b/>y</a>", XML(name: "a", text: "xy", children: [XML(name: "b")])),
        ("<a><![CDATA[<b>&amp;]]]></a>", XML(name: "a", text: "<b>&amp;]")),
        ("<a><![CDATA[]]></a>", XML(name: "a")),
        ("<n:a xmlns:n='u'><n:b/></n:a>", XML(name: "a", children: [XML(name: "b")])),
        ("<a b=\"1\" c='2>\"'/>", XML(name: "a")),
        ("<a b = \"1\"\n c='2'>x</a>", XML(name: "a", text: "x")),
        ("<a>&lt;&gt;&amp;&quot;&apos;</a>", XML(name: "a", text: "<>&\"'")),
        ("<a>&#65;&#x41;&#x000041;&#10;</a>", XML(name: "a", text: "AAA\n")),
        ("<é>😀</é>", XML(name: "é", text: "😀")), ("<a>]]</a>", XML(name: "a", text: "]]")),
        ("<a-b.c_1/>", XML(name: "a-b.c_1")),
    ])
    func `a document is read`(text: String, expected: XML) throws {
        #expect(try parse(text) == expected)
    }

    @Test(arguments: [
        ("", "invalid XML at byte 0: expected an element"),
        ("  ", "invalid XML at byte 2: expected an element"),
        ("x", "invalid XML at byte 0: expected an element"),
        ("<a/>x", "invalid XML at byte 4: expected an element"),
        ("<a/><b/>", "invalid XML at byte 4: expected nothing behind the root element"),
        ("<a>", "invalid XML at byte 3: expected an end tag"),
        ("<a><b></a>", "invalid XML at byte 8: expected the end tag of the element that is open"),
        ("<a></b>", "invalid XML at byte 5: expected the end tag of the element that is open"),
        ("</a>", "invalid XML at byte 2: expected the end tag of the element that is open"),
        ("<n:a></m:a>", "invalid XML at byte 7: expected the end tag of the element that is open"),
        ("<a></a", "invalid XML at byte 6: expected '>'"),
        ("<", "invalid XML at byte 1: expected a name"),
        ("<>", "invalid XML at byte 1: expected a name"),
        ("< a/>", "invalid XML at byte 1: expected a name"),
        ("<a", "invalid XML at byte 2: expected '>'"),
        ("<a b", "invalid XML at byte 4: expected '='"),
        ("<a b=c/>", "invalid XML at byte 5: expected a quoted value"),
        ("<a b='c", "invalid XML at byte 7: expected '''"),
        ("<a b='c'd='e'/>", "invalid XML at byte 8: expected '>'"),
        ("<a / >", "invalid XML at byte 3: expected a name"),
        ("<a>&b;</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a>&</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a>&amp</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a>&#;</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a>&#x;</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a>&#xD800;</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a>&#x110000;</a>", "invalid XML at byte 3: expected an entity that is known"),
        (
            "<a>&#99999999999999999999;</a>",
            "invalid XML at byte 3: expected an entity that is known"
        ),
        ("<a>&#6A;</a>", "invalid XML at byte 3: expected an entity that is known"),
        ("<a><!-- x</a>", "invalid XML at byte 13: expected '-->'"),
        ("<a><![CDATA[x]]</a>", "invalid XML at byte 19: expected ']]>'"),
        ("<![CDATA[x]]><a/>", "invalid XML at byte 9: expected an element"),
        ("<?xml", "invalid XML at byte 5: expected '?>'"),
        ("<!DOCTYPE a><a/>", "invalid XML at byte 2: expected no document type declaration"),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "invalid XML at byte 2: expected no document type declaration"
        ),
        ("<a><!ELEMENT b></a>", "invalid XML at byte 5: expected no document type declaration"),
    ])
    func `anything else is refused, and the message says where`(text: String, message: String) {
        let error = #expect(throws: XMLError.self) { try XML(parsing: Array(text.utf8)) }
        #expect(error?.description == message)
    }

    @Test func `what is not UTF-8 is refused`() {
        #expect(throws: XMLError(offset: 0, expected: "UTF-8")) {
            try XML(parsing: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8))
        }
    }

    @Test func `elements nest to the bound and no further`() throws {
        func text(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        _ = try parse(text(XML.maximumDepth))
        let error = #expect(throws: XMLError.self) { try parse(text(XML.maximumDepth + 1)) }
        #expect(error?.description == "invalid XML at byte 192: expected at most 64 elements deep")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a mutated document is read or refused`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let document = Array(
            "<?xml version='1.0'?><a b='c'><!-- d --><e>f&amp;&#x41;</e><![CDATA[g]]><h:i/></a>"
                .utf8
        )
        for _ in 0..<100 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    bytes[index] =
                        "<>&;/!?-]['\"= #x\u{0}".utf8.randomElement(using: &generator) ?? 0
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(8), at: index)
                }
            }
            _ = try? XML(parsing: bytes)
        }
    }
}
