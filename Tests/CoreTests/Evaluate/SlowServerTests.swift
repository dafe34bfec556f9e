import Codec
import Platform
import Testing

@testable import Core

/// Servers of some rules' targets that do not answer, beside those of others that do.
@Suite struct `A server that does not answer` {
    private static let hanging = "https://hanging.test"

    /// An honest rule, the last by its key, and the server that it calls.
    private static func stage() throws -> (Stage, FakeOpenShift) {
        let openShift = FakeOpenShift()
        let stage = try Stage()
        stage.aws.secrets[FakeOpenShift.arn] = ["AWSCURRENT": openShift.url]
        stage.aws.elsewhere = openShift.answer
        stage.aws.delay = { $0.origin.hasPrefix(hanging) ? 1_000_000 : 20 }
        stage.rule(
            "z-honest",
            target: #"{"OpenShiftBuild":{"UrlSecretArn":"\#(FakeOpenShift.arn)"}}"#
        )
        return (stage, openShift)
    }

    private static func arn(_ name: String) -> String {
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:\(name)-AbCdEf"
    }

    private static func hang(_ stage: Stage, _ kind: String, number: Int, atServer server: Int) {
        let (arn, origin) = (arn("s\(server)"), "\(hanging):\(1_000 + server)")
        if kind == "OpenShiftBuild" {
            stage.aws.secrets[arn] = ["AWSCURRENT": origin + FakeOpenShift.path("S3cr3tHook")]
            stage.rule("a\(number)", target: #"{"OpenShiftBuild":{"UrlSecretArn":"\#(arn)"}}"#)
        } else {
            stage.aws.secrets[arn] = [
                "AWSCURRENT": FakeKubernetes.secret("T0ken", server: origin)
            ]
            stage.rule(
                "a\(number)",
                target:
                    #"{"KubernetesDeployment":{"Server":"\#(origin)","TokenSecretArn":"\#(arn)","#
                    + #""Namespace":"a","Deployment":"b","Container":"c","Image":"x/y:1"}}"#
            )
        }
    }

    @Test(arguments: ["OpenShiftBuild", "KubernetesDeployment"], [1, 40])
    func `holds up no start at another one, be they one server or forty`(
        kind: String,
        servers: Int
    ) throws {
        let (stage, openShift) = try Self.stage()
        for number in 0..<40 {
            Self.hang(stage, kind, number: number, atServer: number % servers)
        }
        let handOver = try stage.handOver(of: stage.push())
        var began: Timestamp?
        var took: Int?
        stage.aws.before = { call in
            if call.hasPrefix("ListObjectsV2") || began == nil { began = began ?? stage.now }
            if call.hasPrefix("POST \(FakeOpenShift.origin)") {
                took = stage.now.milliseconds - (began ?? stage.now).milliseconds
            }
        }
        _ = try stage.evaluate(handOver, attempts: 1)
        #expect(openShift.builds.count == 1)
        #expect(took.map { $0 < 1_000 } == true, "it took \(took ?? -1) ms")
    }

    @Test func `leaves a Deployment the time between reading it and setting its image`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try `A Deployment`.stage(kubernetes)
        stage.aws.delay = { $0.origin.hasPrefix(Self.hanging) ? 1_000_000 : 20 }
        for number in 0..<40 {
            Self.hang(stage, "OpenShiftBuild", number: number, atServer: number)
        }
        let handOver = try stage.handOver(of: stage.push())
        _ = try stage.evaluate(handOver, attempts: 1)
        #expect(kubernetes.rollouts == 1)
    }

    @Test func `that refuses a token just in time holds up nothing`() throws {
        let (stage, openShift) = try Self.stage()
        Self.hang(stage, "KubernetesDeployment", number: 0, atServer: 0)
        var asked = 0
        let honest = stage.aws.elsewhere
        stage.aws.elsewhere = { request in
            guard request.origin.hasPrefix(Self.hanging) else { return honest(request) }
            return HTTPResponse(status: 401)
        }
        stage.aws.delay = { request in
            guard request.origin.hasPrefix(Self.hanging) else { return 20 }
            asked += 1
            return asked == 4 ? 9_300 : 14_000
        }
        let handOver = try stage.handOver(of: stage.push())
        _ = try stage.evaluate(handOver, attempts: 1)
        #expect(openShift.builds.count == 1)
    }

    @Test func `has a start written down before it answers`() throws {
        let (stage, _) = try Self.stage()
        Self.hang(stage, "OpenShiftBuild", number: 0, atServer: 0)
        stage.rule("pipeline", "")
        let handOver = try stage.handOver(of: stage.push())
        let began = stage.now
        var written: [Int] = []
        stage.aws.before = { call in
            let isConclusion = call.hasPrefix("PUT pointsman/ledger") && written.count < 3
            if isConclusion, !stage.aws.executions.isEmpty {
                written.append(stage.now.milliseconds - began.milliseconds)
            }
        }
        _ = try stage.evaluate(handOver, attempts: 1)
        #expect(written.prefix(2).allSatisfy { $0 < 1_000 } && written.count == 3)
    }

    @Test(arguments: [(1, 32...32), (20, 32...32), (100, 100...128), (200, 128...128)])
    func `has few places, and all together have no more than there are`(
        servers: Int,
        most: ClosedRange<Int>
    )
        throws
    {
        let stage = try Stage()
        stage.aws.delay = { _ in 1_000_000 }
        for number in 0..<200 {
            Self.hang(stage, "OpenShiftBuild", number: number, atServer: number % servers)
        }
        let handOver = try stage.handOver(of: stage.push())
        _ = try stage.evaluate(handOver, attempts: 1)
        #expect(most.contains(stage.aws.mostBegun))
    }

    @Test func `by another spelling of its name or its secret's is the same one`() throws {
        let stage = try Stage()
        stage.aws.delay = { _ in 1_000_000 }
        let plain = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s0"
        stage.aws.secrets[plain] = [
            "AWSCURRENT": "\(Self.hanging)" + FakeOpenShift.path("S3cr3tHook")
        ]
        for number in 0..<40 {
            Self.hang(stage, "OpenShiftBuild", number: number, atServer: 0)
            stage.rule("b\(number)", target: #"{"OpenShiftBuild":{"UrlSecretArn":"\#(plain)"}}"#)
        }
        let handOver = try stage.handOver(of: stage.push())
        _ = try stage.evaluate(handOver, attempts: 1)
        #expect(stage.aws.mostBegun == ServerSlots.common)
    }
}
