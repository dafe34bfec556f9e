internal import AWS
internal import Codec
internal import Platform

/// Sends calls of a provider's API with a token, and with a fresh one where that is refused.
struct CallsWithToken {
    let apis: APIClient
    let clock: WallClock
    /// The token, by then; and whether it, or what it is made with, was kept, so that it may have been
    /// replaced since.
    let token: (_ deadline: Deadline, _ wasKept: inout Bool) throws(APIProblem) -> Secret
    /// Has the next token read, or made, anew.
    let forget: () -> Void

    /// Sends a call; a limit is waited for, if there is time.
    ///
    /// - Parameter attemptLimit: milliseconds that the call may take each time.
    func send(
        _ call: APICall,
        deadline: Deadline,
        attemptLimit: Int? = nil
    ) throws(APIProblem) -> HTTPResponse {
        while true {
            let now = clock.now()
            let limited = attemptLimit.map { deadline.limited(toMilliseconds: $0, from: now) }
            do throws(APIProblem) {
                return try send([call], deadline: limited ?? deadline)[0].get()
            } catch {
                guard case .limited(let seconds) = error.kind,
                    seconds < deadline.remaining(at: clock.now()) / 1_000
                else { throw error }
                clock.sleep(seconds * 1_000)
            }
        }
    }

    /// Sends calls in parallel: one result for each, in their order.
    ///
    /// What the provider refuses because of a token or a secret that was kept is sent once more with a
    /// fresh one.
    func send(_ calls: [APICall], deadline: Deadline) -> [Result<HTTPResponse, APIProblem>] {
        var (results, wasKept) = attempt(calls, deadline: deadline)
        let refused = calls.indices.filter { results[$0].isUnauthorized }
        guard !refused.isEmpty else { return results }
        forget()
        guard wasKept else { return results }
        let again = attempt(refused.map { calls[$0] }, deadline: deadline).results
        if again.contains(where: { $0.isUnauthorized }) { forget() }
        for (index, result) in zip(refused, again) { results[index] = result }
        return results
    }

    /// Sends calls once, and says whether something was kept that may have been replaced since.
    private func attempt(
        _ calls: [APICall],
        deadline: Deadline
    ) -> (results: [Result<HTTPResponse, APIProblem>], wasKept: Bool) {
        var wasKept = false
        do throws(APIProblem) {
            let token = try token(deadline, &wasKept)
            return (apis.send(calls, with: token, deadline: deadline, clock), wasKept)
        } catch {
            var problem = error
            problem.isOfToken = true
            return (calls.map { _ in .failure(problem) }, wasKept)
        }
    }
}

extension APIClient {
    /// Sends calls in parallel with a token: what the provider has said to each.
    func send(
        _ calls: [APICall],
        with token: Secret,
        deadline: Deadline,
        _ clock: WallClock
    ) -> [Result<HTTPResponse, APIProblem>] {
        let calls = calls.map { call in
            var call = call
            call.bearerToken = token
            return call
        }
        let results = send(calls, deadline: deadline)
        let now = clock.now()
        return zip(calls, results).map { call, result in
            do throws(APIProblem) {
                return .success(try call.success(result, at: now))
            } catch {
                return .failure(error)
            }
        }
    }
}

extension Result<HTTPResponse, APIProblem> {
    /// Whether the provider does not take the token.
    fileprivate var isUnauthorized: Bool {
        if case .failure(let problem) = self { problem.status == 401 } else { false }
    }
}
