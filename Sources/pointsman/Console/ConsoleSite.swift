import Codec
import Core
import Foundation
import Platform

/// The console's pages and what they read, below `/console/`, for this machine's browser alone.
struct ConsoleSite: Sendable {
    /// What its paths begin with.
    static let path = "/console"

    /// Bytes of the largest body that it takes: a replay's.
    static let largestBody = 4_096

    /// Does again what a record is of, by the record's key, and returns the new one.
    typealias Replay = @Sendable (_ key: String) throws(Failure) -> SavedRecord

    let reader: RecordReader
    var clone: ClonedFiles?
    var replay: Replay?
    /// Called before each answer.
    var willAnswer: @Sendable () async -> Void = {}
    /// Milliseconds between two looks of the page for what is new.
    var interval = 5_000
    /// Takes what could not be done.
    var failed: @Sendable (Failure) -> Void = { StandardError.tell($0.description) }
    /// Stands in the address that the terminal shows, and nowhere else: without it nothing is read or replayed.
    ///
    /// Each user of the machine reaches the port. A browser sends what stands behind `#` to no server: the page keeps it.
    let token = Secret.madeUp()
    private let epoch = Secret.madeUp().text

    init(_ reader: RecordReader) {
        self.reader = reader
    }

    static func serves(_ path: String) -> Bool {
        path == Self.path || path.hasPrefix(Self.path + "/")
    }

    /// The address to be opened.
    func address(on server: LocalServer) -> String {
        "http://\(server.address)\(Self.path)/#token=\(token.text)"
    }

    func respond(to request: LocalRequest) async -> HTTPResponse {
        let port = request.port
        guard HostNames.browser.allow(request.headers["Host"], port: port) else {
            return refusal(
                403,
                "the console answers to 127.0.0.1:\(port) and localhost:\(port) alone"
            )
        }
        // A tunnel that says another name to the server still says whom it speaks for.
        guard !request.headers.fields.contains(where: { Self.isOfProxies($0.name.lowercased()) })
        else {
            return refusal(
                403,
                "the console answers to this machine alone, and this came by a proxy"
            )
        }
        switch request.method {
        case "GET", "HEAD": return await get(request)
        case "POST" where request.path == Self.path + "/replay":
            return await answer(toReplay: request)
        default: return refusal(405, "the console takes GET alone")
        }
    }

    /// Whether a header is one that proxies and tunnels add, by its name in lower case.
    private static func isOfProxies(_ name: String) -> Bool {
        name.hasPrefix("x-forwarded-")
            || ["forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip"].contains(
                name
            )
    }

    private func hasToken(_ request: LocalRequest) -> Bool {
        Secret(request.headers["X-Pointsman-Token"] ?? "") == token
    }

    private var withoutToken: HTTPResponse {
        refusal(
            403,
            "the token of this console is missing or wrong: open the address that the terminal shows"
        )
    }

    private func get(_ request: LocalRequest) async -> HTTPResponse {
        guard request.path != Self.path, request.path != "/" else {
            var response = Self.secured(HTTPResponse(status: 302))
            response.headers.append("Location", Self.path + "/")
            return response
        }
        guard Self.serves(request.path) else { return refusal(404, "the console has no such page") }
        let name = String(request.path.dropFirst(Self.path.count + 1))
        if let file = ConsolePage.file(name.isEmpty ? "index.html" : name) {
            return Self.secured(
                HTTPResponse(status: 200, headers: ["Content-Type": file.type], body: file.bytes)
            )
        }
        // Another site's page could not read the answer, but would have the work done.
        guard ["same-origin", "none", nil].contains(request.headers["Sec-Fetch-Site"]) else {
            return refusal(403, "the console's data is for its own page alone")
        }
        guard hasToken(request) else { return withoutToken }
        do throws(Failure) {
            guard let json = try await json(name, QueryItems(request.query)) else {
                return refusal(404, "the console has no such page")
            }
            return Self.secured(HTTPResponse(status: 200, json: json))
        } catch {
            failed(error)
            return refusal(502, error.description)
        }
    }

    private func json(_ name: String, _ query: QueryItems) async throws(Failure) -> JSON? {
        await willAnswer()
        switch name {
        case "data/settings.json": return settings
        case "data/deliveries.json":
            let isSame = query["epoch"] == epoch
            let since = isSame ? query["since"].flatMap(Int.init) ?? 0 : 0
            let older = query["older"] == "1"
            let epoch = epoch
            return try await reader.read { (library) throws(Failure) in
                try library.answer(since: since, older: older)
                    .adding(["epoch": .string(epoch)])
            }
        case "data/rules.json":
            return try await reader.read { (library) throws(Failure) in
                try RuleOverview(library.source).json
            }
        case "data/coverage.json":
            let clone = clone
            return try await reader.read { (library) throws(Failure) in
                try clone?.json(RuleOverview(library.source), keys: library.source.keys)
                    ?? library.paths.json
            }
        default:
            guard let match = name.wholeMatch(of: /data\/deliveries\/([0-9a-f]{20})\.json/) else {
                return nil
            }
            let id = String(match.1)
            return try await reader.read { (library) throws(Failure) in
                guard let summary = library.summary(id) else { return nil }
                return try DeliveryDetail(library.record(of: summary), library.source).json()
            }
        }
    }

    private var settings: JSON {
        JSON([
            "live": .bool(true),
            "interval": .int(interval),
            "replay": .bool(replay != nil),
        ])
    }

    /// A replay is asked for by this server's page, and by who has seen the terminal.
    ///
    /// The browser says where a request is from; another user of the machine may say the same, but has no
    /// token.
    private func answer(toReplay request: LocalRequest) async -> HTTPResponse {
        guard let replay else {
            return refusal(403, "this console only reads: start it with --allow-replay")
        }
        let host = request.headers["Host"] ?? ""
        guard request.headers["Origin"]?.lowercased() == "http://\(host.lowercased())" else {
            return refusal(403, "a replay is asked for by the console's own page alone")
        }
        guard request.headers["Content-Type"] == "application/json", hasToken(request) else {
            return withoutToken
        }
        guard let id = (try? JSON(parsing: request.body))?["id"]?.string else {
            return refusal(400, "expected the id of a delivery")
        }
        do throws(Failure) {
            let json = try await reader.read { (library) throws(Failure) -> JSON? in
                guard let summary = library.summary(id), summary.problem == nil else { return nil }
                let saved = try replay(summary.key)
                return JSON([
                    "text": .string(saved.summary), "counts": saved.counts.map(JSON.string),
                ])
            }
            guard let json else { return refusal(404, "there is no such delivery") }
            return Self.secured(HTTPResponse(status: 200, json: json))
        } catch {
            failed(error)
            return refusal(502, error.description)
        }
    }

    private func refusal(_ status: Int, _ why: String) -> HTTPResponse {
        Self.secured(HTTPResponse(status: status, json: JSON(["error": .string(why)])))
    }

    private static func secured(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        for (name, value) in securityHeaders { response.headers.append(name, value) }
        return response
    }

    /// Scripts, styles and data come from the same server alone, and no text becomes markup.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

    private static let securityHeaders = [
        ("Content-Security-Policy", policy + "; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]
}
