import Codec
import Platform

/// A CodeCommit repository as its events name it.
struct CodeCommitRepository {
    let name: String
    let partition: String
    let region: String

    /// The repository of an ARN: `arn:aws:codecommit:us-east-1:123456789012:my-repo`.
    init?(arn: String) {
        let parts = arn.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 6, parts[0] == "arn", parts[2] == "codecommit", !parts[5].isEmpty
        else { return nil }
        partition = parts[1]
        region = parts[3]
        name = parts[5]
    }

    /// The URL to clone from over HTTPS.
    ///
    /// <https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html>
    var cloneURL: String {
        let domain = partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
        return "https://git-codecommit.\(region).\(domain)/v1/repos/\(name)"
    }

    /// A ref that was created or updated.
    struct Push {
        var eventID: String
        var ref: String
        var before: String?
        var after: String
        var isCreated: Bool
        var actor: String?
        var time: Timestamp?
    }

    /// Describes a push of one ref.
    func pushed(_ push: Push, receivedAt: Timestamp) -> Description {
        let kind: Change.Kind
        var branch: String?
        var tag: String?
        switch Reference(push.ref) {
        case .branch(let name): (kind, branch) = (.push, name)
        case .tag(let name): (kind, tag) = (.tag, name)
        case .other: return .ignored("\(push.ref) is neither a branch nor a tag")
        }
        return .change(
            Change(
                source: .codecommit,
                repository: name,
                kind: kind,
                branch: branch,
                tag: tag,
                before: push.before,
                after: push.after,
                created: push.isCreated,
                actor: push.actor,
                cloneURL: cloneURL,
                receivedAt: receivedAt,
                eventTime: push.time,
                delivery: Self.delivery(eventID: push.eventID, ref: push.ref),
                identity: ChangeIdentity(eventID: push.eventID, ref: push.ref),
                paths: Self.paths
            )
        )
    }

    /// What every CodeCommit event says about paths.
    static let paths = ChangedPaths(
        paths: [],
        incomplete: "a CodeCommit event carries no paths"
    )

    /// The delivery id of one ref of an event: the event's id and 16 digits of the ref's hash.
    static func delivery(eventID: String, ref: String) -> String {
        let digits = Hex.lower(Array(SHA256.hash(Array(ref.utf8)).prefix(8)))
        let id = "\(eventID)-\(digits)"
        return DeliveryID.isPlainToken(id) ? id : DeliveryID.hash(of: Array(id.utf8))
    }
}
