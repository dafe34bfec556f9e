internal import Codec
internal import Platform

/// What GitHub's answers mean
/// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
extension GitHubAPI {
    /// Seconds to wait where a limit was hit and nothing says for how long: GitHub's own advice.
    private static let usualPause = 60

    /// The response, if GitHub has done what it was called for.
    ///
    /// 429 is a limit, and so is 403 with `retry-after`, or with `x-ratelimit-remaining: 0`. A 401
    /// may pass, with another token; every other 4xx will not.
    static func success(
        _ result: Result<HTTPResponse, CallError>,
        of call: APICall,
        at now: Timestamp
    ) throws(APIProblem) -> HTTPResponse {
        let response: HTTPResponse
        switch result {
        case .success(let success): response = success
        case .failure(let error):
            let status = error.status ?? 0
            let isFinal = (400..<500).contains(status) && status != 401
            throw APIProblem(isFinal ? .refused : .failed, error)
        }
        guard response.status == 403 || response.status == 429 else { return response }
        var error = CallError(call, response)
        let retryAfter = response.headers["retry-after"].flatMap { Int($0) }
        var seconds = retryAfter
        if response.headers["x-ratelimit-remaining"] == "0" {
            error.code = "RateLimited"
            error.message = "the token's requests are used up"
            if let reset = response.headers["x-ratelimit-reset"].flatMap({ Int($0) }),
                (0...4_102_444_800).contains(reset)
            {
                error.message += " until \(Timestamp(milliseconds: reset * 1_000).iso8601)"
                seconds = seconds ?? reset - now.milliseconds / 1_000
            }
            seconds = seconds ?? Self.usualPause
        } else if let seconds {
            error.code = "RateLimited"
            error.message = "the token's requests are too many, for \(seconds) s"
        } else if response.status == 429 {
            seconds = Self.usualPause
        }
        throw APIProblem(seconds.map { .limited(seconds: max(1, $0)) } ?? .refused, error)
    }

    /// The most pages that a pull request's files have: 30 of 100 files.
    private static let mostPages = 30

    /// The last page that is known of by an answer, by its `Link` header; no URL of that is used
    /// (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
    static func lastPage(by response: HTTPResponse, whichIsOf page: Int) -> Int {
        var last = page
        if link("next", in: response) != nil { last = page + 1 }
        if let number = link("last", in: response).flatMap({ value(of: "page", in: $0) }) {
            last = max(last, Int(number) ?? page)
        }
        return min(last, mostPages)
    }

    /// The cursor of the next page, of an answer that has more; no URL of it is used.
    static func nextCursor(by response: HTTPResponse) -> String? {
        link("next", in: response).flatMap { value(of: "cursor", in: $0) }
            .flatMap { PercentEncoding.decode(Array($0.utf8), plusIsSpace: false) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The URL in `<https://…?per_page=100&page=3>; rel="next", …`, by its relation.
    private static func link(
        _ relation: String,
        in response: HTTPResponse
    ) -> Substring.UTF8View? {
        let relation = Array(" rel=\"\(relation)\"".utf8)
        guard let header = response.headers["Link"] else { return nil }
        for link in header[...].utf8.split(separator: UInt8(ascii: ",")) {
            let parts = link.split(separator: UInt8(ascii: ";"))
            guard let target = parts.first else { continue }
            if parts.dropFirst().contains(where: { $0.elementsEqual(relation) }) { return target }
        }
        return nil
    }

    /// The value of a field of a URL's query.
    private static func value(of name: String, in target: Substring.UTF8View) -> String? {
        guard let query = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let fields = target[query...].dropFirst().prefix { $0 != UInt8(ascii: ">") }
        let beginning = Array("\(name)=".utf8)
        for field in fields.split(separator: UInt8(ascii: "&")) where field.starts(with: beginning)
        {
            return String(decoding: field.dropFirst(beginning.count), as: UTF8.self)
        }
        return nil
    }
}
