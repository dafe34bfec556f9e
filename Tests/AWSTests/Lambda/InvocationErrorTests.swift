import Foundation
import Testing

@testable import AWS

struct InvocationErrorTests {
    @Test(arguments: [
        "Function.Oops", "Runtime.Oops", "Function.MalformedEvent", "Runtime.ABC", "Function.Ab",
    ])
    func `a type that the platform takes is kept`(type: String) {
        #expect(InvocationError(type: type, message: "").type == type)
    }

    @Test(arguments: [
        "", "Unhandled", "unhandled", "Function.", "Function.x", "Function.X", "Function.1a",
        "Function.A1", "Function.Oops.More", "Function.Oops ", "Function.Oops\r\nX: y",
        "runtime.Oops",
        "Extension.Oops", ".Oops", "Function.[A", "Function.Oop\u{e9}",
    ])
    func `any other type becomes Function dot Unknown`(type: String) {
        #expect(InvocationError(type: type, message: "").type == "Function.Unknown")
    }

    @Test func `the body has type, message and an empty stack trace`() {
        let error = InvocationError(type: "Function.Oops", message: "line 1\nline \"2\"")
        #expect(
            String(decoding: error.body, as: UTF8.self)
                == #"{"errorType":"Function.Oops","errorMessage":"line 1\nline \"2\"","stackTrace":[]}"#
        )
    }

    @Test func `the cause has the message as its one exception`() {
        let error = InvocationError(type: "Function.Oops", message: "no \u{e9}\u{1f600}\u{7f}")
        #expect(
            error.cause
                == #"{"working_directory":"","exceptions":[{"message":"no \u00e9\ud83d\ude00\u007f","#
                + #""type":"Function.Oops","stack":[]}],"paths":[]}"#
        )
    }

    static let messages: [String] =
        (0..<256).map { String(UnicodeScalar(UInt8($0))) }
        + ["\u{2028}\u{2029}", "\u{feff}", "\u{10ffff}", "\\u0000", "\"}", "e\u{301}", "\r\n\r\n"]

    @Test(arguments: messages)
    func `body and cause say any message in valid JSON`(message: String) throws {
        let error = InvocationError(type: "Function.Oops", message: "a\(message)z")
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(error.body)) as? [String: Any]
        )
        #expect((body["errorMessage"] as? String)?.utf8.elementsEqual("a\(message)z".utf8) == true)
        let cause = try #require(
            JSONSerialization.jsonObject(with: Data(error.cause.utf8)) as? [String: Any]
        )
        let exceptions = try #require(cause["exceptions"] as? [[String: Any]])
        let said = exceptions.first?["message"] as? String
        #expect(said?.utf8.elementsEqual("a\(message)z".utf8) == true)
        #expect(error.cause.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test(arguments: ["\u{1}", "x", "\u{e9}", "\u{20ac}", "\u{1f600}"])
    func `a long message is cut between code points and its cause stays under 64 KiB`(
        character: String
    ) {
        let error = InvocationError(
            type: "Function.Oops",
            message: "-" + String(repeating: character, count: 100_000)
        )
        #expect(error.message.utf8.count <= InvocationError.maximumMessage)
        #expect(error.message.utf8.count > InvocationError.maximumMessage - 4)
        #expect(error.message.hasSuffix(character))
        #expect(error.cause.utf8.count < 65_536)
    }

    @Test func `it describes itself by type and message`() {
        let error = InvocationError(type: "Function.Oops", message: "no such key")
        #expect(error.description == "Function.Oops: no such key")
    }
}
