import Codec
import Platform
import Synchronization
import Testing

@testable import pointsman

struct ConsoleSiteTests {
    private let folder: TemporaryFolder
    private let site: ConsoleSite

    init() throws {
        folder = try SampleRecords.folder()
        site = SampleRecords.site(folder)
    }

    private func request(
        _ path: String,
        _ query: String = "",
        method: String = "GET",
        headers: HTTPHeaders? = nil,
        body: String = ""
    ) -> LocalRequest {
        LocalRequest(
            method: method,
            path: path,
            query: query,
            headers: headers
                ?? ["Host": "127.0.0.1:8090", "X-Pointsman-Token": site.token.text],
            body: Array(body.utf8),
            port: 8090
        )
    }

    private func json(_ response: HTTPResponse) throws -> JSON { try JSON(parsing: response.body) }

    private func error(_ response: HTTPResponse) throws -> String? {
        try json(response)["error"]?.string
    }

    @Test(arguments: ["127.0.0.1:8090", "localhost:8090", "LOCALHOST:8090"])
    func `its own names are answered`(host: String) async {
        let response = await site.respond(to: request("/console/", headers: ["Host": host]))
        #expect(response.status == 200)
    }

    @Test(arguments: [
        "evil.example:8090", "127.0.0.1:8091", "localhost", "[::1]:8090", "tunnel.example",
    ])
    func `another name is refused, as after DNS rebinding`(host: String) async throws {
        for path in ["/console/", "/console/data/deliveries.json", "/console/replay"] {
            let response = await site.respond(to: request(path, headers: ["Host": host]))
            #expect(response.status == 403)
            #expect(
                try error(response)
                    == "the console answers to 127.0.0.1:8090 and localhost:8090 alone"
            )
        }
        #expect(await site.respond(to: request("/console/", headers: [:])).status == 403)
    }

    @Test(arguments: [
        "Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "Via", "X-Real-IP",
        "CF-Connecting-IP", "True-Client-IP",
    ])
    func `what a tunnel passes on is refused`(name: String) async throws {
        var request = request("/console/")
        request.headers[name] = "a"
        let response = await site.respond(to: request)
        #expect(response.status == 403)
        #expect(
            try error(response)
                == "the console answers to this machine alone, and this came by a proxy"
        )
    }

    @Test(arguments: [
        "/console/", "/console/console.js", "/console/data/rules.json", "/console/no", "/console",
    ])
    func `each answer says what the browser may do with it`(path: String) async {
        let headers = await site.respond(to: request(path)).headers
        #expect(
            headers["Content-Security-Policy"]
                == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                + "require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'"
        )
        #expect(headers["X-Content-Type-Options"] == "nosniff")
        #expect(headers["Cache-Control"] == "no-store")
        #expect(headers["X-Frame-Options"] == "DENY")
        #expect(headers["Cross-Origin-Resource-Policy"] == "same-origin")
        #expect(headers["Access-Control-Allow-Origin"] == nil)
    }

    @Test func `the page has no script and no style in itself`() throws {
        let page = try #require(ConsolePage.file("index.html"))
        let text = String(decoding: page.bytes, as: UTF8.self)
        #expect(!text.contains("<style") && !text.contains("style="))
        #expect(!text.contains(#/<script(?![^>]*src=)/#) && !text.contains(#/\son[a-z]+=/#))
        #expect(text.contains(ConsoleSite.policy))
        for file in ConsolePage.files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(!text.contains(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/))
            // The one other address is the name of SVG's elements.
            #expect(
                !text.replacing("http://www.w3.org/2000/svg", with: "").contains(/https?:\/\/[a-z]/)
            )
        }
    }

    @Test func `the page's files are small`() {
        #expect(ConsolePage.files.reduce(0) { $0 + $1.bytes.count } < 70_000)
    }

    @Test func `without a slash at the end the address gets one`() async {
        let response = await site.respond(to: request("/console"))
        #expect(response.status == 302)
        #expect(response.headers["Location"] == "/console/")
    }

    @Test func `what it does not have it says`() async throws {
        for path in [
            "/console/no", "/console/data/deliveries/../../x.json",
            "/console/data/deliveries/00000000000000000000.json",
        ] {
            let response = await site.respond(to: request(path))
            #expect(response.status == 404)
            #expect(try error(response) == "the console has no such page")
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let response = await site.respond(to: request("/console/", method: method))
            #expect(response.status == 405)
            #expect(try error(response) == "the console takes GET alone")
        }
    }

    @Test(arguments: [nil, "", "0", "00112233445566778899aabbccddeeff"])
    func `without the token of the terminal's address nothing is read`(token: String?) async throws
    {
        for path in [
            "data/settings.json", "data/deliveries.json", "data/rules.json", "data/coverage.json",
            "data/deliveries/00000000000000000000.json",
        ] {
            var request = request("/console/\(path)")
            request.headers["X-Pointsman-Token"] = token
            let response = await site.respond(to: request)
            #expect(response.status == 403)
            #expect(try error(response) == Self.unknown)
        }
        // The page itself holds nothing that is anybody's.
        let page = request("/console/", headers: ["Host": "127.0.0.1:8090"])
        #expect(await site.respond(to: page).status == 200)
    }

    static let unknown =
        "the token of this console is missing or wrong: open the address that the terminal shows"

    @Test func `deliveries come once, and those that change again`() async throws {
        let first = try json(await site.respond(to: request("/console/data/deliveries.json")))
        let delivery = try #require(first["deliveries"]?.array?.first)
        #expect(delivery["text"]?.string == "push to main of octo/mono, 2 paths")
        #expect(delivery["at"]?.string == "2026-03-14T09:00:00.000Z")
        #expect(
            first["names"]
                == .array([.string("github/octo/mono/api"), .string("github/octo/mono/web")])
        )
        #expect(delivery["rules"] == .array([.int(0), .int(0), .int(1), .int(3)]))
        #expect(delivery["counts"] == .array([1, 0, 0, 1, 0, 0].map(JSON.int)))
        let epoch = try #require(first["epoch"]?.string)
        let revision = try #require(first["revision"]?.int)
        let second = try json(
            await site.respond(
                to: request("/console/data/deliveries.json", "since=\(revision)&epoch=\(epoch)")
            )
        )
        #expect(second["deliveries"] == .array([]))
        let other = try json(
            await site.respond(
                to: request("/console/data/deliveries.json", "since=\(revision)&epoch=other")
            )
        )
        #expect(other["deliveries"]?.array?.count == 1)
    }

    @Test func `a delivery is shown with its rules, by an id of the list`() async throws {
        let list = try json(await site.respond(to: request("/console/data/deliveries.json")))
        let id = try #require(list["deliveries"]?.array?.first?["id"]?.string)
        let detail = try json(
            await site.respond(to: request("/console/data/deliveries/\(id).json"))
        )
        #expect(detail["place"]?.string == "mono-repo/config/decisions/2026-03-14/d1.json")
        let rule = try #require(detail["rules"]?.array?.first)
        #expect(rule["path"]?.string == "api/main.go")
        #expect(rule["pattern"]?.string == "api/**")
        #expect(rule["target"]?.string == "CodePipeline api")
        #expect(detail["attempts"]?.array?.first?["started"]?.int == 1)
    }

    @Test func `what cannot be read is said in a sentence`() async throws {
        let told = Mutex<[Failure]>([])
        var site = ConsoleSite(
            RecordReader { () throws(Failure) in
                throw Failure("listing rules or decisions: AccessDenied: no")
            }
        )
        site.failed = { failure in told.withLock { $0.append(failure) } }
        var request = request("/console/data/deliveries.json")
        request.headers["X-Pointsman-Token"] = site.token.text
        let response = await site.respond(to: request)
        #expect(response.status == 502)
        #expect(try error(response) == "listing rules or decisions: AccessDenied: no")
        #expect(told.withLock(\.self) == [Failure("listing rules or decisions: AccessDenied: no")])
    }
}

/// Replays, which only this server's own page may ask for.
extension ConsoleSiteTests {
    private func replaying(_ asked: Asked) async throws -> (site: ConsoleSite, id: String) {
        var site = site
        site.replay = { (key) throws(Failure) in
            asked.add(key)
            guard let saved = SavedRecord(place: "f", bytes: Array(SampleRecords.record("d1").utf8))
            else { throw Failure("no record") }
            return saved
        }
        let list = try json(await site.respond(to: request("/console/data/deliveries.json")))
        return (site, try #require(list["deliveries"]?.array?.first?["id"]?.string))
    }

    final class Asked: Sendable {
        private let keys = Mutex<[String]>([])
        var all: [String] { keys.withLock(\.self) }
        func add(_ key: String) { keys.withLock { $0.append(key) } }
    }

    private func post(
        _ site: ConsoleSite,
        _ id: String,
        _ change: (inout HTTPHeaders) -> Void = { _ in }
    ) async
        -> HTTPResponse
    {
        var headers: HTTPHeaders = [
            "Host": "127.0.0.1:8090", "Origin": "http://127.0.0.1:8090",
            "Content-Type": "application/json", "X-Pointsman-Token": site.token.text,
        ]
        change(&headers)
        return await site.respond(
            to: request(
                "/console/replay",
                method: "POST",
                headers: headers,
                body: #"{"id":"\#(id)"}"#
            )
        )
    }

    @Test func `a replay runs what the record is of, and says what came of it`() async throws {
        let asked = Asked()
        let (site, id) = try await replaying(asked)
        let response = await post(site, id)
        #expect(response.status == 200)
        #expect(try json(response)["counts"]?.string == "1 started, 1 skipped")
        #expect(asked.all == ["mono-repo/config/decisions/2026-03-14/d1.json"])
    }

    @Test func `a replay from elsewhere is refused`() async throws {
        let asked = Asked()
        let (site, id) = try await replaying(asked)
        let elsewhere = "a replay is asked for by the console's own page alone"
        let cases: [(String, (inout HTTPHeaders) -> Void)] = [
            (elsewhere, { $0["Origin"] = nil }),
            (elsewhere, { $0["Origin"] = "http://evil.example" }),
            (elsewhere, { $0["Origin"] = "null" }),
            (elsewhere, { $0["Origin"] = "http://localhost:8090" }),
            (Self.unknown, { $0["X-Pointsman-Token"] = nil }),
            (Self.unknown, { $0["X-Pointsman-Token"] = "0" }),
            (Self.unknown, { $0["Content-Type"] = "text/plain" }),
        ]
        for (why, change) in cases {
            let response = await post(site, id, change)
            #expect(response.status == 403)
            #expect(try error(response) == why)
        }
        let unlisted = await post(site, "0")
        #expect(unlisted.status == 404)
        #expect(try error(unlisted) == "there is no such delivery")
        #expect(asked.all == [])
    }

    @Test func `without --allow-replay it only reads`() async throws {
        let response = await post(site, "0")
        #expect(response.status == 403)
        #expect(try error(response) == "this console only reads: start it with --allow-replay")
        let settings = try json(await site.respond(to: request("/console/data/settings.json")))
        #expect(settings["replay"] == .bool(false))
    }

    @Test func `no answer has the token`() async throws {
        let asked = Asked()
        let (site, id) = try await replaying(asked)
        for path in [
            "", "data/settings.json", "data/deliveries.json", "data/deliveries/\(id).json",
        ] {
            let response = await site.respond(to: request("/console/\(path)"))
            #expect(!String(decoding: response.body, as: UTF8.self).contains(site.token.text))
        }
    }
}
