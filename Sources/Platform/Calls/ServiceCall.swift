/// One call of a service as a value: what of it decides how its answer is taken.
package protocol ServiceCall {
    /// What is done, with the service's name, as IAM writes it: `s3:PutObject`.
    var action: String { get }
    /// What it is done to, for errors, and never a secret: `bucket/key`.
    var resource: String { get }
    /// The statuses that come back as a response; every other one is an error.
    var expectedStatuses: [Int] { get }
    /// Whether doing it twice is the same as doing it once: only then is it sent again after an
    /// answer that was lost.
    var isRepeatable: Bool { get }
}
