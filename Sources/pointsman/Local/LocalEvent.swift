import Codec
import Foundation
import Platform

/// The one event that `local --event` delivers.
struct LocalEvent: Sendable {
    private let name: String
    private let bytes: [UInt8]

    /// Reads the file; `-` is standard input.
    init(file: String) throws(Failure) {
        name = file == "-" ? "standard input" : file
        bytes = try EventFile.bytes(file, name: name)
    }

    /// Delivers it, signed anew where it is a recorded request, and waits for the decisions;
    /// whether nothing of it was refused or failed.
    func deliver(
        to site: LocalSite,
        _ settings: LocalSite.Settings,
        _ console: Console
    ) async -> Bool {
        let isTaken: Bool
        if let delivery = try? OutgoingDelivery(
            recorded: bytes,
            secret: settings.secret,
            dockerHubToken: settings.dockerHubToken
        ) {
            let response = await FrontDoor(webhook: site.webhook, console: console).respond(
                to: LocalRequest(
                    method: "POST",
                    path: delivery.path,
                    query: "",
                    headers: delivery.headers,
                    body: delivery.body
                )
            )
            isTaken = (200..<300).contains(response.status)
        } else {
            isTaken = show(await site.webhook.invoke(bytes), console)
        }
        await site.evaluations.settle()
        let hasFailed = await site.evaluations.hasFailed
        return isTaken && !hasFailed
    }

    /// What came of an event as Lambda gives it to the function.
    private func show(_ result: FunctionResult, _ console: Console) -> Bool {
        switch result {
        case .returned(let bytes):
            let json = String(decoding: bytes, as: UTF8.self)
            console.write("\(name): \(json)".printable)
            let status = (try? JSON(parsing: bytes))?["statusCode"]?.int ?? 200
            return status < 300
        case .failed(let type, let message):
            console.write("\(name): webhook failed: \(type): \(message)".printable)
        case .timedOut: console.write("\(name): webhook did not answer in time".printable)
        case .exited: console.write("\(name): the process of webhook ended".printable)
        }
        return false
    }
}
