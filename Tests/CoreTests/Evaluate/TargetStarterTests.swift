import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct TargetStarterTests {
    private static let role = AssumedRoles.Role(
        arn: "arn:aws:iam::123456789012:role/team",
        sessionName: "pointsman-acme-app"
    )

    private let stage: Stage
    private let starter: TargetStarter

    init() throws {
        stage = try Stage()
        starter = TargetStarter(services: stage.services)
    }

    private func request(
        _ call: AWSCall,
        role: AssumedRoles.Role? = nil,
        region: String? = nil,
        onlyReads: Bool = false
    ) -> StartStep.AWSRequest {
        StartStep.AWSRequest(
            call: call,
            access: AWSAccess<String>(role: role, region: region),
            onlyReads: onlyReads
        ) { _ in
            .ended(.started(""))
        }
    }

    private func read(_ key: String, role: AssumedRoles.Role? = nil) -> StartStep.AWSRequest {
        request(stage.services.s3.getObject(key), role: role, onlyReads: true)
    }

    @Test func `calls are sent in parallel, and answered in their order`() throws {
        stage.aws.put("b", "text")
        let responses = starter.send([read("a"), read("b")], deadline: stage.deadline())
        #expect(try responses.map { try $0.get().status } == [404, 200])
        #expect(stage.aws.roundTrips == 1)
    }

    @Test func `of calls that read the same one is sent, and all are answered`() throws {
        stage.aws.put("a", "text")
        let requests = [read("a"), read("b"), read("a")]
        let responses = starter.send(requests, deadline: stage.deadline())
        #expect(try responses.map { try $0.get().status } == [200, 404, 200])
        #expect(stage.aws.calls == ["GET a", "GET b"])
    }

    @Test func `what does more than read is sent for each`() throws {
        let call = stage.services.s3.putObject("a", [], contentType: "text/plain")
        let responses = starter.send([request(call), request(call)], deadline: stage.deadline())
        #expect(responses.count == 2)
        #expect(stage.aws.calls == ["PUT a", "PUT a"])
    }

    @Test func `a role is assumed once, and kept`() throws {
        for _ in 0..<2 {
            let requests = [read("a", role: Self.role), read("b", role: Self.role), read("c")]
            #expect(starter.send(requests, deadline: stage.deadline()).count == 3)
        }
        #expect(stage.aws.calls.count { $0.hasPrefix("AssumeRole") } == 1)
    }

    @Test func `a role that cannot be assumed fails its own calls, of which none was sent`() throws
    {
        stage.aws.fault = { _, name in name.hasPrefix("AssumeRole") ? .lostAnswer : nil }
        let requests = [read("a", role: Self.role), read("b")]
        let responses = starter.send(requests, deadline: stage.deadline())
        guard case .failure(let error) = responses[0] else {
            Issue.record("it was sent")
            return
        }
        #expect(error.action == "sts:AssumeRole")
        #expect(!error.mayHaveActed)
        #expect(try responses[1].get().status == 404)
        #expect(!stage.aws.calls.contains("GET a"))
    }

    private func identify(role: AssumedRoles.Role? = nil) -> Result<Secret, CallError> {
        starter.token(
            for:
                StartStep.TokenRequest(
                    cluster: "cluster",
                    access: AWSAccess<String>(role: role, region: nil)
                ) { _ in
                    .ended(.started(""))
                },
            deadline: stage.deadline()
        )
    }

    @Test func `a cluster's token takes no call, but for the role's credentials`() throws {
        #expect(throws: Never.self) { try identify().get() }
        #expect(stage.aws.calls.isEmpty)
        #expect(throws: Never.self) { try identify(role: Self.role).get() }
        #expect(stage.aws.calls.count == 1)
    }

    @Test func `a cluster's token is not made for a role that cannot be assumed`() throws {
        stage.aws.fault = { _, _ in .status500 }
        #expect(throws: CallError.self) { try identify(role: Self.role).get() }
    }
}

@Suite struct StartsUnderWayTests {
    private let stage: Stage
    private let underWay: StartsUnderWay

    init() throws {
        stage = try Stage()
        underWay = TargetStarter(services: stage.services).startsUnderWay(until: stage.deadline())
    }

    @Test func `starts end with what their targets say, each under its number`() throws {
        stage.aws.pipelineErrors["bad"] = (400, "PipelineNotFoundException")
        for (number, name) in ["api", "bad"].enumerated() {
            _ = underWay.begin(try Start.sample(name), number: number, isProtected: false)
        }
        let ended = underWay.carryOn(until: stage.now)
        #expect(ended.map(\.number) == [0, 1])
        guard case .started(let id, _) = ended[0].result else {
            Issue.record("it was not started")
            return
        }
        #expect(id.hasPrefix("execution-of-api-"))
        let words =
            "codepipeline:StartPipelineExecution of bad: 400 PipelineNotFoundException: as scripted"
        #expect(ended[1].result == .refused(words))
        #expect(underWay.isEmpty)
        #expect(stage.aws.roundTrips == 1)
    }

    @Test func `what must not be sent twice goes last`() throws {
        _ = underWay.begin(try Start.event(), number: 0, isProtected: false)
        _ = underWay.begin(try Start.sample(), number: 1, isProtected: false)
        #expect(underWay.carryOn(until: stage.now).map(\.number) == [1, 0])
        #expect(stage.aws.calls == ["StartPipelineExecution api", "PutEvents bus"])
    }

    @Test func `a start tells how many bytes it holds until it is sent`() throws {
        let bytes = underWay.begin(try Start.sample(), number: 0, isProtected: false)
        #expect((100..<1_000).contains(bytes))
    }
}

@Suite struct ServerSlotsTests {
    @Test func `one server has the common slots`() {
        var slots = ServerSlots()
        let server = slots.number(of: ByteKey("a"))
        let again = slots.number(of: ByteKey("a"))
        #expect(again == server)
        let taken = (0..<100).map { _ in slots.take(server) }
        #expect(taken.count { $0 } == ServerSlots.common)
        slots.giveBack(server)
        let isFree = slots.take(server)
        #expect(isFree)
    }

    @Test func `each other server has one beyond those, as long as there are any`() {
        var slots = ServerSlots()
        let first = slots.number(of: ByteKey("first"))
        while slots.take(first) {}
        let others = (0..<200).map { slots.number(of: ByteKey("other\($0)")) }
        let taken = others.map { slots.take($0) }
        #expect(taken.count { $0 } == ServerSlots.all - ServerSlots.common)
        let hasSecond = slots.take(others[0])
        #expect(!hasSecond)
    }
}
