internal import Codec
internal import Platform

/// What GitHub's answers say besides their bodies.
extension GitHubAPI {
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
