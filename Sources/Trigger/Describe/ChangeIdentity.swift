/// What the identity of every start of a change begins with.
public struct ChangeIdentity: Equatable, Sendable {
}
