internal import Codec
public import Platform

extension CallError {
    /// A response came that says failure: its words are `reason` and `message` of a JSON object,
    /// as Kubernetes' Status has them.
    public init(_ call: APICall, _ response: HTTPResponse) {
        let root = try? JSON(parsing: response.body)
        self.init(
            call,
            status: response.status,
            code: call.withoutSecrets(root?["reason"]?.string ?? ""),
            message: call.withoutSecrets(root?["message"]?.string ?? ""),
            isRetryable: Self.isTransient(status: response.status),
            mayHaveActed: Self.leavesOpen(status: response.status)
        )
    }
}

extension APICall {
    /// The first line of what a server says, without the secrets of the call.
    func withoutSecrets(_ text: String) -> String {
        (secrets + (bearerToken.map { [$0] } ?? []))
            .reduce(text.firstLine) { $1.hidden(in: $0) }
            .cutAsServerText
    }
}
