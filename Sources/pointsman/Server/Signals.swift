import Dispatch
import Foundation

/// The signals that ask the tool to end: SIGINT (Ctrl-C), SIGTERM, SIGHUP.
final class Signals {
    let received: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// From now on none of the signals ends the process by itself.
    init() {
        let (received, receiving) = AsyncStream.makeStream(of: Int32.self)
        self.received = received
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { receiving.yield(number) }
            source.resume()
            return source
        }
        // A reader that goes away is no reason to leave processes behind.
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
