import Codec
import Platform

/// GitHub's lists of files, 100 to a page, for whoever has the token.
final class FakeGitHub {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-AbCdEf"
    static let token = "ghp_T0ken"

    /// The files of pull request 7.
    var files: [String] = []
    /// The commit that pull request 7 is at.
    var head = String(repeating: "b", count: 40)
    /// What is answered instead of pull request 7.
    var pullRequest: HTTPResponse?
    /// The files of each comparison, by `base...head` of the commits' first letters.
    var comparisons: [String: [String]] = [:]
    /// What is answered instead.
    var refusal: HTTPResponse?
    /// What the token must be.
    var accepted = FakeGitHub.token
    private(set) var requests: [HTTPRequest] = []

    var targets: [String] { requests.map(\.target) }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        requests.append(request)
        guard request.headers["Authorization"] == "Bearer \(accepted)" else {
            return Self.refusal(401, "Bad credentials")
        }
        if let refusal { return refusal }
        let parts = request.target.split(separator: "?")
        let query = parts.last ?? ""
        if parts.first == "/repos/octo/mono/pulls/7/files" {
            let page = query.split(separator: "=").last.flatMap { Int($0) } ?? 1
            return self.page(page)
        }
        if request.target == "/repos/octo/mono/pulls/7" {
            let body = Array(#"{"head":{"sha":"\#(head)"}}"#.utf8)
            return pullRequest ?? HTTPResponse(status: 200, body: body)
        }
        let path = parts.first?.split(separator: "/").last.map(String.init) ?? ""
        let ends = path.split(separator: "...").map { String($0.prefix(1)) }
        guard let files = comparisons[ends.joined(separator: "...")] else {
            return Self.refusal(404, "Not Found")
        }
        return HTTPResponse(status: 200, body: Array(#"{"files":\#(Self.list(files[...]))}"#.utf8))
    }

    private func page(_ page: Int) -> HTTPResponse {
        let listed = files.prefix(3_000)
        let last = max(1, (listed.count + 99) / 100)
        var response = HTTPResponse(status: 200)
        if page < last {
            let url = "<https://api.github.com/repositories/1/pulls/7/files?per_page=100&page="
            response.headers["Link"] =
                "\(url)\(page + 1)>; rel=\"next\", \(url)\(last)>; rel=\"last\""
        }
        response.body = Array(Self.list(listed.dropFirst((page - 1) * 100).prefix(100)).utf8)
        return response
    }

    private static func list(_ files: ArraySlice<String>) -> String {
        let objects = files.map { file in
            let names = file.split(separator: ">").map { "\($0)" }
            return names.count == 2
                ? #"{"filename":"\#(names[1])","previous_filename":"\#(names[0])","#
                    + #""status":"renamed"}"#
                : #"{"filename":"\#(file)","status":"modified"}"#
        }
        return "[\(objects.joined(separator: ","))]"
    }

    static func refusal(
        _ status: Int,
        _ message: String,
        _ headers: HTTPHeaders = [:]
    ) -> HTTPResponse {
        let body = Array(#"{"message":"\#(message)","documentation_url":"https://docs"}"#.utf8)
        return HTTPResponse(status: status, headers: headers, body: body)
    }
}
