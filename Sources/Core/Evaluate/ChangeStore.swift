internal import AWS
internal import Platform

/// Keeps a whole change as it was handed over, so that it can be run again.
struct ChangeStore {
    let services: Services
    let change: Change
    /// The key under which it was found, where it came from there.
    let foundAt: String?

    /// The calls that keep it: none where it came from S3.
    var keeping: [AWSCall] {
        guard foundAt == nil else { return [] }
        return [services.put(HandOver.key(of: change), HandOver.change(change).encoded())]
    }

    /// The key under which it lies now, by the answers to those calls.
    ///
    /// A change that is not kept can be decided on all the same: that is logged and no more.
    func key(_ answers: [Result<HTTPResponse, CallError>]) -> String? {
        for case .failure(let error) in answers {
            services.log.warning("the change is not kept and cannot be replayed: \(error)")
            return nil
        }
        return foundAt ?? "\(services.prefix)/\(HandOver.key(of: change))"
    }
}
