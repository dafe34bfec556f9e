internal import Codec
package import Platform

extension CallError {
    /// A response came that says failure: its words are `reason` and `message` of a JSON object,
    /// as Kubernetes' Status has them.
    package init(_ call: APICall, _ response: HTTPResponse) {
        let root = call.json(response)
        self.init(
            call,
            status: response.status,
            code: root?["reason"]?.string?.firstLine.cutAsServerText ?? "",
            message: root?["message"]?.string?.firstLine.cutAsServerText ?? "",
            isRetryable: Self.isTransient(status: response.status),
            mayHaveActed: Self.leavesOpen(status: response.status)
        )
    }
}

extension APICall {
    /// What a server says, without the secrets of the call; `nil` where it is no JSON.
    func json(_ response: HTTPResponse) -> JSON? {
        (try? JSON(parsing: response.body)).map(withoutSecrets)
    }

    /// What a server says, with `***` for the secrets of the call in every text.
    ///
    /// The server knows them and may say them, and what it says goes into records and log lines:
    /// nothing is taken from an answer that has not gone through this.
    func withoutSecrets(_ json: JSON) -> JSON {
        switch json {
        case .null, .bool, .number: return json
        case .string(let text):
            let all = secrets + (bearerToken.map { [$0] } ?? [])
            return .string(all.reduce(text) { $1.hidden(in: $0) })
        case .array(let elements): return .array(elements.map { withoutSecrets($0) })
        case .object(let members):
            return .object(
                members.map { JSON.Member(key: $0.key, value: withoutSecrets($0.value)) }
            )
        }
    }
}
