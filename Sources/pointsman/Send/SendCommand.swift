import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// `pointsman send`.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Delivers an event as its provider would, signed anew.",
        discussion: """
            EVENT is a recorded request as in events/, or a payload alone; - is standard input. \
            With --docker-hub the secret is the token in Docker Hub's route. Prints the response.

            A recorded push, to the stack:
              pointsman send events/github-push-services-api.json \\
                --url https://… --secret-file secret

            A payload that was copied from GitHub's "Recent deliveries":
              pointsman send payload.json --event push \\
                --url https://… --secret-env SECRET

            To `pointsman local` in another terminal:
              pointsman send events/github-ping.json \\
                --url http://127.0.0.1:8080 --secret-file secret

            Exit status: 0, taken (2xx); 1, refused; 2, the endpoint cannot be reached.
            """
    )

    @Argument(help: "The event's file.")
    var event: String

    @Option(help: ArgumentHelp("The webhook's URL, with or without the route.", valueName: "url"))
    var url: String

    @Option(help: ArgumentHelp("A file with the secret.", valueName: "file"))
    var secretFile: String?

    @Option(help: ArgumentHelp("An environment variable with the secret.", valueName: "name"))
    var secretEnv: String?

    @Flag(help: "The event is Docker Hub's, and the secret the token that ends its route's URL.")
    var dockerHub = false

    @Option(help: ArgumentHelp("The delivery's id (default: a new one).", valueName: "id"))
    var delivery: String?

    @Option(
        name: .customLong("event"),
        help: ArgumentHelp(
            "GitHub's name of a payload's event, where it stands alone: push, pull_request, merge_group…",
            valueName: "name"
        )
    )
    var eventName: String?

    @Flag(help: "Print JSON, for programs: status and response.")
    var json = false

    /// Milliseconds that a response may take: longer than API Gateway's limit of 30 s.
    static let patience = 35_000

    func validate() throws {
        guard (secretFile == nil) != (secretEnv == nil) else {
            throw ValidationError("give the secret by --secret-file or --secret-env, one of them")
        }
    }

    func run() async throws {
        let endpoint = try Endpoint(url)
        let source = secretFile.map { SecretSource.file($0) } ?? .environment(secretEnv ?? "")
        let secret = try source.read()
        let outgoing = try outgoing(secret)
        if !endpoint.isPrivate {
            guard !dockerHub else {
                throw Failure(
                    "sending the event: over http:// everybody on the way could read the token in the URL"
                )
            }
            StandardError.tell(
                "over http:// everybody on the way can read the event, and send it again"
            )
        }
        let request = HTTPRequest(
            method: "POST",
            origin: endpoint.origin,
            target: endpoint.base + outgoing.path,
            headers: outgoing.headers,
            body: outgoing.body,
            isRepeatable: false
        )
        let clock = WallClock.system
        let deadline = Deadline(clock.now().adding(milliseconds: Self.patience))
        let client = try HTTPClient.ofTool()
        switch client.perform([request], deadline)[0] {
        case .success(let response):
            let answer = WebhookAnswer(response)
            let text = json ? String(printableJSON: answer.json.encoded()) : answer.summary
            try StandardOutput.write(lines: [secret.hidden(in: text)])
            throw (200..<300).contains(response.status) ? ExitCode.success : .found
        case .failure(let error):
            throw Failure("sending the event: \(error)")
        }
    }

    private func outgoing(_ secret: Secret) throws(Failure) -> OutgoingDelivery {
        let file = try InputFile(event)
        let token = dockerHub ? secret : nil
        do throws(Failure) {
            var outgoing: OutgoingDelivery?
            if eventName == nil {
                outgoing = try OutgoingDelivery(
                    recorded: file.bytes,
                    secret: secret,
                    dockerHubToken: token,
                    delivery: delivery
                )
            }
            if let outgoing { return try checked(outgoing) }
            return try checked(
                OutgoingDelivery(
                    payload: file.bytes,
                    event: eventName,
                    secret: secret,
                    dockerHubToken: token,
                    delivery: delivery
                )
            )
        } catch {
            throw Failure("reading \(file.name): \(error)")
        }
    }

    private func checked(_ outgoing: OutgoingDelivery) throws(Failure) -> OutgoingDelivery {
        guard !dockerHub || outgoing.delivery == nil else {
            throw Failure("it is no event of Docker Hub, as --docker-hub says")
        }
        return outgoing
    }
}

/// The URL of a webhook, in the parts that a request is made of.
struct Endpoint: Equatable {
    /// `https://abc.execute-api.eu-west-1.amazonaws.com`.
    var origin: String
    /// What comes before the route, without a slash at its end: a stage, a base path.
    var base: String

    /// Whether nobody on the way can read what is sent: by TLS, or since it stays on this machine.
    let isPrivate: Bool

    /// Takes a URL with or without the route at its end.
    init(_ text: String) throws(Failure) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.encodedHost, !host.isEmpty,
            url.user == nil, url.query == nil, url.fragment == nil
        else {
            throw Failure("the URL is not http:// or https://, a host and a path alone")
        }
        isPrivate = scheme == "https" || Secret.staysHere(sentTo: host)
        origin = "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
        base = url.percentEncodedPath
        while base.hasSuffix("/") { base.removeLast() }
        for route in Provider.all(allowingSHA1: false).flatMap(\.routes)
        where base.hasSuffix("/\(route)") {
            base.removeLast(route.count + 1)
        }
        guard !base.contains("/dockerhub/") else {
            throw Failure(
                "the URL has the token of Docker Hub's route in it: leave off what is behind "
                    + "/dockerhub, and give the token as the secret"
            )
        }
    }
}
