import Codec
@testable import Core
import Platform
import TestSupport
import Testing

@Suite struct GitHubAPITests {
    private static let token = Secret("ghp_T0ken")

    private static func api(_ url: String = "https://api.github.com") throws -> GitHubAPI {
        GitHubAPI(url: try #require(HTTPSURL(url)), token: token)
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
                        "X-GitHub-Api-Version": "2022-11-28", "Authorization": "Bearer ghp_T0ken",
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
            ([:], 403, "403: Resource not accessible by ***"),
            (
                ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000000"], 403,
                "403 RateLimited: the token's requests are used up until 2026-09-21T14:13:20Z"
            ),
            (
                ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon", "retry-after": "9"],
                429,
                "429 RateLimited: the token's requests are used up"
            ),
            (
                ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "9223372036854775807"], 429,
                "429 RateLimited: the token's requests are used up"
            ),
            (
                ["retry-after": "60", "x-ratelimit-remaining": "41"], 403,
                "403 RateLimited: the token's requests are too many, for 60 s"
            ),
            ([:], 404, "404: Resource not accessible by ***"),
            ([:], 401, "401: Resource not accessible by ***"),
        ] as [(HTTPHeaders, Int, String)]
    )
    func `a refusal says why, and is neither repeated nor shows the token`(
        headers: HTTPHeaders,
        status: Int,
        message: String
    ) throws {
        let body = #"{"message":"Resource not accessible by ghp_T0ken","status":"403"}"#
        let server = FakeCloud([
            .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
        ])
        let call = try Self.api().filesOfPullRequest(7, of: "octo/mono", page: 1)
        #expect {
            _ = try GitHubAPI.successful(server.send(call).get(), to: call)
        } throws: { error in
            "\(error)" == "github:ListPullRequestFiles of octo/mono#7: \(message)"
                && (error as? CallError)?.isRetryable == false
        }
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [500, 502, 503])
    func `a failure of the server's is asked about again`(status: Int) throws {
        let server = FakeCloud([.answer(status), .answer(200, "[]")])
        let call = try Self.api().filesOfPullRequest(7, of: "octo/mono", page: 1)
        #expect(try GitHubAPI.successful(server.send(call).get(), to: call).status == 200)
        #expect(server.requests.count == 2)
    }
}
