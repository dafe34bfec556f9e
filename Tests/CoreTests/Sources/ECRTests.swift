import Codec
import Platform
import Testing

@testable import Core

@Suite struct ECRTests {
    private static let detail = [
        ("result", #""SUCCESS""#), ("repository-name", #""team/web""#),
        ("image-digest", #""sha256:7f5b""#), ("action-type", #""PUSH""#), ("image-tag", #""1.2""#),
    ]

    private static func event(
        _ changes: [(String, String?)] = [],
        detail: [(String, String?)] = []
    ) -> String {
        object(
            [
                ("version", #""0""#), ("id", #""13cde686-328b-6117-af20-0e5566167482""#),
                ("detail-type", #""ECR Image Action""#), ("source", #""aws.ecr""#),
                ("account", #""123456789012""#), ("time", #""2026-11-16T01:54:34Z""#),
                ("region", #""eu-west-1""#), ("resources", "[]"),
                ("detail", object(Self.detail, changing: detail)),
            ],
            changing: changes
        )
    }

    private func result(
        _ changes: [(String, String?)] = [],
        detail: [(String, String?)] = []
    ) -> WebhookResult {
        WebhookResult(of: Array(Self.event(changes, detail: detail).utf8))
    }

    @Test func `a pushed image is a change with its digest`() {
        #expect(
            result().changes == [
                Change(
                    source: .ecr,
                    repository: "team/web",
                    kind: .image,
                    tag: "1.2",
                    after: "sha256:7f5b",
                    receivedAt: moment,
                    eventTime: Timestamp(iso8601: "2026-11-16T01:54:34Z"),
                    delivery: "13cde686-328b-6117-af20-0e5566167482",
                    bodyDigest: BodyDigest(
                        eventID: "13cde686-328b-6117-af20-0e5566167482",
                        ref: "team/web:1.2"
                    ),
                    image: Change.Image(
                        repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web",
                        tag: "1.2"
                    ),
                    paths: ChangedPaths(
                        paths: [],
                        incomplete: "an image's event carries no paths"
                    )
                )
            ]
        )
    }

    @Test(arguments: [
        ("cn-north-1", "amazonaws.com.cn"), ("us-gov-west-1", "amazonaws.com"),
        ("eusc-de-east-1", "amazonaws.eu"),
    ])
    func `an image's host is that of its region`(region: String, domain: String) {
        let image = result([("region", "\"\(region)\"")]).changes.first?.image?.repository
        #expect(image == "123456789012.dkr.ecr.\(region).\(domain)/team/web")
    }

    @Test(
        arguments: [
            ([("action-type", #""DELETE""#)], "200 ignored: the ECR action DELETE is not handled"),
            (
                [("result", #""FAILURE""#)],
                "200 ignored: the push of an image to team/web has not succeeded"
            ),
            ([("result", nil)], "200 ignored: the push of an image to team/web has not succeeded"),
            (
                [("image-tag", nil)],
                "200 ignored: the image that was pushed to team/web has no tag"
            ),
            (
                [("image-tag", #""""#)],
                "200 ignored: the image that was pushed to team/web has no tag"
            ),
            (
                [("image-digest", nil)],
                "reading the ECR event: it has no detail.image-digest"
            ),
            (
                [("repository-name", nil)],
                "reading the ECR event: it has no detail.repository-name"
            ),
            ([("action-type", nil)], "reading the ECR event: it has no detail.action-type"),
        ] as [([(String, String?)], String)]
    )
    func `what starts nothing says why`(detail: [(String, String?)], expected: String) {
        #expect(result(detail: detail).line == expected)
    }

    @Test(
        arguments: [
            ("id", "reading the ECR event: it has no id"),
            ("account", "reading the ECR event: it has no account"),
            ("region", "reading the ECR event: it has no region"),
        ] as [(String, String)]
    )
    func `an event has to say where the image lies`(member: String, expected: String) {
        #expect(result([(member, nil)]).line == expected)
    }
}
