internal import Codec
package import Platform

/// A build of OpenShift to start, as a rule describes it: by the generic webhook of a BuildConfig.
package struct OpenShiftBuildTarget: Equatable, Sendable {
    /// The secret that holds the webhook's URL.
    var urlSecretARN: String
    /// PEM certificates to trust there; `nil` for the system's.
    var caBundle: String?

    static func read(_ value: JSON) throws(InvalidRule) -> OpenShiftBuildTarget {
        var properties = try PropertyReader(
            target: value,
            .openShiftBuild,
            known: ["UrlSecretArn", "CABundle"]
        )
        let target = OpenShiftBuildTarget(
            urlSecretARN: properties.requiredFixedText("UrlSecretArn", .secretARN),
            caBundle: properties.fixedText("CABundle", .certificates)
        )
        return try properties.checked(target)
    }
}

extension OpenShiftBuildTarget {
    var facts: StartFacts {
        StartFacts(
            .openShiftBuild,
            named: urlSecretARN,
            // The webhook takes no client token.
            tokenLifetime: 0,
            // Only the secret names the server.
            server: ByteKey("secret \(SecretName(urlSecretARN).plain)")
        )
    }

    /// Asks the webhook for a build of the change's commit.
    func begin(_ start: Start, _ secrets: SecretCache) -> StartStep {
        secrets.read(urlSecretARN, for: .url, of: start.change.repository) { (secret, wasCached) in
            guard let webhook = OpenShift.WebhookURL(secret) else {
                return .ended(
                    .refused(
                        "the secret \(urlSecretARN) does not hold the URL of a generic webhook, "
                            + "https://…/buildconfigs/<name>/webhooks/<secret>/generic"
                    )
                )
            }
            let call = OpenShift.build(
                OpenShift.Revision(start.change),
                at: webhook,
                caBundle: caBundle.map { Array($0.utf8) }
            )
            let request = StartStep.APIRequest(call: call) { result in
                do throws(CallError) {
                    switch try OpenShift.outcome(of: call, result.get()) {
                    case .started(let name, let warning):
                        let words = name ?? "a build whose name the server does not tell"
                        return .ended(.started(warning.map { "\(words); \($0)" } ?? words))
                    case .skipped(let words): return .ended(.skipped(words))
                    }
                } catch {
                    // The URL may have been replaced since it was read; nothing was started.
                    if wasCached, error.status == 401 {
                        secrets.remove(urlSecretARN, asRole: nil)
                        return begin(start, secrets)
                    }
                    return .ended(StartResult(OpenShift.explained(error)))
                }
            }
            return .callAPI(request)
        }
    }
}

/// Builds of OpenShift, by the generic webhook of a BuildConfig
/// (https://docs.openshift.com/container-platform/latest/cicd/builds/triggering-builds-build-hooks.html;
/// openshift/openshift-apiserver, pkg/build/apiserver/registry/buildconfig/webhook.go).
package enum OpenShift {
    /// The URL of a generic webhook; everyone who knows it can start builds.
    struct WebhookURL: Sendable {
        let url: HTTPSURL

        /// Reads a secret's text, white space around it aside; `nil` where it is not such a URL:
        /// `https://…/buildconfigs/<name>/webhooks/<secret>/generic`.
        init?(_ secret: Secret) {
            let text = String(decoding: secret.trimmed.revealed, as: UTF8.self)
            guard let url = HTTPSURL(text) else { return nil }
            let segments = url.path.utf8.split(
                separator: UInt8(ascii: "/"),
                omittingEmptySubsequences: false
            )
            guard segments.count >= 5, segments.last?.elementsEqual("generic".utf8) == true,
                segments[segments.count - 3].elementsEqual("webhooks".utf8),
                segments[segments.count - 5].elementsEqual("buildconfigs".utf8)
            else { return nil }
            self.url = url
        }

        /// What no message may show: the path, and the secret in it as written and as read.
        var secrets: [Secret] {
            let path = Array(url.path.utf8)
            let segment = path.split(separator: UInt8(ascii: "/")).suffix(2).first.map { Array($0) }
            let read = segment.flatMap { PercentEncoding.decode($0, plusIsSpace: false) }
            return [path, segment ?? [], read ?? []].map { Secret($0) }
        }
    }

    /// The commit that is to be built, as GitBuildSource and GitSourceRevision have it.
    struct Revision: Equatable, Sendable {
        var uri: String?
        /// The ref; the BuildConfig builds none but its own.
        var ref: String?
        var commit: String
        var author: Change.Author?
        var message: String?
    }

    /// What the server says if it takes the request.
    package enum Outcome: Equatable, Sendable {
        /// A build was started; its name, if the server says it, and a warning.
        case started(name: String?, warning: String?)
        /// No build was started; the server's words.
        case skipped(String)
    }

    /// Asks for a build; without a revision, of what the BuildConfig's ref is at.
    ///
    /// Each request that is taken is a build of its own: OpenShift knows no token.
    static func build(
        _ revision: Revision?,
        at webhook: WebhookURL,
        caBundle: [UInt8]?
    ) -> APICall {
        var json = JSONWriter()
        json.object { json in
            guard let revision else { return }
            json.object("git") { revision.write(to: &$0) }
        }
        return APICall(
            "openshift:Build",
            of: webhook.url.origin,
            method: "POST",
            origin: webhook.url.origin,
            target: webhook.url.path,
            headers: ["Content-Type": "application/json", "Accept": "application/json"],
            body: json.bytes,
            caBundle: caBundle,
            secrets: webhook.secrets,
            expectedStatuses: [200, 201],
            isRepeatable: false
        )
    }

    /// Reads the response to `build`: a Build, a Status with a warning, or one after the other.
    package static func outcome(
        of call: APICall,
        _ response: HTTPResponse
    ) throws(CallError) -> Outcome {
        let documents = documents(response.body).map { call.withoutSecrets($0) }
        let name = documents.first { $0["kind"]?.string == "Build" }?["metadata"]?["name"]?.string?
            .cutAsServerText
        let warning = documents.first { $0["kind"]?.string == "Status" }?["message"]?.string?
            .firstLine.cutAsServerText
        if let name { return .started(name: name, warning: warning) }
        if let warning {
            if warning.utf8.starts(with: "skipping build".utf8) { return .skipped(warning) }
            return .started(name: nil, warning: warning)
        }
        // Before OpenShift 3.7 the server said nothing.
        if response.body.allSatisfy({ $0 <= 0x20 }) { return .started(name: nil, warning: nil) }
        throw CallError(
            call,
            status: response.status,
            code: "UnreadableAnswer",
            message: "the answer is neither a Build nor a Status",
            isRetryable: false,
            mayHaveActed: true
        )
    }

    /// JSON texts that stand one after the other, up to what is none.
    private static func documents(_ body: [UInt8]) -> [JSON] {
        var reader = JSONReader(body)
        var documents: [JSON] = []
        while let document = try? reader.value() { documents.append(document) }
        return documents
    }

    /// An error of `build` with what is known of its causes.
    static func explained(_ error: CallError) -> CallError {
        var error = error
        switch error.status {
        case 401:
            error.message +=
                "\(error.message.utf8.isEmpty ? "" : "; ")either there is no such BuildConfig, or "
                + "it has no generic webhook, or the URL's secret is not that webhook's: the server "
                + "does not tell which"
        case 403:
            error.message +=
                "\(error.message.utf8.isEmpty ? "" : "; ")since OpenShift 4.16 the role "
                + "system:webhook must be bound to system:unauthenticated in the namespace"
        case 500 where error.message.utf8.contains(text: "could not generate a build"):
            error.mayHaveActed = false
        default: break
        }
        return error
    }
}

extension OpenShift.Revision {
    /// The change's commit; `nil` if it has none.
    init?(_ change: Change) {
        guard let commit = change.after else { return nil }
        self.init(
            uri: change.cloneURL.map(Self.cut),
            ref: change.ref.map(Self.cut),
            commit: commit,
            author: change.author.map {
                Change.Author(name: $0.name.map(Self.cut), email: $0.email.map(Self.cut))
            },
            message: change.message
        )
    }

    /// The sender of a change decides how long its texts are.
    private static func cut(_ text: String) -> String { text.cut(to: 1_000) }

    fileprivate func write(to json: inout JSONWriter) {
        json.member("uri", uri)
        json.member("ref", ref)
        json.member("commit", commit)
        if let author, author != Change.Author() {
            json.object("author") { json in
                json.member("name", author.name)
                json.member("email", author.email)
            }
        }
        json.member("message", message)
    }
}

extension String.UTF8View {
    fileprivate func contains(text: String) -> Bool {
        let text = Array(text.utf8)
        let bytes = Array(self)
        return bytes.indices.contains { bytes[$0...].starts(with: text) }
    }
}
