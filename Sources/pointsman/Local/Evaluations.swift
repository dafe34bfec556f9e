import Codec
import Trigger

/// The runs of `evaluate`: shows what came of each, and knows when all are done.
actor Evaluations {
    private let queue: FunctionQueue
    private let console: Console
    private var underWay = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Whether one of them failed, or a target did.
    private(set) var hasFailed = false

    init(_ queue: FunctionQueue, console: Console) {
        self.queue = queue
        self.console = console
    }

    /// Counts a run that will come, so that `settle` waits for it too.
    func expect() {
        underWay += 1
    }

    /// Makes a run that was counted; returns what came of it.
    func run(_ payload: [UInt8]) async -> FunctionResult {
        let result = await queue.invoke(payload)
        show(result)
        underWay -= 1
        if underWay == 0 {
            for caller in waiting { caller.resume() }
            waiting = []
        }
        return result
    }

    /// Waits until none is under way.
    func settle() async {
        guard underWay > 0 else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func show(_ result: FunctionResult) {
        switch result {
        case .returned(let bytes):
            guard let saved = SavedRecord(place: "", bytes: bytes) else {
                console.write("  " + String(decoding: bytes, as: UTF8.self).printable)
                return
            }
            if saved.record.rules.contains(where: { $0.outcome == .failed }) { hasFailed = true }
            show(saved)
        case .failed(let type, let message): fail("\(type): \(message)")
        case .timedOut: fail("it did not answer in time")
        case .exited: fail("its process ended")
        }
    }

    private func show(_ saved: SavedRecord) {
        let table = saved.table(prefix: RuleFolder.prefix).lines(console.terminal)
        console.write(
            table.isEmpty ? ["no rule is about this repository"] : table,
            or: .object([JSON.Member(key: "decision", value: saved.json)])
        )
    }

    private func fail(_ why: String) {
        hasFailed = true
        let text = "evaluate failed: \(why); Lambda would try again, here it is to be sent again"
        console.write("  " + console.terminal.styled(text.printable, .red))
    }
}
