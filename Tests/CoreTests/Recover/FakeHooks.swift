import Codec
import Foundation
import Platform

/// The webhooks of GitHub's API, and what they have delivered: 100 to a page, the newest first.
final class FakeHooks {
    struct Entry: Equatable {
        var id: Int
        var guid: String
        var event: String
        var at: Timestamp
        /// 0 where nobody answered.
        var status: Int
        var isRedelivery: Bool
    }

    /// Who the hooks deliver to: the status of the answer.
    var receiver: (_ hook: String, _ entry: Entry) -> Int = { _, _ in 202 }
    /// What the API answers instead, where it is not `nil`.
    var instead: (_ request: HTTPRequest) -> HTTPResponse? = { _ in nil }
    /// Whether a redelivery shows in the list; GitHub may take a while.
    var showsRedeliveries = true
    /// The time.
    var now: () -> Timestamp

    /// Each hook's entries, the oldest first.
    private var entries: [String: [Entry]] = [:]
    /// What was asked for, in order: `GET repos/octo/mono/hooks/1/deliveries`.
    private(set) var calls: [String] = []
    /// The redeliveries that were asked for, in order.
    private(set) var redelivered: [Entry] = []
    private var lastID = 9_007_199_254_740_993

    static let retention = 259_200_000

    init(now: @escaping () -> Timestamp) {
        self.now = now
    }

    func forgetCalls() {
        calls = []
        redelivered = []
    }

    /// Adds a delivery that was made so many seconds ago.
    @discardableResult
    func add(
        _ guid: String,
        _ status: Int,
        ago seconds: Int = 60,
        event: String = "push",
        isRedelivery: Bool = false,
        of hook: String = "repos/octo/mono/hooks/1"
    ) -> Entry {
        lastID += 1
        let entry = Entry(
            id: lastID,
            guid: guid,
            event: event,
            at: now().adding(milliseconds: -1_000 * seconds),
            status: status,
            isRedelivery: isRedelivery
        )
        entries[hook, default: []].append(entry)
        return entry
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        let path = request.target.split(separator: "?")[0]
        calls.append("\(request.method) \(path.dropFirst())")
        if let response = instead(request) { return response }
        guard request.headers["Authorization"] == "Bearer \(FakeGitHub.token)" else {
            return FakeGitHub.refusal(401, "Bad credentials")
        }
        let parts = path.dropFirst().components(separatedBy: "/deliveries")
        guard entries[parts[0]] != nil else { return FakeGitHub.refusal(404, "Not Found") }
        if request.method == "POST" { return redeliver(parts[1], of: parts[0]) }
        return page(request, of: parts[0])
    }

    private func kept(of hook: String) -> [Entry] {
        let oldest = now().adding(milliseconds: -Self.retention)
        return (entries[hook] ?? []).filter { $0.at > oldest }
    }

    private func page(_ request: HTTPRequest, of hook: String) -> HTTPResponse {
        let query = URLComponents(string: request.target)?.queryItems ?? []
        guard query.first(where: { $0.name == "per_page" })?.value == "100" else {
            return FakeGitHub.refusal(400, "a page has 100 entries here")
        }
        var listed = kept(of: hook).sorted { ($0.at, $0.id) > ($1.at, $1.id) }
        if let cursor = query.first(where: { $0.name == "cursor" })?.value {
            guard let place = listed.firstIndex(where: { "v1_\($0.id)" == cursor }) else {
                return FakeGitHub.refusal(400, "Invalid cursor")
            }
            listed = Array(listed[place...])
        }
        var response = HTTPResponse(status: 200)
        if listed.count > 100 {
            let next = "v1_\(listed[100].id)"
            response.headers["Link"] =
                "<https://api.github.com/\(hook)/deliveries?per_page=100&cursor=\(next)>; rel=\"next\""
        }
        response.body = JSON.array(listed.prefix(100).map(Self.json)).encoded()
        return response
    }

    private static func json(_ entry: Entry) -> JSON {
        .object([
            .init(key: "id", value: .int(entry.id)),
            .init(key: "guid", value: .string(entry.guid)),
            .init(key: "delivered_at", value: .string(entry.at.iso8601Milliseconds)),
            .init(key: "redelivery", value: .bool(entry.isRedelivery)),
            .init(key: "duration", value: .number("0.27")),
            .init(key: "status", value: .string(entry.status == 202 ? "OK" : "failed")),
            .init(key: "status_code", value: .int(entry.status)),
            .init(key: "event", value: .string(entry.event)),
            .init(key: "action", value: .null),
        ])
    }

    private func redeliver(_ path: String, of hook: String) -> HTTPResponse {
        let id = path.split(separator: "/").first.flatMap { Int($0) }
        guard path.hasSuffix("/attempts"), let entry = kept(of: hook).first(where: { $0.id == id })
        else { return FakeGitHub.refusal(404, "Not Found") }
        redelivered.append(entry)
        let status = receiver(hook, entry)
        if showsRedeliveries {
            add(entry.guid, status, ago: 0, event: entry.event, isRedelivery: true, of: hook)
        }
        return HTTPResponse(status: 202)
    }
}
