import Codec
import Platform
import TestSupport
import Testing

@testable import AWS

@Suite struct `A request of CloudFormation's` {
    static func error(_ event: String) -> String? {
        do throws(CustomResourceError) {
            _ = try CustomResourceRequest(parsing: Array(event.utf8), allowingAnyHost: true)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("", "invalid JSON at byte 0: expected a value, found the end"),
        ("[]", "ResponseURL: expected a string, found nothing"),
        (#"{"ResponseURL":null}"#, "ResponseURL: expected a string, found null"),
        (#"{"ResponseURL":""}"#, "ResponseURL: expected a string, found an empty string"),
        (#"{"ResponseURL":"ftp://a/b?s"}"#, "ResponseURL: does not begin with http:// or https://"),
        (#"{"ResponseURL":"https://?s"}"#, "ResponseURL: has no valid host and port"),
        (#"{"ResponseURL":"https://u:p@a/?s"}"#, "ResponseURL: has no valid host and port"),
        (#"{"ResponseURL":"https://a:99999/?s"}"#, "ResponseURL: has no valid host and port"),
        (#"{"ResponseURL":"https://a/?s\r\nx"}"#, "ResponseURL: has a character that no URL has"),
        (#"{"ResponseURL":"https://a/?s#f"}"#, "ResponseURL: has a character that no URL has"),
        (#"{"ResponseURL":"https://a/?é"}"#, "ResponseURL: has a character that no URL has"),
    ])
    func `cannot be answered without a URL`(event: String, error: String) {
        #expect(Self.error(event) == error)
    }

    @Test(arguments: [
        ("https://a.example/b?c=%2F", "https://a.example", "/b?c=%2F"),
        ("HTTPS://a.example/b", "https://a.example", "/b"),
        ("http://127.0.0.1:8080?c", "http://127.0.0.1:8080", "/?c"),
        ("http://[::1]:80", "http://[::1]:80", "/"),
    ])
    func `goes to its URL byte by byte`(text: String, origin: String, target: String) throws {
        let url = try ResponseURL(text, allowingAnyHost: true)
        #expect(url.origin == origin)
        #expect(url.target == target)
        #expect("\(url)" == "***")
    }

    @Test(arguments: [
        "https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com/a?s",
        "https://s3.eu-west-1.AmazonAWS.com:443/a?s",
        "HTTPS://s3.cn-north-1.amazonaws.com.cn/a?s",
        "https://s3.eusc-de-east-1.amazonaws.eu/a?s",
    ])
    func `goes to a host of AWS's`(text: String) throws {
        #expect(try ResponseURL(text, allowingAnyHost: false).target == "/a?s")
    }

    @Test(arguments: [
        "http://s3.eu-west-1.amazonaws.com/?secret", "https://127.0.0.1/?secret",
        "https://169.254.169.254/?secret", "https://[::1]/?secret", "https://a.example/?secret",
        "https://amazonaws.com/?secret", "https://.amazonaws.com/?secret",
        "https://evilamazonaws.com/?secret", "https://s3.amazonaws.com.evil.example/?secret",
        "https://s3.amazonaws.com.cn.evil.example/?secret", "https://s3.amazonaws.com./?secret",
        "https://s3.amazonaws.com:8443/?secret", "https://s3.amazonaws.com:80/?secret",
        "https://a.example?.amazonaws.com/secret", "https://a.example/.amazonaws.com?secret",
    ])
    func `goes nowhere else, and its query is not shown`(text: String) {
        let error = #expect(throws: CustomResourceError.self) {
            try ResponseURL(text, allowingAnyHost: false)
        }
        #expect(
            error?.description == "ResponseURL: expected https:// and a host of AWS's, such as "
                + "those below amazonaws.com"
        )
    }

    @Test(arguments: [
        "https://s3.amazonaws.com@a.example/", "https://u:p@s3.amazonaws.com/",
        "https://a.example\\.amazonaws.com/", "https://a.example%2F.amazonaws.com/",
    ])
    func `has no valid host in disguise`(text: String) {
        let error = #expect(throws: CustomResourceError.self) {
            try ResponseURL(text, allowingAnyHost: false)
        }
        #expect(error?.description == "ResponseURL: has no valid host and port")
    }

    static let whole = [
        ("RequestType", #""Update""#), ("RequestId", #""r""#), ("StackId", #""s""#),
        ("LogicalResourceId", #""l""#), ("PhysicalResourceId", #""p""#),
        ("ResourceType", #""Custom::X""#), ("ResourceProperties", #"{"a":"b"}"#),
        ("OldResourceProperties", #"{"c":"d"}"#),
    ]

    static func request(_ name: String = "", _ value: String? = nil) throws -> CustomResourceRequest
    {
        var members = [#""ResponseURL":"https://a/""#]
        for (each, text) in whole {
            guard let text = each == name ? value : text else { continue }
            members.append("\"\(each)\":\(text)")
        }
        return try CustomResourceRequest(
            parsing: Array("{\(members.joined(separator: ","))}".utf8),
            allowingAnyHost: true
        )
    }

    @Test func `is read whole`() throws {
        let request = try Self.request()
        #expect(request.problems.isEmpty)
        #expect(request.requestType == .update)
        #expect(request.requestID == "r")
        #expect(request.stackID == "s")
        #expect(request.logicalResourceID == "l")
        #expect(request.physicalResourceID == "p")
        #expect(request.resourceType == "Custom::X")
        #expect(request.properties["a"]?.string == "b")
        #expect(request.oldProperties["c"]?.string == "d")
    }

    static let faulty: [(name: String, value: String?, problem: String?)] = [
        ("RequestType", nil, "RequestType: expected a string, found nothing"),
        (
            "RequestType", #""Upsert""#,
            "RequestType: expected Create, Update or Delete, found 'Upsert'"
        ),
        (
            "RequestType", "\"\(String(repeating: "x", count: 65))\"",
            "RequestType: expected Create, Update or Delete, found another string"
        ),
        ("RequestId", "7", "RequestId: expected a string, found a number"),
        ("RequestId", #""a\nb""#, "RequestId: expected printable ASCII without spaces"),
        ("StackId", "{}", "StackId: expected a string, found an object"),
        ("StackId", #""é""#, "StackId: expected printable ASCII without spaces"),
        ("LogicalResourceId", "[]", "LogicalResourceId: expected a string, found an array"),
        ("PhysicalResourceId", nil, "PhysicalResourceId: expected a string, found nothing"),
        ("ResourceProperties", nil, "ResourceProperties: expected an object, found nothing"),
        ("ResourceProperties", #""{}""#, "ResourceProperties: expected an object, found a string"),
        ("ResourceType", "null", nil),
        ("OldResourceProperties", "true", nil),
    ]

    @Test(arguments: faulty)
    func `says what is wrong with it`(name: String, value: String?, problem: String?) throws {
        #expect(try Self.request(name, value).problems == (problem.map { [$0] } ?? []))
    }

    @Test func `needs no physical id to create, and no properties to delete`() throws {
        let create =
            #"{"ResponseURL":"http://a","RequestType":"Create","RequestId":"r","StackId":"s","#
            + #""LogicalResourceId":"l","ResourceProperties":{}}"#
        #expect(
            try CustomResourceRequest(parsing: Array(create.utf8), allowingAnyHost: true).problems
                .isEmpty
        )
        let delete =
            #"{"ResponseURL":"http://a","RequestType":"Delete","RequestId":"r","StackId":"s","#
            + #""LogicalResourceId":"l","PhysicalResourceId":"p"}"#
        #expect(
            try CustomResourceRequest(parsing: Array(delete.utf8), allowingAnyHost: true).problems
                .isEmpty
        )
    }
}

@Suite struct `An answer to CloudFormation` {
    static func response(
        _ status: CustomResourceResponse.Status,
        _ physicalID: String = "p"
    ) throws -> CustomResourceResponse {
        CustomResourceResponse(
            to: try `A request of CloudFormation's`.request(),
            status,
            physicalResourceID: physicalID
        )
    }

    static func text(_ response: CustomResourceResponse) -> String {
        String(decoding: response.encoded(), as: UTF8.self)
    }

    @Test func `has the request's own names`() throws {
        let ids = #""PhysicalResourceId":"p","StackId":"s","RequestId":"r","LogicalResourceId":"l""#
        #expect(
            Self.text(try Self.response(.failed(reason: "no"))) == #"{"Status":"FAILED","#
                + #""Reason":"no",\#(ids)}"#
        )
        #expect(
            Self.text(try Self.response(.success(data: []))) == #"{"Status":"SUCCESS",\#(ids)}"#
        )
        let data = [CustomResourceResponse.Attribute("Key", "k"), .init("Rule", "{\"a\":1}")]
        #expect(
            Self.text(try Self.response(.success(data: data)))
                == #"{"Status":"SUCCESS",\#(ids),"Data":{"Key":"k","Rule":"{\"a\":1}"}}"#
        )
    }

    static let fixed =
        #"{"Status":"FAILED","Reason":"","PhysicalResourceId":"p","StackId":"s","#
        + #""RequestId":"r","LogicalResourceId":"l"}"#
    static let room = 4_096 - fixed.utf8.count

    @Test(arguments: ["a", "é", "€", "🚂", "\"", "\\", "\n", "\u{1}", "e\u{301}"])
    func `is cut at a character where a reason is too long`(character: String) throws {
        let one = JSON.string(character).encoded().count - 2
        for extra in 0..<8 {
            let reason = String(repeating: character, count: Self.room / one + extra)
            let body = try Self.response(.failed(reason: reason)).encoded()
            #expect(body.count <= 4_096)
            let read = try #require(try JSON(parsing: body)["Reason"]?.string)
            if Self.room / one * one + extra * one <= Self.room {
                #expect(read == reason)
            } else {
                #expect(read.hasSuffix("…"))
                #expect(Array(reason.utf8).starts(with: Array(read.utf8.dropLast(3))))
                // No more is cut than must be.
                #expect(body.count > 4_096 - one)
            }
        }
    }

    @Test func `has room for a reason of exactly so many bytes`() throws {
        for (length, isCut) in [(Self.room, false), (Self.room + 1, true)] {
            let reason = String(repeating: "a", count: length)
            let body = try Self.response(.failed(reason: reason)).encoded()
            #expect(body.count == 4_096)
            #expect(Self.text(try Self.response(.failed(reason: reason))).contains("…") == isCut)
        }
    }

    @Test(arguments: [(3_000, ["Key", "Rule"]), (4_000, ["Key"]), (9_000, ["Key"])])
    func `leaves the last attribute out first`(length: Int, names: [String]) throws {
        let rule = String(repeating: "é", count: length / 2)
        let body = try Self.response(.success(data: [.init("Key", "k"), .init("Rule", rule)]))
            .encoded()
        #expect(body.count <= 4_096)
        #expect(try JSON(parsing: body)["Data"]?.members?.map(\.key) == names)
    }

    @Test func `whose names alone are too long has them still`() throws {
        let id = String(repeating: "p", count: 5_000)
        let read = try JSON(parsing: Self.response(.failed(reason: "no"), id).encoded())
        #expect(read["PhysicalResourceId"]?.string == id)
        #expect(read["Reason"]?.string == "…")
    }
}

@Suite struct `The answer's delivery` {
    static func deliver(
        _ answers: [FakeCloud.Answer],
        within milliseconds: Int = 15_000,
        duration: Int = 0
    ) throws -> (cloud: FakeCloud, error: String?) {
        let cloud = FakeCloud(answers)
        cloud.duration = duration
        let sender = CustomResourceResponder(
            transport: cloud.transport,
            clock: cloud.clock,
            random: Randomness { .max }
        )
        let response = try `An answer to CloudFormation`.response(.failed(reason: "no"))
        do throws(CustomResourceError) {
            try sender.deliver(
                response,
                to: try ResponseURL("https://a.example/b?X-Amz-Signature=c", allowingAnyHost: true),
                deadline: Deadline(FakeCloud.start.adding(milliseconds: milliseconds))
            )
            return (cloud, nil)
        } catch {
            return (cloud, error.description)
        }
    }

    static func failure(_ kind: TransportError.Kind) -> FakeCloud.Answer {
        .failure(
            TransportError(kind, method: "PUT", origin: "https://a.example", reason: "as scripted")
        )
    }

    static func status(_ status: Int, _ code: String = "") -> FakeCloud.Answer {
        let body = code.isEmpty ? "" : "<Error><Code>\(code)</Code></Error>"
        return .success(HTTPResponse(status: status, body: Array(body.utf8)))
    }

    @Test func `is one PUT with an empty type, unsigned`() throws {
        let (cloud, error) = try Self.deliver([Self.status(200)])
        #expect(error == nil)
        #expect(
            cloud.requests == [
                HTTPRequest(
                    method: "PUT",
                    origin: "https://a.example",
                    target: "/b?X-Amz-Signature=c",
                    headers: ["Content-Type": ""],
                    body: try `An answer to CloudFormation`.response(.failed(reason: "no"))
                        .encoded()
                )
            ]
        )
        #expect(cloud.limits == [5_000])
    }

    @Test(arguments: [
        failure(.unresolved), failure(.unreachable), failure(.timedOut), failure(.broken),
        status(500), status(501), status(503, "SlowDown"), status(429),
        status(400, "RequestTimeout"),
    ])
    func `is tried again after what may pass`(first: FakeCloud.Answer) throws {
        let (cloud, error) = try Self.deliver([first, first, Self.status(204)])
        #expect(error == nil)
        #expect(cloud.requests.count == 3)
        #expect(cloud.requests.allSatisfy { $0 == cloud.requests[0] })
    }

    static let words = "the answer to CloudFormation could not be delivered: "

    @Test(arguments: [
        (status(403, "AccessDenied"), "403 AccessDenied"), (status(404), "404"),
        (status(307, "TemporaryRedirect"), "307 TemporaryRedirect"),
        (failure(.untrusted), "as scripted"), (failure(.invalid), "as scripted"),
    ])
    func `ends with a refusal`(answer: FakeCloud.Answer, reason: String) throws {
        let (cloud, error) = try Self.deliver([answer])
        #expect(error == Self.words + reason)
        #expect(cloud.requests.count == 1)
    }

    @Test func `ends before the deadline, with ever longer pauses up to two seconds`() throws {
        let (cloud, error) = try Self.deliver([Self.status(503, "SlowDown")], within: 60_000)
        #expect(error == Self.words + "503 SlowDown")
        #expect(cloud.elapsed < 60_000)
        #expect(cloud.sleeps.max() ?? 0 <= 2_000)
        #expect(cloud.requests.count > 10)
    }

    @Test func `does not begin after the deadline`() throws {
        let (cloud, error) = try Self.deliver([Self.status(200)], within: 0)
        #expect(error == Self.words + "the deadline had passed")
        #expect(cloud.requests.isEmpty)
    }
}
