import AWS
@testable import Core
import Platform
import TestSupport

extension FakeCloud {
    /// Calls an API that is not AWS's, with the longest pauses between two tries.
    func send(_ call: APICall, within milliseconds: Int = 60_000) -> Result<HTTPResponse, CallError>
    {
        let client = APIClient(
            transport: transport,
            clock: clock,
            random: Randomness { 0x8000_0000_0000_0000 },
            attemptLimit: 10_000
        )
        return client.send([call], deadline: deadline(milliseconds))[0]
    }
}
