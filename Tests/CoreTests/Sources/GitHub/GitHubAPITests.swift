import Codec
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct GitHubAPITests {
    private static func api(_ url: String = "https://api.github.com") throws -> GitHubAPI {
        GitHubAPI(url: try #require(HTTPSURL(url)))
    }

    private static func sent(_ call: APICall) -> HTTPRequest? {
        let server = FakeCloud([.answer(200)])
        _ = server.send(call)
        return server.requests.first
    }

    @Test func `a request is what GitHub's documentation asks for`() throws {
        let call = try Self.api().filesOfPullRequest(7, of: "octo/mono", page: 3)
        #expect(
            Self.sent(call)
                == HTTPRequest(
                    method: "GET",
                    origin: "https://api.github.com",
                    target: "/repos/octo/mono/pulls/7/files?per_page=100&page=3",
                    headers: [
                        "Accept": "application/vnd.github+json", "User-Agent": Version.userAgent,
                        "X-GitHub-Api-Version": "2022-11-28",
                    ],
                    timeLimit: 10_000,
                    largestResponse: 8 << 20
                )
        )
    }

    @Test(arguments: [
        (
            "https://api.github.com/", "octo/mono",
            "/repos/octo/mono/compare/a...b?per_page=1&page=1"
        ),
        (
            "https://git.example.com:8443/api/v3", "o o/m?n",
            "/api/v3/repos/o%20o/m%3Fn/compare/a...b?per_page=1&page=1"
        ),
    ])
    func `a comparison is asked for where the API is`(
        url: String,
        repository: String,
        target: String
    ) throws {
        let call = try Self.api(url).comparison(of: "a", with: "b", in: repository)
        #expect(Self.sent(call)?.target == target)
    }

    @Test func `who may push, and a pull request as it is now, are asked for`() throws {
        let api = try Self.api()
        let permission = api.permission(of: "octo[bot]", in: "octo/mono")
        #expect(
            Self.sent(permission)?.target
                == "/repos/octo/mono/collaborators/octo%5Bbot%5D/permission"
        )
        let pull = api.pullRequest(7, of: "octo/mono")
        #expect(Self.sent(pull)?.target == "/repos/octo/mono/pulls/7")
        #expect(Self.sent(pull)?.largestResponse == 1 << 20)
    }

    private static let base = "<https://api.github.com/repositories/1/pulls/7/files?per_page=100"

    @Test(
        arguments: [
            (nil, 1, 1),
            ("\(base)&page=2>; rel=\"next\", \(base)&page=12>; rel=\"last\"", 1, 12),
            ("\(base)&page=12>; rel=\"last\", \(base)&page=2>; rel=\"next\"", 1, 12),
            ("\(base)&page=2>; rel=\"next\"", 1, 2),
            ("\(base)&page=11>; rel=\"prev\", \(base)&page=1>; rel=\"first\"", 12, 12),
            ("\(base)&page=99>; rel=\"last\"", 1, 30),
            ("\(base)&page=2>; rel=\"next\"", 30, 30),
            ("\(base)&page=x>; rel=\"last\"", 1, 1),
            ("<https://api.github.com/x>; rel=\"last\"", 1, 1),
            ("; rel=\"last\",,", 1, 1),
        ] as [(String?, Int, Int)]
    )
    func `the last page is told by the Link header`(header: String?, page: Int, last: Int) {
        var response = HTTPResponse(status: 200)
        response.headers["link"] = header
        #expect(GitHubAPI.lastPage(by: response, whichIsOf: page) == last)
    }

    @Test(
        arguments: [
            (nil, nil),
            ("<https://x/y?per_page=100&cursor=v1_42>; rel=\"next\"", "v1_42"),
            ("<https://x/y?cursor=v1%5F4%2B2&per_page=100>; rel=\"next\"", "v1_4+2"),
            ("<https://x/y?cursor=a>; rel=\"prev\", <https://x/y?cursor=b>; rel=\"next\"", "b"),
            ("<https://x/y?cursor=a>; rel=\"prev\"", nil),
            ("<https://x/y?page=2>; rel=\"next\"", nil),
            ("<https://x/y?cursor=%>; rel=\"next\"", nil),
        ] as [(String?, String?)]
    )
    func `the next page's cursor is told by the Link header`(header: String?, cursor: String?) {
        var response = HTTPResponse(status: 200)
        response.headers["link"] = header
        #expect(GitHubAPI.nextCursor(by: response) == cursor)
    }

    @Test func `a status is what GitHub's documentation asks for`() throws {
        let call = try Self.api().createStatus(
            of: "6dcb09b",
            in: "octo/mono",
            state: .failure,
            targetURL: "https://eu-west-1.console.aws.amazon.com/",
            description: "the tests \"fail\"",
            context: "ci/api"
        )
        let request = try #require(Self.sent(call))
        #expect(request.method == "POST")
        #expect(request.target == "/repos/octo/mono/statuses/6dcb09b")
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"state":"failure","target_url":"https://eu-west-1.console.aws.amazon.com/","#
                + #""description":"the tests \"fail\"","context":"ci/api"}"#
        )
    }

    @Test func `a status need not be a link`() throws {
        let call = try Self.api().createStatus(
            of: "6dcb09b",
            in: "octo/mono",
            state: .pending,
            targetURL: nil,
            description: "started",
            context: "c"
        )
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"state":"pending","description":"started","context":"c"}"#
        )
    }

    /// How the answers to a status call are judged.
    private static func judged(
        _ answers: [FakeCloud.Answer]
    ) throws -> (result: Result<HTTPResponse, APIProblem>, requests: Int) {
        var call = try api().createStatus(
            of: "6dcb09b",
            in: "octo/mono",
            state: .pending,
            targetURL: nil,
            description: "started",
            context: "c"
        )
        call.bearerToken = Secret("ghp_T0ken")
        let server = FakeCloud(answers)
        let result = server.send(call)
        do throws(APIProblem) {
            return (
                .success(try call.success(result, at: FakeCloud.start)),
                server.requests.count
            )
        } catch {
            return (.failure(error), server.requests.count)
        }
    }

    private static let seconds = FakeCloud.start.milliseconds / 1_000
    private static let refusal =
        #"{"message":"Resource not accessible by ghp_T0ken","status":"403"}"#
    private static let refused = "Resource not accessible by ***"
    private static let usedUp = "RateLimited: the token's requests are used up"

    @Test(
        arguments: [
            (400, [:], .refused, "400: \(refused)"),
            (401, [:], .failed, "401: \(refused)"),
            (403, [:], .refused, "403: \(refused)"),
            (403, ["x-ratelimit-remaining": "41"], .refused, "403: \(refused)"),
            (404, [:], .refused, "404: \(refused)"),
            (422, [:], .refused, "422: \(refused)"),
            (429, [:], .limited(seconds: 60), "429: \(refused)"),
            (429, ["retry-after": "x"], .limited(seconds: 60), "429: \(refused)"),
            (
                403, ["retry-after": "60", "x-ratelimit-remaining": "41"], .limited(seconds: 60),
                "403 RateLimited: the token's requests are too many, for 60 s"
            ),
            (
                429, ["retry-after": "0"], .limited(seconds: 1),
                "429 RateLimited: the token's requests are too many, for 0 s"
            ),
            (
                403,
                ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "\(seconds + 90)"],
                .limited(seconds: 90), "403 \(usedUp) until 2026-11-21T04:37:17Z"
            ),
            (
                403, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "\(seconds - 90)"],
                .limited(seconds: 1), "403 \(usedUp) until 2026-11-21T04:34:17Z"
            ),
            (
                429,
                [
                    "x-ratelimit-remaining": "0", "x-ratelimit-reset": "\(seconds + 90)",
                    "retry-after": "9",
                ],
                .limited(seconds: 9), "429 \(usedUp) until 2026-11-21T04:37:17Z"
            ),
            (
                403, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"],
                .limited(seconds: 60), "403 \(usedUp)"
            ),
            (
                429, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "9223372036854775807"],
                .limited(seconds: 60), "429 \(usedUp)"
            ),
        ] as [(Int, HTTPHeaders, APIProblem.Kind, String)]
    )
    func `a refusal says whether it is final, is not repeated and shows no token`(
        status: Int,
        headers: HTTPHeaders,
        kind: APIProblem.Kind,
        message: String
    ) throws {
        let (result, requests) = try Self.judged([.answer(status, Self.refusal, headers)])
        let problem = #expect(throws: APIProblem.self) { try result.get() }
        #expect(problem?.kind == kind)
        #expect(problem?.description == "github:CreateStatus of octo/mono@6dcb09b: \(message)")
        #expect(problem?.status == status)
        #expect(problem?.mayHaveActed == false)
        #expect(requests == 1)
    }

    @Test(arguments: [500, 502, 503])
    func `a failure of the server's is asked about again`(status: Int) throws {
        let (result, requests) = try Self.judged([.answer(status), .answer(201)])
        #expect(try result.get().status == 201)
        #expect(requests == 2)
    }

    @Test(
        arguments: [
            (.answer(502, #"{"message":"Server Error"}"#), 4, "502: Server Error", 502, true),
            (.answer(503), 4, "503", 503, false),
            (
                .failure(.unreachable), 4, "Unreachable: GET https://example.com: the reason", nil,
                false
            ),
            (.failure(.timedOut), 4, "TimedOut: GET https://example.com: the reason", nil, true),
            (.failure(.untrusted), 1, "Untrusted: GET https://example.com: the reason", nil, false),
        ] as [(FakeCloud.Answer, Int, String, Int?, Bool)]
    )
    func `what may pass is no refusal`(
        answer: FakeCloud.Answer,
        requests: Int,
        message: String,
        status: Int?,
        mayHaveActed: Bool
    ) throws {
        let (result, sent) = try Self.judged([answer])
        let problem = #expect(throws: APIProblem.self) { try result.get() }
        #expect(problem?.kind == .failed)
        #expect(problem?.description == "github:CreateStatus of octo/mono@6dcb09b: \(message)")
        #expect(problem?.status == status)
        #expect(problem?.mayHaveActed == mayHaveActed)
        #expect(sent == requests)
    }
}
