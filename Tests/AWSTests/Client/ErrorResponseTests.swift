import AWS
import Codec
import Platform
import TestSupport
import Testing

/// An error response and how it reads.
struct ErrorRow: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var headers: HTTPHeaders
    var body: String
    var text: String

    init(_ name: String, _ body: String, _ text: String, headers: HTTPHeaders = [:]) {
        self.testDescription = name
        self.headers = headers
        self.body = body
        self.text = text
    }

    static let all = [
        ErrorRow(
            "JSON 1.1",
            #"{"__type":"ConflictException","message":"m"}"#,
            "ConflictException: m"
        ),
        ErrorRow("a namespace", #"{"__type":"com.amazonaws.x#Gone","Message":"m"}"#, "Gone: m"),
        ErrorRow("JSON without a message", #"{"__type":"A"}"#, "A"),
        ErrorRow("JSON with code", #"{"code":"A","message":"m"}"#, "A: m"),
        ErrorRow("JSON of other types", #"{"__type":3,"message":[]}"#, ""),
        ErrorRow("JSON after white space", " \r\n\t" + #"{"__type":"A"}"#, "A"),
        ErrorRow("JSON cut short", #"{"__type":"A""#, ""),
        ErrorRow("a JSON array", "[]", ""),
        ErrorRow("the header alone", "", "A", headers: ["x-amzn-ErrorType": "A"]),
        ErrorRow(
            "the header with a URL, before the body",
            #"{"Type":"User","message":"m"}"#,
            "Gone: m",
            headers: ["X-Amzn-Errortype": "Gone:http://internal.amazon.com/coral/x/"]
        ),
        ErrorRow(
            "S3",
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>AccessDenied</Code><Message>a &amp; b</Message><RequestId>1</RequestId></Error>
            """,
            "AccessDenied: a & b"
        ),
        ErrorRow(
            "the query protocol",
            """
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
            <Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>
            <RequestId>1</RequestId></ErrorResponse>
            """,
            "AccessDenied: no"
        ),
        ErrorRow("XML without an error", "<html><body>no</body></html>", ""),
        ErrorRow("XML cut short", "<Error><Code>A</Code>", ""),
        ErrorRow("an empty body", "", ""),
        ErrorRow("text", "Service Unavailable", ""),
        ErrorRow(
            "a message of several lines, with the canonical request",
            #"{"__type":"A","message":"does not match\n\nx-amz-security-token:T\n"}"#,
            "A: does not match"
        ),
        ErrorRow(
            "a message with the credentials",
            #"{"__type":"A","message":"\#(FakeCloud.token), \#(FakeCloud.secret)."}"#,
            "A: ***, ***."
        ),
    ]
}

@Suite struct ErrorResponseTests {
    @Test(arguments: ErrorRow.all)
    func `an error answer says its code and message`(row: ErrorRow) throws {
        let cloud = FakeCloud([.answer(400, row.body, row.headers)])
        let call = SecretsManager.getSecretValue(id: "arn:s", stage: "AWSCURRENT")
        #expect {
            try cloud.client().send(call, deadline: cloud.deadline())
        } throws: { error in
            "\(error)" == "secretsmanager:GetSecretValue of arn:s: 400"
                + (row.text.isEmpty ? "" : " " + row.text)
        }
    }

    @Test func `a message without a code follows the status`() throws {
        let cloud = FakeCloud([.answer(400, #"{"message":"m"}"#)])
        #expect {
            try cloud.client().send(S3(bucket: "b").deleteObject("k"), deadline: cloud.deadline())
        } throws: { error in
            "\(error)" == "s3:DeleteObject of b/k: 400: m"
        }
    }
}
