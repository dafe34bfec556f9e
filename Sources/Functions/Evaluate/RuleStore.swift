internal import AWS
internal import Platform
internal import Trigger

/// The rules that may concern a change, read from S3 and kept across warm invocations
/// by their ETags: no unchanged rule is read twice.
final class RuleStore {
    private let services: Services
    private var kept: [String: (etag: String, rule: Rule)] = [:]
    /// The rules of one listing, prepared together, while the listing stays as it is.
    private var prepared: (listed: [S3.ListedObject], rules: RuleSet)?

    /// How many rules are kept; with more, all are forgotten and read again when needed.
    private static let capacity = 50_000

    init(services: Services) {
        self.services = services
    }

    /// Lists and reads the rules; sends other calls along with the first listings, so that they
    /// cost no round trip of their own.
    ///
    /// Nothing may be decided on a part of the rules: one that cannot be listed or read is
    /// an error. One that is gone between listing and reading is no rule any more.
    func rules(
        for change: Change,
        along calls: [AWSCall],
        deadline: Deadline
    ) throws(CallError) -> (rules: RuleSet, along: [Result<HTTPResponse, CallError>]) {
        let prefixes = RuleKey.listings(prefix: services.prefix, for: change)
        let listings = prefixes.map { services.s3.listObjects(prefix: $0) }
        let answers = services.client.send(listings + calls, deadline: deadline)
        var listed: [S3.ListedObject] = []
        for (index, listing) in listings.enumerated() {
            listed += try services.client.allObjects(
                from: S3.page(of: listing, answers[index].get()),
                in: services.s3,
                prefix: prefixes[index],
                deadline: deadline
            )
        }
        listed.removeAll { !RuleKey.isRule($0.key) }
        let along = Array(answers[listings.count...])
        if let prepared, prepared.listed == listed { return (prepared.rules, along) }
        try read(listed, deadline: deadline)
        let rules = RuleSet(listed.compactMap { kept[$0.key]?.rule })
        prepared = (listed, rules)
        return (rules, along)
    }

    /// Reads, in parallel, those of the listed rules that are not kept as they are now.
    private func read(_ listed: [S3.ListedObject], deadline: Deadline) throws(CallError) {
        if kept.count > Self.capacity { kept = [:] }
        var changed = listed.filter { kept[$0.key]?.etag != $0.etag }
        for object in changed where object.size > Rule.largestObject {
            let rule = Rule(key: object.key, prefix: services.prefix, size: object.size)
            kept[object.key] = (object.etag, rule)
        }
        changed.removeAll { $0.size > Rule.largestObject }
        let calls = changed.map { services.s3.getObject($0.key) }
        let answers = services.client.send(calls, deadline: deadline)
        for (position, object) in changed.enumerated() {
            let result = try S3.result(ofGet: calls[position], answers[position].get())
            guard case .object(let stored) = result else {
                kept[object.key] = nil
                continue
            }
            let rule = Rule(key: object.key, prefix: services.prefix, object: stored.body)
            kept[object.key] = (stored.etag, rule)
        }
    }
}
