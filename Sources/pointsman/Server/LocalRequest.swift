import Codec
import Foundation
import Platform

/// A request that a server on this machine was sent.
struct LocalRequest: Sendable {
    var method: String
    var path: String
    /// The query as it came, without the question mark.
    var query = ""
    var headers: HTTPHeaders
    var body: [UInt8]
    /// The port that the server listens on.
    var port: UInt16 = 0
}

/// The fields of a query, decoded.
struct QueryItems {
    private(set) var items: [NamedValue] = []

    init(_ query: String) {
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0]).removingPercentEncoding ?? ""
            let value = parts.count > 1 ? String(parts[1]).removingPercentEncoding ?? "" : ""
            items.append(NamedValue(name, value))
        }
    }

    subscript(name: String) -> String? { items.last { $0.name == name }?.value }
}

extension HTTPResponse {
    init(status: Int, json: JSON) {
        let headers: HTTPHeaders = ["Content-Type": "application/json"]
        self.init(status: status, headers: headers, body: json.encoded())
    }

    init(status: Int, xml: String) {
        let headers: HTTPHeaders = ["Content-Type": "application/xml"]
        self.init(status: status, headers: headers, body: Array(xml.utf8))
    }
}
