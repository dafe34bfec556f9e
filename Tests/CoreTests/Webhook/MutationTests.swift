import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

/// Events that were changed at random: whatever comes in, something sensible comes out.
@Suite struct MutationTests {
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", ":", ",", "null", "true", "0", "1e9", "\\u0000", "\\ud800",
            "%", "=",
        ]
        .map { Array($0.utf8) } + [[0xff], [0x00], [0xc3, 0x28]]

    private static func mutated(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(3) {
            let start = random.below(bytes.count + 1)
            let end = min(bytes.count, start + random.below(random.pick([2, 2, 8, 200])))
            switch random.below(4) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.replaceSubrange(start..<end, with: random.pick(pieces))
            case 2: bytes.replaceSubrange(start..<start, with: Array(bytes[start..<end]))
            default: bytes.replaceSubrange(start..<end, with: random.bytes(upTo: 4))
            }
        }
        return bytes
    }

    @Test func `a mutated event is refused or described, never more`() throws {
        var random = SeededRandom(seed: 1)
        let names = [
            "api-gateway-rest-push", "api-gateway-http-push-form", "function-url-push",
            "codecommit-trigger-references", "codecommit-event-pull-request-created",
            "dockerhub-push",
        ]
        let events = try names.map { try EventsTests.event($0) }
        for _ in 0..<1500 {
            let result = WebhookResult(of: Self.mutated(random.pick(events), using: &random))
            for change in result.changes { #expect(DeliveryID.isPlainToken(change.delivery)) }
            #expect(!result.line.isEmpty)
        }
    }

    @Test func `a mutated body under a right signature is described or malformed`() throws {
        var random = SeededRandom(seed: 2)
        let cases = [
            ("push", "github-push-services-web"), ("push", "github-push-form"),
            ("ping", "github-ping"), ("pull_request", "github-pull-request-opened"),
            ("pull_request", "github-pull-request-labeled"),
            ("merge_group", "github-merge-group-checks-requested"),
            ("issue_comment", "github-issue-comment-created"),
        ]
        let bodies = try cases.map { (event, name) in
            guard case .http(let request) = try Event(try EventsTests.event(name)) else {
                throw EventError.unexpected(name)
            }
            return (event, try request.route(among: [gitHub]))
        }
        for _ in 0..<1500 {
            let (event, delivery) = bodies[random.below(bodies.count)]
            let body = Self.mutated(delivery.body, using: &random)
            let code = HMAC.sha256(key: secret.revealed, message: body)
            let signed = Delivery(
                provider: gitHub,
                headers: [
                    "X-GitHub-Event": event, "X-Hub-Signature-256": "sha256=" + Hex.lower(code),
                ],
                format: delivery.format,
                body: body
            )
            let verified = try #require(signed.verified(by: [secret], at: moment))
            do throws(ParsingError) {
                let description = try verified.parse(receivedAt: moment)
                for change in description.changes {
                    let encoded = EvaluateRequest.change(change).encoded()
                    #expect(throws: Never.self) { try JSON(parsing: encoded) }
                }
            } catch {
                #expect(error.description.hasPrefix("reading the "))
            }
        }
    }
}
