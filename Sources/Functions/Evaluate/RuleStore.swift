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

    /// Lists and reads the rules; sends one more call along with the first listings, so
    /// that it costs no round trip of its own.
    ///
    /// Nothing may be decided on a part of the rules: one that cannot be listed or read is
    /// an error. One that is gone between listing and reading is no rule any more.
    func rules(
        for change: Change,
        along call: AWSCall,
        deadline: Deadline
    ) throws(AWSError) -> (rules: RuleSet, along: Result<HTTPResponse, AWSError>) {
        let prefixes = RuleKey.listings(prefix: services.prefix, for: change)
        let listings = prefixes.map { services.s3.listObjects(prefix: $0) }
        let answers = services.client.send(listings + [call], deadline: deadline)
        var listed: [S3.ListedObject] = []
        for (index, listing) in listings.enumerated() {
            var page = try S3.page(of: listing, answers[index].get())
            listed += page.objects
            while let continuation = page.continuation {
                let next = services.s3.listObjects(
                    prefix: prefixes[index],
                    continuation: continuation
                )
                page = try S3.page(of: next, services.client.send(next, deadline: deadline))
                listed += page.objects
            }
        }
        listed.removeAll { !RuleKey.isRule($0.key) }
        let along = answers[listings.count]
        if let prepared, prepared.listed == listed { return (prepared.rules, along) }
        try read(listed, deadline: deadline)
        let rules = RuleSet(listed.compactMap { kept[$0.key]?.rule })
        prepared = (listed, rules)
        return (rules, along)
    }

    /// Reads, in parallel, those of the listed rules that are not kept as they are now.
    private func read(_ listed: [S3.ListedObject], deadline: Deadline) throws(AWSError) {
        if kept.count > Self.capacity { kept = [:] }
        let changed = listed.filter { kept[$0.key]?.etag != $0.etag }
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
