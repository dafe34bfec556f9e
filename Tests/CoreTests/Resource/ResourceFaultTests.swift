import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// Every call that a request leads to fails in turn, in every way, while CloudFormation does its
/// part: one answer each time, before the deadline, and never a moment without the rule that the
/// stack believes in.
@Suite struct `When a call of the custom resource fails` {
    /// What a stack does, and what it is to have then if all goes well.
    enum Course: String, CaseIterable {
        case create, move, change, delete

        /// More calls than any of them makes.
        static let calls = 10
    }

    struct Case: CustomTestStringConvertible {
        var declared: Declared
        var course: Course
        var fault: FakeAWS.Fault
        var testDescription: String {
            "\(declared.rawValue), \(course.rawValue), \(fault.rawValue)"
        }
    }

    static let cases = Declared.allCases.flatMap { declared in
        Course.allCases.filter { declared != .constant || $0 != .create }.flatMap { course in
            FakeAWS.Fault.allCases.map { Case(declared: declared, course: course, fault: $0) }
        }
    }

    static let failures = cases.filter { FakeAWS.Fault.failures.contains($0.fault) }

    /// A stage on which the course is about to be run.
    static func stack(_ each: Case) throws -> Stack {
        let stage = try Stage()
        let stack = Stack(stage, type: each.declared.type)
        if each.course != .create {
            each.declared.put(on: stage)
            stack.adopt(
                physicalID: each.declared.id(each.declared.key),
                properties: each.declared.properties
            )
        }
        return stack
    }

    /// Runs the course, watching at every call that the rule is there; the answer to its request.
    static func run(
        _ each: Case,
        _ stack: Stack,
        _ comment: Comment,
        willTryAgain: @escaping () -> Void = {}
    ) throws -> Stack.Answer? {
        let declared = each.declared
        // What the stack has been told; between telling and the next request both may be there.
        var believed: String? = each.course == .create ? nil : declared.key
        if each.course == .delete { believed = nil }
        let aws = stack.stage.aws
        func watch() {
            guard let believed else { return }
            #expect(aws.objects[believed] != nil, comment)
        }
        aws.before = { _ in watch() }
        var answered: [String?] = []
        aws.answered = { answer in
            // CloudFormation takes one answer to a request.
            guard !answered.contains(answer["RequestId"]?.string) else {
                // It was told FAILED, and Lambda, which could not know, has tried again and
                // succeeded. With the constant id the old rule is gone then, until the Update
                // that takes it all back; nothing tells such an attempt from the first.
                if each.declared == .constant { believed = nil }
                return
            }
            answered.append(answer["RequestId"]?.string)
            guard answer["Status"]?.string == "SUCCESS" else { return }
            guard let key = answer["Data"]?["Key"]?.string else { return }
            believed = key
            watch()
        }
        defer { watch() }
        return switch each.course {
        case .create: try stack.create(declared.properties, willTryAgain: willTryAgain)
        case .move: try stack.update(declared.moved, willTryAgain: willTryAgain)
        case .change: try stack.update(declared.changed, willTryAgain: willTryAgain)
        case .delete: try stack.delete(willTryAgain: willTryAgain)
        }
    }

    /// What must lie in S3 once everything has settled: the rule that the stack believes in,
    /// and no other.
    static func expectSettled(_ stack: Stack, _ each: Case, _ comment: Comment) {
        let aws = stack.stage.aws
        guard let properties = stack.properties else {
            #expect(aws.objects.isEmpty, comment)
            return
        }
        let key = properties == each.declared.moved ? each.declared.movedKey : each.declared.key
        if each.declared == .constant, key == each.declared.movedKey {
            // Nothing asks again for the removal of the old one: the log names it.
            let left = aws.objects.removeValue(forKey: each.declared.key)
            let isTold = stack.stage.log.contains("is left behind: delete it")
            #expect(left == nil || isTold, comment)
        }
        #expect(stack.physicalID == each.declared.id(key), comment)
        #expect(Array(aws.objects.keys) == [key], comment)
        let expected = try? JSON(parsing: Array(Declared.object(properties).utf8))
        let stored = aws.objects[key].flatMap { try? JSON(parsing: $0.body) }
        #expect(stored?.members?.count == expected?.members?.count, comment)
        for member in expected?.members ?? [] {
            #expect(stored?[member.key] == member.value, comment)
        }
    }

    @Test(.thorough, arguments: cases)
    func `once, the request is done all the same`(each: Case) throws {
        for number in 1...Course.calls {
            let stack = try Self.stack(each)
            stack.stage.aws.fault = { call, _ in call == number ? each.fault : nil }
            let answer = try Self.run(each, stack, "call \(number)")
            #expect(answer?.isSuccess == true, "call \(number)")
            Self.expectSettled(stack, each, "call \(number)")
        }
    }

    @Test(.thorough, arguments: failures)
    func `and so do all of S3's after it, the answer says so and the stack goes back`(
        each: Case
    ) throws {
        for number in 1...Course.calls {
            let stack = try Self.stack(each)
            var isOver = false
            stack.stage.aws.fault = { call, name in
                !isOver && call >= number && name != "answer" ? each.fault : nil
            }
            let answer = try Self.run(each, stack, "call \(number)") { isOver = true }
            #expect(answer != nil, "call \(number)")
            if number == 1 { #expect(answer?.isSuccess == false) }
            Self.expectSettled(stack, each, "call \(number)")
        }
    }

    @Test(.thorough, arguments: cases)
    func `and so do all after it, Lambda's next attempt answers`(each: Case) throws {
        for number in 1...Course.calls {
            let stack = try Self.stack(each)
            var isOver = false
            stack.stage.aws.fault = { call, _ in !isOver && call >= number ? each.fault : nil }
            let answer = try Self.run(each, stack, "call \(number)") {
                isOver = true
                stack.stage.wait(Stage.timeout)
            }
            #expect(answer != nil, "call \(number)")
            Self.expectSettled(stack, each, "call \(number)")
        }
    }

    @Test(arguments: failures)
    func `and nobody is ever answered, the stack goes back`(each: Case) throws {
        let stack = try Self.stack(each)
        let isFirst = { stack.stage.now < Stage.start.adding(milliseconds: 5 * Stage.timeout) }
        stack.stage.aws.fault = { _, name in
            isFirst() && name == "answer" && each.fault != .lostAnswer ? each.fault : nil
        }
        var attempts = 0
        let answer = try Self.run(each, stack, "") {
            attempts += 1
            stack.stage.wait(attempts == 3 ? 5 * Stage.timeout : 0)
        }
        #expect((answer == nil) == (each.fault != .lostAnswer))
        Self.expectSettled(stack, each, "")
    }

    @Test func `everything is done in two calls to S3 and one answer`() throws {
        for declared in Declared.allCases {
            let stage = try Stage()
            if declared == .constant { declared.put(on: stage) }
            let stack = Stack(stage, type: declared.type)
            if declared == .constant {
                stack.adopt(physicalID: Stack.monoRepoID, properties: declared.properties)
                try stack.update(declared.changed)
            } else {
                try stack.create(declared.properties)
            }
            let key = declared.key
            #expect(stage.aws.calls == ["GET \(key)", "PUT \(key)", "answer"])
            stage.aws.forgetCalls()
            try stack.delete()
            #expect(stage.aws.calls == ["GET \(key)", "DELETE \(key)", "answer"])
        }
    }
}
