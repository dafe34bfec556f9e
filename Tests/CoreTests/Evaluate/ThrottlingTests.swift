import Codec
import TestSupport
import Testing

@testable import Core

/// Ten times as much as a service takes: nothing is lost, and nothing is started twice.
@Suite struct ThrottlingTests {
    /// A burst of deliveries, each of a commit of its own, so many a second.
    private static func burst(_ count: Int, perSecond: Int) -> [(payload: [UInt8], at: Int)] {
        (0..<count).map { number in
            let change = Change.push().with {
                $0.bodyDigest = BodyDigest(eventID: "\(number)", ref: "main")
                $0.delivery = "delivery-\(number)"
                $0.receivedAt = Stage.start
                $0.eventTime = nil
            }
            return (EvaluateRequest.change(change).encoded(), number * 1_000 / perSecond)
        }
    }

    /// A burst of deliveries of which a service takes a tenth; what came of it.
    private static func run(
        _ count: Int,
        perSecond: Int,
        of counted: String,
        callsPerSecond: Int
    ) -> Throttling.Figures {
        let throttling = Throttling(.init(callsPerSecond: Double(callsPerSecond)), of: counted)
        let repository = Change.push().repository
        throttling.aws.put(
            "\(Stage.prefix)/rules/github/\(repository)/api.json",
            #"{"Repository":"\#(repository)","Target":{"CodePipeline":{"Name":"api"}}}"#
        )
        throttling.run(burst(count, perSecond: perSecond))
        let figures = throttling.figures
        print(
            "throttling: \(count) deliveries at \(perSecond) a second, \(counted) at \(callsPerSecond): "
                + "\(figures.calls) calls, \(figures.refused) of them refused, \(figures.invocations) invocations, "
                + "\(figures.givenUp.count) to the dead-letter queue, last start after \(figures.lastStart / 1_000) s, "
                + "last end after \(figures.lastEnd / 1_000) s"
        )
        #expect(figures.refused > count / 2, "it was not throttled")
        let tokens = throttling.aws.executions.map(\.token)
        #expect(tokens.count == count)
        #expect(Set(tokens).count == count)
        let ledger = throttling.aws.objects.filter { $0.key.hasPrefix("\(Stage.prefix)/ledger/") }
        let states = ledger.values.compactMap { LedgerEntry(parsing: $0.body)?.state }
        #expect(states.count == count)
        #expect(states.allSatisfy { $0 == .started })
        let records = throttling.aws.objects.keys.filter {
            $0.hasPrefix("\(Stage.prefix)/decisions/")
        }
        #expect(records.count == count)
        return figures
    }

    @Test(.thorough) func `of a target that takes a tenth, each waits within its invocation`() {
        let figures = Self.run(
            200,
            perSecond: 50,
            of: "StartPipelineExecution",
            callsPerSecond: 5
        )
        #expect(figures.invocations == 200)
        #expect(figures.givenUp.isEmpty)
    }

    /// A delivery writes four objects here: a tenth of S3's writes is a fortieth of its calls.
    @Test(.thorough) func `of S3 that takes a tenth, what is given up is started by a redrive`() {
        let figures = Self.run(200, perSecond: 50, of: "PUT", callsPerSecond: 20)
        #expect(figures.invocations > 200)
    }
}
