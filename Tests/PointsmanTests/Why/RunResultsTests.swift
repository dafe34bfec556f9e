import Codec
@testable import Core
import Platform
import Testing

@testable import pointsman

struct RunResultsTests {
    private static let status =
        #"{"source":"github","repository":"octo/mono","sha":"7e","context":"ci/api","#
        + #""status":"failure","description":"CodePipeline api failed: action Test of stage Build","#
        + #""startedAt":"2026-11-21T04:35:47.000Z","set":true}"#
    private static let run =
        #"{"source":"github","repository":"octo/mono","sha":"7e","context":"ci/api","#
        + #""target":{"kind":"CodePipeline","name":"api","region":"eu-west-1"},"#
        + #""startedAt":"2026-11-21T04:35:47.123Z","state":"FAILED","#
        + #""stateTime":"2026-11-21T04:40:00.000Z","attempt":2}"#

    /// What is said of a rule, given what lies below `statuses/` and `runs/`.
    private func words(status: String?, run: String?) throws -> [String] {
        let access = AWSAccess.fake { request in
            let body = request.target.contains("/runs/codepipeline/e.json") ? run : status
            guard let body else { return HTTPResponse(status: 404) }
            return HTTPResponse(status: 200, headers: ["ETag": "1"], body: Array(body.utf8))
        }
        let bucket = Bucket("b", prefix: "p", access: access)
        let record =
            #"{"change":{"source":"github","repository":"octo/mono","after":"7e"},"rules":["#
            + #"{"rule":"r","outcome":"started","clause":"Paths","reason":"why","status":"ci/api","#
            + #""run":"codepipeline/e"},{"rule":"s","outcome":"skipped","clause":"Paths","#
            + #""reason":"no"}],"attempts":[]}"#
        let saved = try #require(SavedRecord(place: "a", bytes: Array(record.utf8)))
        let results = try #require(try RunResults(of: saved, in: bucket))
        #expect(results.json.array?.count == 1)
        #expect(results.words(of: saved.record.rules[1]) == [])
        return results.words(of: saved.record.rules[0])
    }

    private static let ended = "run: FAILED at 2026-11-21T04:40:00Z, attempt 2"
    private static let said =
        "status ci/api: failure, CodePipeline api failed: action Test of stage Build"

    @Test func `say how the run ended and what was said at the commit`() throws {
        #expect(try words(status: Self.status, run: Self.run) == [Self.ended, Self.said])
    }

    @Test func `say so if there is none`() throws {
        #expect(try words(status: nil, run: nil) == ["status ci/api: none was set"])
    }

    @Test func `say so if it has not been set, or was refused`() throws {
        let unset = Self.status.replacing(#","set":true"#, with: "")
        #expect(try words(status: unset, run: nil) == [Self.said + " (not set yet)"])
        let refused = Self.status.replacing("}", with: #","refusal":"404"}"#)
        #expect(try words(status: refused, run: nil) == [Self.said + " (refused: 404)"])
    }

    @Test func `of a file name the context`() throws {
        let record =
            #"{"change":{},"rules":[{"rule":"r","outcome":"started","clause":"Paths","#
            + #""reason":"why","status":"ci/api"}],"attempts":[]}"#
        let saved = try #require(SavedRecord(place: "a", bytes: Array(record.utf8)))
        #expect(saved.table(prefix: "p").rows.map(\.notes) == [["its status is ci/api"]])
    }
}
