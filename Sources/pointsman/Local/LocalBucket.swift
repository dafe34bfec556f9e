import AWS
import Codec
import Core
import Foundation
import Platform

/// A bucket in memory, with what the functions write and the rules, which are read only.
actor LocalBucket {
    private var written: [ByteKey: [UInt8]] = [:]
    private var rules: [ByteKey: [UInt8]] = [:]

    /// Objects on a page of a listing, as S3 has it.
    static let page = 1_000

    func setRules(_ rules: [ByteKey: [UInt8]]) {
        self.rules = rules
    }

    /// Forgets what was started, so that the same event starts it again.
    func forgetStarts() {
        let folders = ["ledger", "heads"].map { "\(RuleFolder.prefix)/\($0)/" }
        written = written.filter { key, _ in !folders.contains { key.text.hasPrefix($0) } }
    }

    /// All that lies in it, as it is now.
    var objects: [ByteKey: [UInt8]] { rules.merging(written) { $1 } }

    func object(_ key: String) -> [UInt8]? {
        object(ByteKey(key))
    }

    private func object(_ key: ByteKey) -> [UInt8]? {
        written[key] ?? rules[key]
    }

    /// Responds to a request of S3's API, as far as the functions use it.
    func respond(to request: LocalRequest, key: String) -> HTTPResponse {
        switch request.method {
        case "GET" where key.isEmpty: list(QueryItems(request.query))
        case "GET": get(key)
        case "PUT": put(key, request)
        default: Self.error(501, "NotImplemented", "\(request.method) is not answered locally")
        }
    }

    private func get(_ key: String) -> HTTPResponse {
        guard let body = object(key) else {
            return Self.error(404, "NoSuchKey", "The specified key does not exist.")
        }
        return HTTPResponse(status: 200, headers: ["ETag": Self.etag(body)], body: body)
    }

    /// The conditional writes of the ledger and the decision records.
    private func put(_ key: String, _ request: LocalRequest) -> HTTPResponse {
        let key = ByteKey(key)
        guard rules[key] == nil else {
            return Self.error(403, "AccessDenied", "the folder's rules are read only")
        }
        let stands = written[key].map(Self.etag)
        if request.headers["If-None-Match"] == "*", stands != nil { return Self.conditionFailed }
        if let wanted = request.headers["If-Match"] {
            guard let stands else {
                return Self.error(404, "NoSuchKey", "The specified key does not exist.")
            }
            guard stands == wanted else { return Self.conditionFailed }
        }
        written[key] = request.body
        return HTTPResponse(status: 200, headers: ["ETag": Self.etag(request.body)])
    }

    /// ListObjectsV2: keys in the order of their bytes.
    private func list(_ query: QueryItems) -> HTTPResponse {
        let prefix = query["prefix"] ?? ""
        let delimiter = query["delimiter"] ?? ""
        let after = query["continuation-token"] ?? ""
        let keys = Set(rules.keys).union(written.keys)
            .filter { key in
                guard key.text.utf8.starts(with: prefix.utf8) else { return false }
                // What S3 rolls up into common prefixes is of no use here.
                return delimiter.isEmpty
                    || !key.text.utf8.dropFirst(prefix.utf8.count).contains(delimiter.utf8)
            }
            .sorted()
            .drop { !after.isEmpty && $0 <= ByteKey(after) }
        let page = keys.prefix(Self.page)
        var xml = "<ListBucketResult><EncodingType>url</EncodingType>"
        for key in page {
            let body = object(key) ?? []
            xml += "<Contents><Key>\(PercentEncoding.encode(key.text, keepingSlash: true))</Key>"
            xml += "<ETag>\(Self.etag(body))</ETag><Size>\(body.count)</Size></Contents>"
        }
        if let last = page.last, page.count < keys.count {
            let token = PercentEncoding.encode(last.text, keepingSlash: true)
            xml += "<IsTruncated>true</IsTruncated>"
            xml += "<NextContinuationToken>\(token)</NextContinuationToken>"
        }
        xml += "</ListBucketResult>"
        return HTTPResponse(status: 200, xml: xml)
    }

    static func etag(_ body: [UInt8]) -> String {
        "\"\(Hex.lower(SHA1.hash(body)))\""
    }

    private static var conditionFailed: HTTPResponse {
        error(412, "PreconditionFailed", "At least one of the pre-conditions did not hold.")
    }

    private static func error(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            xml: "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        )
    }
}

/// Reads the rules' folder again for every delivery, and every second.
actor RulesWatch {
    private let folder: String
    private let bucket: LocalBucket
    private let console: Console
    private var known: [ByteKey: [UInt8]] = [:]
    private var problems: [String] = []
    private var failure: Failure?

    static let interval = Duration.seconds(1)

    init(_ folder: String, bucket: LocalBucket, console: Console) {
        self.folder = folder
        self.bucket = bucket
        self.console = console
    }

    /// Reads the rules for the first time; throws where there is no such folder.
    func begin() async throws(Failure) {
        let (rules, problems) = try read()
        (known, self.problems) = (rules, problems)
        await bucket.setRules(rules)
    }

    /// Shows how many rules there are, and what is wrong with them.
    func show() {
        console.write(["rules: \(known.count) in \(folder)".printable] + problems.map(warning))
    }

    func watch() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            await refresh()
        }
    }

    /// Reads the rules and shows what has changed; rules that cannot be read stay as they were.
    func refresh() async {
        do throws(Failure) {
            let (rules, problems) = try read()
            failure = nil
            guard rules != known || problems != self.problems else { return }
            let keys = Set(rules.keys).union(known.keys)
            let changed = keys.filter { rules[$0] != known[$0] }.sorted().map { key in
                let what = known[key] == nil ? "new" : rules[key] == nil ? "gone" : "changed"
                return "\(RuleName.short(key.text, prefix: RuleFolder.prefix)) \(what)"
            }
            (known, self.problems) = (rules, problems)
            await bucket.setRules(rules)
            let what = changed.isEmpty ? "" : " (\(changed.joined(separator: ", ")))"
            let line = "rules changed: \(rules.count) in \(folder)\(what)".printable
            console.write([line] + problems.map(warning))
        } catch {
            guard failure != error else { return }
            failure = error
            console.write(warning("\(error); the rules stay as they were"))
        }
    }

    private func read() throws(Failure) -> (rules: [ByteKey: [UInt8]], problems: [String]) {
        // Asked every second, git would take more time than all else.
        let read = try RuleFolder(folder, asksGit: false)
        var rules: [ByteKey: [UInt8]] = [:]
        var problems = (read.unplaced + read.undecided).map { "\($0.file): \($0.reason)" }
        for entry in read.entries {
            // A stand-in must not be started.
            guard entry.later.isEmpty else {
                let later = entry.later.joined(separator: ", ")
                problems.append("\(entry.file): \(later): known at deployment only")
                continue
            }
            rules[ByteKey(entry.rule.key)] = entry.object
            problems += entry.rule.problems.map { "\(entry.file): \($0)" }
        }
        return (rules, problems)
    }

    private func warning(_ text: String) -> String {
        "  " + console.terminal.styled(text.printable, .yellow)
    }
}
