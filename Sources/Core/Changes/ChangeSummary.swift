package import Codec

/// A change as its decision record shows it: how many paths, not which.
package struct ChangeSummary: Equatable, Sendable {
    /// The change's members as JSON, without its paths.
    package var json: JSON

    /// Sums up a change.
    package init(_ change: Change) {
        var members: [JSON.Member] = []
        func add(_ key: String, _ value: JSON?) {
            if let value { members.append(JSON.Member(key: key, value: value)) }
        }
        add("source", .string(change.source.rawValue))
        add("repository", .string(change.repository))
        add("kind", .string(change.kind.rawValue))
        add("branch", change.branch.map(JSON.string))
        add("tag", change.tag.map(JSON.string))
        add("before", change.before.map(JSON.string))
        add("after", change.after.map(JSON.string))
        add("tagObject", change.tagObject.map(JSON.string))
        add("actor", change.actor.map(JSON.string))
        add("pullRequest", change.pullRequest.map { .number("\($0.number)") })
        add("action", change.pullRequest.map { .string($0.action) })
        add("image", change.image.map { .string("\($0.repository):\($0.tag)") })
        add("created", change.created ? .bool(true) : nil)
        add("deleted", change.deleted ? .bool(true) : nil)
        add("forced", change.forced ? .bool(true) : nil)
        add("pathCount", .number("\(change.paths.paths.count)"))
        add("pathsIncomplete", change.paths.incomplete.map(JSON.string))
        add("comparedWith", change.paths.comparedWith.map(JSON.string))
        add("receivedAt", .string(change.receivedAt.iso8601Milliseconds))
        add("delivery", .string(change.delivery))
        add("body", .string(change.identity.body))
        self.json = .object(members)
    }

    init(json: JSON) {
        self.json = json
    }
}
