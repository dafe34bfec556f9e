internal import AWS
internal import Codec
internal import Platform

/// The rules that stacks declare, one object each, which belongs to the resource that its
/// metadata name.
///
/// It stands on S3's conditional writes: of two that write the same key at the same time one
/// succeeds, and the other finds whose it is.
struct RuleWriter {
    let services: Services

    /// Writes a rule; refuses where it is another resource's.
    ///
    /// One that belongs to no resource, as the mono-repo trigger has left it, is taken over
    /// where `mayAdopt` says so of its key and its object.
    func write(
        _ rule: RuleDeclaration.Checked,
        for owner: RuleOwner,
        mayAdopt: @escaping (_ key: String, _ object: [UInt8]) -> Bool,
        deadline: Deadline
    ) throws(Refusal) {
        var refusal: Refusal?
        let update = S3Update(of: rule.key, in: services.s3) { found in
            let metadata = owner.metadata
            guard let found else { return S3Update.Content(rule.object, metadata: metadata) }
            if let other = RuleOwner(of: found) {
                guard other.isSameResource(as: owner) else {
                    refusal = Refusal(
                        "the rule \(rule.key) belongs to \(other.logicalID) of the stack "
                            + "\(other.stackID), and one rule has one owner: remove it there first"
                    )
                    return nil
                }
                // The answer to this very write was lost, or the request has come twice.
                if other.isSameRequest(as: owner), found.body.starts(with: rule.object) {
                    return nil
                }
            } else if !mayAdopt(rule.key, found.body) {
                refusal = Refusal(
                    "the rule \(rule.key) is there and belongs to no resource: the earlier "
                        + "function has made it, or somebody by hand; remove it where it was "
                        + "declared, or delete the object, then try again"
                )
                return nil
            }
            // An ETag may be the content's digest: a write that changed the owner alone would
            // go unseen by another that takes over the same object.
            let end = found.body == rule.object ? [UInt8(ascii: "\n")] : []
            return S3Update.Content(rule.object + end, metadata: metadata)
        }
        do throws(CallError) {
            try services.client.update(update, deadline: deadline)
        } catch {
            throw Refusal("the rule could not be written: \(error)")
        }
        if let refusal { throw refusal }
    }

    /// Removes a rule if it is one that may be removed; what is gone is removed.
    func remove(
        _ key: String,
        if mayRemove: (_ found: RuleOwner?, _ object: [UInt8]) -> Bool,
        deadline: Deadline
    ) throws(CallError) {
        do throws(CallError) {
            guard let object = try read(key, deadline: deadline) else { return }
            let owner = RuleOwner(of: object)
            guard mayRemove(owner, object.body) else {
                services.log.info(
                    "a rule that is not this resource's stays",
                    LogField("key", key),
                    LogField("owner", owner.map { $0.stackID } ?? "")
                )
                return
            }
            _ = try services.client.send(services.s3.deleteObject(key), deadline: deadline)
        } catch  where error.code == "NoSuchBucket" {
            // All that was in it is gone too.
        }
    }

    private func read(_ key: String, deadline: Deadline) throws(CallError) -> S3.StoredObject? {
        let call = services.s3.getObject(key)
        let response = try services.client.send(call, deadline: deadline)
        return try S3.object(ofGet: call, response)
    }
}

/// Why a request is answered FAILED.
struct Refusal: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
