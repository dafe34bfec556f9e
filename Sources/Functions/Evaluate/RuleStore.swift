internal import AWS
internal import Platform
internal import Trigger

/// The rules that may concern a change, read from S3 and kept across warm invocations
/// by their ETags: no unchanged rule is read twice.
final class RuleStore {
    private let services: Services
    private var kept: [ByteKey: Kept] = [:]
    /// The rules of one listing, prepared together, while the listing stays as it is.
    private var prepared: (listed: [S3.ListedObject], rules: RuleSet)?

    private struct Kept {
        var etag: String
        var rule: Rule
        /// It stands for a rule that there was no memory for.
        var isCrowdedOut = false
    }

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
        prepared = nil
        var crowd = makeRoom(for: listed)
        var unread: [ByteKey: Rule] = [:]
        var batch: [S3.ListedObject] = []
        var bytes = 0
        for object in listed where kept[ByteKey(object.key)]?.etag != object.etag {
            guard object.size <= Budget.object.limit else {
                let rule = Rule(key: object.key, prefix: services.prefix, size: object.size)
                keep(rule, object.etag, &crowd)
                continue
            }
            if bytes + object.size > Self.mostAtATime {
                readAtATime(batch, &unread, &crowd, deadline: deadline)
                batch = []
                bytes = 0
            }
            batch.append(object)
            bytes += object.size
        }
        readAtATime(batch, &unread, &crowd, deadline: deadline)
        return unread
    }

    /// Reads some of them in parallel.
    private func readAtATime(
        _ objects: [S3.ListedObject],
        _ unread: inout [ByteKey: Rule],
        _ crowd: inout Crowd,
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
                keep(rule, stored.etag, &crowd)
            } catch {
                let reason = Rule.unreadReason(error.description)
                unread[ByteKey(key)] = Rule(key: key, prefix: services.prefix, unread: reason)
            }
        }
    }

    /// Room for what S3 says where there is no such object.
    private static let leastResponse = 4_096

    /// What the rules of one listing take in memory.
    private struct Crowd {
        var members: [(key: String, memory: Int)] = []
        var memory = 0

        mutating func add(_ rule: Rule) {
            members.append((rule.key, rule.memory))
            memory += rule.memory
        }

        /// The place of the largest rule.
        var largest: Int? {
            members.indices.max { members[$0].memory < members[$1].memory }
        }
    }

    /// Forgets what has changed, and what there was no memory for, since that may have changed; and
    /// the rules of other listings, where all together take more than those of one may.
    private func makeRoom(for listed: [S3.ListedObject]) -> Crowd {
        let all = kept.values.reduce(0) { $0 + $1.rule.memory }
        var crowd = Crowd()
        var remaining: [ByteKey: Kept] = [:]
        for object in listed {
            let key = ByteKey(object.key)
            guard let entry = kept.removeValue(forKey: key), !entry.isCrowdedOut,
                entry.etag == object.etag
            else { continue }
            remaining[key] = entry
            crowd.add(entry.rule)
        }
        if all > Budget.repository.limit { kept = [:] }
        for (key, entry) in remaining { kept[key] = entry }
        return crowd
    }

    /// Keeps a rule; the largest give way where all of the listing take too much memory.
    private func keep(_ rule: Rule, _ etag: String, _ crowd: inout Crowd) {
        kept[ByteKey(rule.key)] = Kept(etag: etag, rule: rule)
        crowd.add(rule)
        while crowd.memory > Budget.repository.limit, let place = crowd.largest {
            let (key, memory) = crowd.members[place]
            let instead = Rule(key: key, prefix: services.prefix, crowdedOutBy: crowd.memory)
            guard instead.memory < memory else { return }
            kept[ByteKey(key)]?.rule = instead
            kept[ByteKey(key)]?.isCrowdedOut = true
            crowd.members[place].memory = instead.memory
            crowd.memory += instead.memory - memory
        }
    }
}
