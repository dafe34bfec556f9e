internal import AWS
internal import Platform
internal import Trigger

/// The rules that may concern a change, read from S3 and kept across warm invocations
/// by their ETags: no unchanged rule is read twice.
final class RuleStore {
    private let services: Services
    private var kept: [ByteKey: (etag: String, rule: Rule)] = [:]
    /// The bytes of the objects of the kept rules.
    private var keptBytes = 0
    /// The rules of one listing, prepared together, while the listing stays as it is.
    private var prepared: (listed: [S3.ListedObject], rules: RuleSet)?

    /// How many bytes of objects are kept as rules; with more, all are forgotten and read again
    /// when needed.
    private static let mostKept = 16 << 20
    /// How many bytes of objects are read at the same time, by their listed sizes.
    private static let mostAtATime = 8 << 20

    init(services: Services) {
        self.services = services
    }

    /// Lists and reads the rules; sends other calls along with the first listings, so that they
    /// cost no round trip of their own.
    ///
    /// A listing that fails is an error. An object that cannot be read is a rule that says so; one
    /// that is gone between listing and reading is no rule any more.
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
        let unread = read(listed, deadline: deadline)
        let rules = RuleSet(
            listed.compactMap { object in
                let key = ByteKey(object.key)
                return unread[key] ?? kept[key]?.rule
            }
        )
        // What could not be read is looked for again.
        prepared = unread.isEmpty ? (listed, rules) : nil
        return (rules, along)
    }

    /// Reads those of the listed rules that are not kept as they are now, and returns those that
    /// cannot be read.
    private func read(
        _ listed: [S3.ListedObject],
        deadline: Deadline
    ) -> [ByteKey: Rule] {
        if keptBytes > Self.mostKept {
            kept = [:]
            keptBytes = 0
        }
        var unread: [ByteKey: Rule] = [:]
        var batch: [S3.ListedObject] = []
        var bytes = 0
        for object in listed where kept[ByteKey(object.key)]?.etag != object.etag {
            guard object.size <= Budget.object.limit else {
                let rule = Rule(key: object.key, prefix: services.prefix, size: object.size)
                keep(rule, object.etag, bytes: 0)
                continue
            }
            if bytes + object.size > Self.mostAtATime {
                readAtATime(batch, &unread, deadline: deadline)
                batch = []
                bytes = 0
            }
            batch.append(object)
            bytes += object.size
        }
        readAtATime(batch, &unread, deadline: deadline)
        return unread
    }

    /// Reads some of them in parallel.
    private func readAtATime(
        _ objects: [S3.ListedObject],
        _ unread: inout [ByteKey: Rule],
        deadline: Deadline
    ) {
        let calls = objects.map { object in
            var call = services.s3.getObject(object.key)
            // It may have grown since it was listed: there is room for what was.
            call.largestResponse = max(object.size, Self.leastResponse)
            return call
        }
        let answers = services.client.send(calls, deadline: deadline)
        for (position, object) in objects.enumerated() {
            let key = object.key
            do throws(CallError) {
                let result = try S3.result(ofGet: calls[position], answers[position].get())
                guard case .object(let stored) = result else {
                    kept[ByteKey(key)] = nil
                    continue
                }
                let rule = Rule(key: key, prefix: services.prefix, object: stored.body)
                keep(rule, stored.etag, bytes: stored.body.count)
            } catch {
                let reason = Rule.unreadReason(error.description)
                unread[ByteKey(key)] = Rule(key: key, prefix: services.prefix, unread: reason)
            }
        }
    }

    /// Room for what S3 says where there is no such object.
    private static let leastResponse = 4_096

    private func keep(_ rule: Rule, _ etag: String, bytes: Int) {
        kept[ByteKey(rule.key)] = (etag, rule)
        keptBytes += bytes
    }
}
