internal import AWS
internal import Codec
internal import Platform

/// The rules that may concern a change, read from S3 and kept across warm invocations
/// by their ETags: no unchanged rule is read twice, as long as all of a repository fit in memory.
///
/// Where they do not, they are gone through in portions that do; the smallest are kept.
final class RuleStore {
    private let services: Services
    private var kept: [ByteKey: Kept] = [:]
    /// What all that is kept takes in memory.
    private var keptMemory = 0
    /// The rules of one listing, prepared together, while the listing stays as it is.
    private var prepared: (listed: [S3.ListedObject], rules: RuleSet)?
    /// The rules of the last listing did not fit in memory.
    private var isCrowded = false
    /// Bytes of memory that rules may take together.
    private let room: Int

    private struct Kept {
        var etag: String
        var rule: Rule
    }

    /// The rules of one listing, as far as they are gone through.
    struct Listing {
        fileprivate var listed: [S3.ListedObject]
        fileprivate var next = 0
        fileprivate var isFirst = true
        /// It begins where chance has it, so that each rule has its turn over the runs.
        fileprivate var isRotated = false
        /// What was read and is not looked at yet, in order.
        fileprivate var read: [ReadObject] = []
    }

    /// An object of a listing, and what came of reading it.
    fileprivate struct ReadObject {
        var index: Int
        var call: AWSCall
        var answer: Result<HTTPResponse, CallError>
    }

    struct Portion {
        var rules: RuleSet
        /// These are all of them.
        var isWhole: Bool
        /// The steps that matching these may take.
        var steps: Int
        var hasNext: Bool
    }

    /// How many bytes of objects are read at the same time, by their listed sizes.
    private static let mostAtATime = 8 << 20
    /// Room for what S3 says where there is no such object.
    private static let leastResponse = 4_096

    init(services: Services, room: Int = Budget.repository.limit) {
        self.services = services
        self.room = room
    }

    /// Lists the rules; sends other calls along with the first listings, so that they
    /// cost no round trip of their own.
    ///
    /// A listing that fails is an error.
    func list(
        for change: Change,
        along calls: [AWSCall],
        deadline: Deadline
    ) throws(CallError) -> (listing: Listing, along: [Result<HTTPResponse, CallError>]) {
        let ranges = services.keys.ruleListings(for: change)
        let listings = ranges.map {
            services.s3.listObjects(prefix: $0.prefix, delimiter: $0.delimiter)
        }
        let answers = services.client.send(listings + calls, deadline: deadline)
        var listed: [S3.ListedObject] = []
        for (index, listing) in listings.enumerated() {
            listed += try services.client.allObjects(
                from: S3.page(of: listing, answers[index].get()),
                in: services.s3,
                prefix: ranges[index].prefix,
                delimiter: ranges[index].delimiter,
                deadline: deadline
            )
        }
        listed.removeAll { !BucketKeys.isRule($0.key) }
        return (Listing(listed: listed), Array(answers[listings.count...]))
    }

    /// The next of a listing's rules, as many as fit in memory; `nil` after the last.
    ///
    /// The portions before must not be held any longer. An object that cannot be read is a rule that
    /// says so; one that is gone between listing and reading is no rule any more.
    func next(of listing: inout Listing, deadline: Deadline) -> Portion? {
        guard listing.isFirst || listing.next < listing.listed.count else { return nil }
        let isFirst = listing.isFirst
        listing.isFirst = false
        if isFirst {
            if let prepared, prepared.listed == listing.listed {
                listing.next = listing.listed.count
                return portion(prepared.rules, listing)
            }
            prepared = nil
            if isCrowded { rotate(&listing) }
        }
        var first = listing.next
        var rules: [Rule] = []
        var isRead = true
        while listing.next < listing.listed.count {
            let object = listing.listed[listing.next]
            if let entry = kept[ByteKey(object.key)], entry.etag == object.etag {
                rules.append(entry.rule)
            } else if let rule = rule(of: object, in: &listing, deadline: deadline) {
                rules.append(rule)
                if rule.isUnread { isRead = false }
            }
            listing.next += 1
            guard keptMemory > room else { continue }
            forgetOthers(than: listing)
            guard keptMemory > room else { continue }
            isCrowded = true
            keepSmallest()
            if listing.isRotated { break }
            rotate(&listing)
            first = 0
            rules = []
            isRead = true
        }
        let set = RuleSet(rules)
        let isWhole = first == 0 && listing.next == listing.listed.count
        if isWhole {
            isCrowded = false
            // What could not be read is looked for again.
            if isRead, !listing.isRotated { prepared = (listing.listed, set) }
        }
        return portion(set, listing, from: first)
    }

    private func portion(_ rules: RuleSet, _ listing: Listing, from first: Int = 0) -> Portion {
        let all = listing.listed.count
        let steps = Budget.change.limit
        return Portion(
            rules: rules,
            isWhole: first == 0 && listing.next == all,
            steps: all == 0 ? steps : steps * (listing.next - first) / all,
            hasNext: listing.next < all
        )
    }

    /// Has a listing begin anywhere.
    private func rotate(_ listing: inout Listing) {
        let place = services.random.next(upTo: listing.listed.count - 1)
        listing.listed = Array(listing.listed[place...] + listing.listed[..<place])
        listing.next = 0
        listing.read = []
        listing.isRotated = true
    }

    /// The rule of an object that is not kept as it is now; `nil` where it is gone.
    private func rule(
        of object: S3.ListedObject,
        in listing: inout Listing,
        deadline: Deadline
    ) -> Rule? {
        forget(ByteKey(object.key))
        guard object.size <= Budget.object.limit else {
            let rule = Rule(key: object.key, prefix: services.keys.prefix, size: object.size)
            keep(rule, object.etag)
            return rule
        }
        if listing.read.first?.index != listing.next { read(&listing, deadline: deadline) }
        let read = listing.read.removeFirst()
        do throws(CallError) {
            guard let stored = try S3.object(ofGet: read.call, read.answer.get()) else {
                return nil
            }
            let rule = Rule(key: object.key, prefix: services.keys.prefix, object: stored.body)
            keep(rule, stored.etag)
            return rule
        } catch {
            let reason = Rule.unreadReason(error.description)
            return Rule(key: object.key, prefix: services.keys.prefix, unread: reason)
        }
    }

    /// Reads, in parallel, what comes next and is not kept as it is now.
    private func read(_ listing: inout Listing, deadline: Deadline) {
        var calls: [(index: Int, call: AWSCall)] = []
        var bytes = 0
        for index in listing.next..<(listing.read.first?.index ?? listing.listed.count) {
            let object = listing.listed[index]
            guard object.size <= Budget.object.limit,
                kept[ByteKey(object.key)]?.etag != object.etag
            else { continue }
            bytes += object.size
            if bytes > Self.mostAtATime { break }
            var call = services.s3.getObject(object.key)
            // It may have grown since it was listed: there is room for what was.
            call.largestResponse = max(object.size, Self.leastResponse)
            calls.append((index, call))
        }
        let answers = services.client.send(calls.map { $0.call }, deadline: deadline)
        let read = zip(calls, answers).map {
            ReadObject(index: $0.index, call: $0.call, answer: $1)
        }
        listing.read = read + listing.read
    }

    private func keep(_ rule: Rule, _ etag: String) {
        kept[ByteKey(rule.key)] = Kept(etag: etag, rule: rule)
        keptMemory += rule.memory
    }

    private func forget(_ key: ByteKey) {
        guard let entry = kept.removeValue(forKey: key) else { return }
        keptMemory -= entry.rule.memory
    }

    /// Forgets the rules of other listings.
    private func forgetOthers(than listing: Listing) {
        let keys = Set(listing.listed.map { ByteKey($0.key) })
        kept = kept.filter { keys.contains($0.key) }
        keptMemory = kept.values.reduce(0) { $0 + $1.rule.memory }
    }

    /// Keeps the smallest rules, in half of the memory: the other half is for those that are gone
    /// through.
    private func keepSmallest() {
        let entries = kept.map { $0 }
        kept = [:]
        keptMemory = 0
        for (key, entry) in entries.inOrder(of: entries.map { $0.value.rule.memory }) {
            guard keptMemory + entry.rule.memory <= room / 2 else { return }
            kept[key] = entry
            keptMemory += entry.rule.memory
        }
    }
}
