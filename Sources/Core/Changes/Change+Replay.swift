import Codec
import Platform

extension Change {
    /// The same change under another name, so that everything it calls for starts again: its
    /// identity and its delivery id are those of its replay of that number, and no newer change
    /// holds it back.
    package func replayed(_ number: Int) -> Change {
        let suffix = "-replay-\(number)"
        let id = delivery.utf8.prefix(DeliveryID.longest - suffix.utf8.count)
        var change = self
        change.delivery = String(decoding: id, as: UTF8.self) + suffix
        change.ignoresOrder = true
        change.identity = ChangeIdentity(eventID: identity.body, ref: suffix)
        return change
    }
}
