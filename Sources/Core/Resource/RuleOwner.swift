internal import AWS
internal import Codec
internal import Platform

/// Whose a stored rule is, as its object's metadata says.
struct RuleOwner: Equatable {
    /// The resource that declares the rule.
    var stackID: String
    var logicalID: String
    /// The request that wrote the object.
    var requestID: String

    private enum Name {
        static let stackID = "stack-id"
        static let logicalID = "logical-resource-id"
        static let requestID = "request-id"
    }

    /// The owner in the making: a resource and its request.
    init(_ resource: StackResource, requestID: String) {
        stackID = resource.stackID
        logicalID = resource.logicalID
        self.requestID = requestID
    }

    /// The owner of an object; `nil` where it has none: the mono-repo trigger, or somebody by
    /// hand, has made it.
    init?(of object: S3.StoredObject) {
        guard let stackID = object.headers["x-amz-meta-" + Name.stackID],
            let logicalID = object.headers["x-amz-meta-" + Name.logicalID]
        else { return nil }
        self.stackID = stackID
        self.logicalID = logicalID
        requestID = object.headers["x-amz-meta-" + Name.requestID] ?? ""
    }

    /// The metadata that say so.
    var metadata: [NamedValue] {
        [
            NamedValue(Name.stackID, stackID),
            NamedValue(Name.logicalID, logicalID),
            NamedValue(Name.requestID, requestID),
        ]
    }

    /// Whether it is the same resource, whatever the request.
    func isSameResource(as other: RuleOwner) -> Bool {
        isSame(stackID, other.stackID) && isSame(logicalID, other.logicalID)
    }

    /// Whether it is the same resource and the same request.
    func isSameRequest(as other: RuleOwner) -> Bool {
        isSameResource(as: other) && isSame(requestID, other.requestID)
    }
}
