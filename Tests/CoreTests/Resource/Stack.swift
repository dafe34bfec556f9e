import AWS
import Codec
import Platform
import Testing

@testable import Core

/// A stack with one resource, and CloudFormation's part in it: what it sends, what it believes
/// of the answers, and what it sends then.
///
/// A new physical id after an Update is a replacement, whose old one is deleted later; what
/// failed is taken back by an Update with the properties swapped.
final class Stack {
    static let id =
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/payments/5b6f3a40-c70d-11f0-8d3c-0a1b2c3d4e5f"
    static let otherID =
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/0d2f9c80-c70e-11f0-9a41-0e1d2c3b4a59"
    static let monoRepoID = "GitHubIntegrationMonoRepoS3ConfigResource"
    /// What nobody else may see.
    static let signature = "X-Amz-Signature=5ca1ab1e"

    let stage: Stage
    let type: String
    let stackID: String
    let logicalID: String
    /// What the resource is called, as far as the stack knows.
    private(set) var physicalID: String?
    /// The properties that the stack believes to be in force.
    private(set) var properties: String?
    private var requests = 0

    init(
        _ stage: Stage,
        type: String,
        stackID: String = Stack.id,
        logicalID: String = "Trigger"
    ) {
        self.stage = stage
        self.type = type
        self.stackID = stackID
        self.logicalID = logicalID
    }

    /// A resource that is there already.
    func adopt(physicalID: String, properties: String) {
        self.physicalID = physicalID
        self.properties = properties
    }

    /// An answer in short: `SUCCESS key` or `FAILED id: reason`.
    struct Answer: Equatable, CustomTestStringConvertible {
        var json: JSON
        var line: String {
            let status = json["Status"]?.string ?? "nothing"
            let reason = json["Reason"]?.string.map { ": \($0)" } ?? ""
            return "\(status) \(json["PhysicalResourceId"]?.string ?? "nobody")\(reason)"
        }
        var isSuccess: Bool { json["Status"]?.string == "SUCCESS" }

        func isTo(_ stackID: String, _ logicalID: String) -> Bool {
            json["StackId"]?.string == stackID && json["LogicalResourceId"]?.string == logicalID
        }
        var testDescription: String { line }
    }

    /// Sends a request and returns the answer that CloudFormation took, which is the first;
    /// Lambda tries an invocation that fails up to twice again.
    ///
    /// - Parameter willTryAgain: runs between the attempts.
    @discardableResult
    func send(
        _ requestType: String,
        _ properties: String,
        old: String? = nil,
        physicalID: String? = nil,
        attempts: Int = 3,
        willTryAgain: () -> Void = {}
    ) throws -> Answer? {
        requests += 1
        let event = Stack.event(
            requestType,
            type: type,
            properties: properties,
            old: old,
            physicalID: physicalID,
            stackID: stackID,
            logicalID: logicalID,
            requestID: "request-\(requests)"
        )
        let before = stage.aws.answers.count
        func answers(from start: Int) throws -> [Answer] {
            try stage.aws.answers[start...].map { Answer(json: try JSON(parsing: $0.body)) }
                .filter { $0.isTo(stackID, logicalID) }
        }
        for attempt in 1...attempts {
            let sent = stage.aws.answers.count
            var isDone = false
            do throws(InvocationError) {
                _ = try stage.invokeResource(event)
                isDone = true
            } catch {
                #expect(error.type == "Function.AnswerUndelivered")
                #expect(!error.message.contains("http"))
                if attempt < attempts { willTryAgain() }
            }
            let taken = try answers(from: sent)
            #expect(taken.allSatisfy { $0 == taken.first }, "one answer to an event")
            if isDone { break }
        }
        #expect(!stage.log.contains("X-Amz-Signature"))
        return try answers(from: before).first
    }

    @discardableResult
    func create(_ properties: String, willTryAgain: () -> Void = {}) throws -> Answer? {
        let answer = try send("Create", properties, willTryAgain: willTryAgain)
        willTryAgain()
        guard let answer, answer.isSuccess else {
            // Without an answer CloudFormation makes up an id.
            let id = answer?.json["PhysicalResourceId"]?.string ?? "payments-Trigger-1A2B3C4D"
            expectDone(try send("Delete", properties, physicalID: id))
            return answer
        }
        believe(answer, properties)
        return answer
    }

    @discardableResult
    func update(_ properties: String, willTryAgain: () -> Void = {}) throws -> Answer? {
        let (old, oldID) = (try #require(self.properties), try #require(physicalID))
        let answer = try send(
            "Update",
            properties,
            old: old,
            physicalID: oldID,
            willTryAgain: willTryAgain
        )
        willTryAgain()
        guard let answer, answer.isSuccess else {
            let back = try send("Update", old, old: properties, physicalID: oldID)
            #expect(back?.isSuccess == true)
            if let back { believe(back, old) }
            return answer
        }
        believe(answer, properties)
        if physicalID != oldID {
            expectDone(try send("Delete", old, physicalID: oldID))
        }
        return answer
    }

    @discardableResult
    func delete(willTryAgain: () -> Void = {}) throws -> Answer? {
        let id = try #require(physicalID)
        let properties = try #require(self.properties)
        (physicalID, self.properties) = (nil, nil)
        let answer = try send(
            "Delete",
            properties,
            physicalID: id,
            willTryAgain: willTryAgain
        )
        willTryAgain()
        guard let answer, answer.isSuccess else {
            expectDone(try send("Delete", properties, physicalID: id))
            return answer
        }
        return answer
    }

    private func expectDone(_ answer: Answer?) {
        #expect(answer?.isSuccess == true, "\(answer?.line ?? "no answer")")
    }

    private func believe(_ answer: Answer, _ properties: String) {
        physicalID = answer.json["PhysicalResourceId"]?.string
        self.properties = properties
    }

    static func event(
        _ requestType: String,
        type: String,
        properties: String,
        old: String? = nil,
        physicalID: String? = nil,
        stackID: String = Stack.id,
        logicalID: String = "Trigger",
        requestID: String = "request-1"
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("RequestType", requestType)
            json.member("ServiceToken", "arn:aws:lambda:eu-west-1:123456789012:function:resource")
            json.member("ResponseURL", "\(FakeAWS.answersOrigin)/arn%3Aaws?\(signature)")
            json.member("StackId", stackID)
            json.member("RequestId", requestID)
            json.member("ResourceType", type)
            json.member("LogicalResourceId", logicalID)
            json.member("PhysicalResourceId", physicalID)
            json.key("ResourceProperties")
            json.raw(Array(properties.utf8))
            if let old {
                json.key("OldResourceProperties")
                json.raw(Array(old.utf8))
            }
        }
        return json.bytes
    }
}

extension Stage {
    /// Runs `resource` once; whatever comes of it comes before its deadline.
    @discardableResult
    func invokeResource(
        _ event: [UInt8],
        timeout: Int = Stage.timeout
    ) throws(InvocationError) -> [UInt8] {
        guard let handler = try? function("resource"),
            let invocation = try? invocation(event, requestID: "lambda-request", timeout: timeout)
        else {
            Issue.record("no function")
            return []
        }
        defer { #expect(now < invocation.deadline.expires) }
        return try handler(invocation)
    }

    /// The rules in S3, each with its owner: `key of logical id`.
    var rules: [String] {
        aws.objects.map { key, object in
            let owner = object.metadata["x-amz-meta-logical-resource-id"]
            let stack = object.metadata["x-amz-meta-stack-id"]?.split(separator: "/")[1]
            return "\(key) of \(owner ?? "nobody")\(stack.map { " in \($0)" } ?? "")"
        }
        .sorted()
    }
}
