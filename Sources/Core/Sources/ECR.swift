import AWS
import Codec

extension DirectEvent {
    /// ECR's events of EventBridge.
    static let ecrImageAction = DirectEvent(
        detailTypes: ["ECR Image Action"],
        read: { (delivery, receivedAt) throws(ParsingError) in
            try delivery.parse(ECRImageAction.self, named: "ECR event", receivedAt: receivedAt)
        }
    )
}

/// What is read of ECR's event about an image.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html>
struct ECRImageAction: ProviderEvent {
    private var id: String?
    private var account: String?
    private var region: String?
    private var time: Timestamp?
    private var result: String?
    private var repository: String?
    private var digest: String?
    private var action: String?
    private var tag: String?

    init(_ event: [UInt8]) throws(JSONError) {
        var reader = JSONReader(event)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "id": id = try value.optionalString()
            case "account": account = try value.optionalString()
            case "region": region = try value.optionalString()
            case "time": time = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "detail": try readDetail(&value)
            default: break
            }
        }
        try reader.end()
    }

    private mutating func readDetail(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "result": result = try value.optionalString()
            case "repository-name": repository = try value.optionalString()
            case "image-digest": digest = try value.optionalString()
            case "action-type": action = try value.optionalString()
            case "image-tag": tag = try value.optionalString()
            default: break
            }
        }
    }

    /// The change, or why there is none.
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        func lacks(_ member: String) -> ParsingError { .lacks(receipt.event, member) }
        guard let id else { throw lacks("id") }
        guard let account else { throw lacks("account") }
        guard let region else { throw lacks("region") }
        guard let action else { throw lacks("detail.action-type") }
        guard let repository else { throw lacks("detail.repository-name") }
        guard action == "PUSH" else { return .ignored("the ECR action \(action) is not handled") }
        guard result == "SUCCESS" else {
            return .ignored("the push of an image to \(repository) has not succeeded")
        }
        guard let digest else { throw lacks("detail.image-digest") }
        guard let tag, !tag.isEmpty else {
            return .ignored("the image that was pushed to \(repository) has no tag")
        }
        let registry = "\(account).dkr.ecr.\(region).\(Partition.dnsSuffix(ofRegion: region))"
        return .change(
            Change(
                source: .ecr,
                repository: repository,
                kind: .image,
                tag: tag,
                after: digest,
                receivedAt: receipt.receivedAt,
                eventTime: time,
                delivery: DeliveryID.plainToken(id) ?? DeliveryID.hash(of: Array(id.utf8)),
                bodyDigest: BodyDigest(eventID: id, ref: "\(repository):\(tag)"),
                image: Change.Image(repository: "\(registry)/\(repository)", tag: tag),
                paths: ChangedPaths(paths: [], incomplete: "an image's event carries no paths")
            )
        )
    }
}
