import AWS
import Codec
import Platform
import Testing

@testable import pointsman

struct StackTests {
    private func stack(_ status: Int, _ answer: String) throws(Failure) -> Stack {
        try Stack(
            "pointsman",
            .fake { request in
                #expect(request.origin == "https://cloudformation.eu-west-1.amazonaws.com")
                #expect(
                    String(decoding: request.body, as: UTF8.self)
                        == "Action=DescribeStacks&Version=2010-05-15&StackName=pointsman"
                )
                return HTTPResponse(status: status, body: Array(answer.utf8))
            }
        )
    }

    private func answer(_ outputs: KeyValuePairs<String, String>) -> String {
        let members = outputs.map { key, value in
            "<member><OutputKey>\(key)</OutputKey><OutputValue>\(value)</OutputValue></member>"
        }
        return "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
            + "<StackName>pointsman</StackName><Outputs>\(members.joined())</Outputs>"
            + "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    }

    @Test func `the outputs name bucket, prefix and function`() throws {
        let outputs: KeyValuePairs = [
            "HttpApiId": "abc", "Bucket": "acme-pointsman", "Prefix": "mono-repo/config",
            "EvaluateFunctionArn": "arn:aws:lambda:eu-west-1:1:function:evaluate",
        ]
        let stack = try stack(200, answer(outputs))
        #expect(stack.bucket == "acme-pointsman")
        #expect(stack.prefix == "mono-repo/config")
        #expect(stack.evaluateFunction == "arn:aws:lambda:eu-west-1:1:function:evaluate")
    }

    @Test func `a stack of others is an error`() {
        let failure = Failure(
            "the stack 'pointsman' in eu-west-1 has no output Prefix, so it is not one of Pointsman's, "
                + "or is not deployed yet"
        )
        #expect(throws: failure) { try stack(200, answer(["Bucket": "b"])) }
    }

    @Test func `a stack that is not there is an error`() {
        let text =
            "<ErrorResponse><Error><Code>ValidationError</Code>"
            + "<Message>Stack with id pointsman does not exist</Message></Error></ErrorResponse>"
        let error = #expect(throws: Failure.self) { try stack(400, text) }
        #expect(
            error?.description.hasPrefix("looking up the stack 'pointsman' in eu-west-1: ") == true
        )
        #expect(error?.description.contains("Stack with id pointsman does not exist") == true)
    }
}

extension AWSAccess {
    /// A client that is answered by a closure, at a fixed moment.
    static func fake(
        at now: Timestamp = Timestamp(milliseconds: 1_773_480_000_000),
        expires: Timestamp? = nil,
        _ answer: @escaping (HTTPRequest) -> HTTPResponse
    ) -> AWSAccess {
        let clock = WallClock(now: { now }, sleep: { _ in })
        let client = AWSClient(
            region: "eu-west-1",
            credentials: Credentials(accessKeyID: "a", secretAccessKey: Secret("s")),
            endpoints: Endpoints(),
            transport: Transport { requests, _ in requests.map { .success(answer($0)) } },
            clock: clock,
            random: .system
        )
        return AWSAccess(client: client, clock: clock, expires: expires)
    }
}
