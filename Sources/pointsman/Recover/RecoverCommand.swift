import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// `pointsman recover`: has GitHub deliver what it could not deliver.
struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Has GitHub deliver once more what a webhook missed.",
        discussion: """
            HOOK is repos/OWNER/NAME/hooks/ID, orgs/NAME/hooks/ID or app/hook; the id ends the URL \
            of the webhook's page in GitHub. GITHUB_TOKEN is a token, or a GitHub App as JSON: \
            {"appId": …, "privateKey": "…"}. GITHUB_API_URL is where an Enterprise Server is: \
            https://HOST/api/v3.

            What did the webhook miss in the last three days?
              GITHUB_TOKEN=… pointsman recover repos/octo-org/monorepo/hooks/12345678 \\
                --dry-run

            Deliver what it missed since noon, and what was accepted and not decided:
              GITHUB_TOKEN=… pointsman recover repos/octo-org/monorepo/hooks/12345678 \\
                --since 4h --stack pointsman

            At most 50 are delivered again, the oldest first, and each three times at most. Nothing \
            starts twice.

            Exit status: 0, nothing is missed any more; 1, something is; 2, it could not be done.
            """
    )

    @Argument(help: "The webhook.")
    var hook: String

    @Option(help: ArgumentHelp("How far to look back: 3d, 12h or 45m.", valueName: "time"))
    var since = "3d"

    @Flag(help: "Show what is missed, and have nothing delivered.")
    var dryRun = false

    @OptionGroup var stack: StackOptions

    @OptionGroup var output: OutputOptions

    /// Milliseconds that it may take: 10 minutes.
    private static let patience = 600_000

    func validate() throws {
        guard GitHubHook(hook) != nil else {
            throw ValidationError(
                "expected repos/OWNER/NAME/hooks/ID, orgs/NAME/hooks/ID or app/hook, found '\(hook)'"
            )
        }
        guard Self.milliseconds(since) != nil else {
            throw ValidationError(
                "--since: expected a time such as 3d, 12h or 45m, found '\(since)'"
            )
        }
    }

    /// Milliseconds of a time; `nil` of none, or of more than the 7 days that an Enterprise Server keeps.
    static func milliseconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["d": 86_400_000, "h": 3_600_000, "m": 60_000]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()),
            (1...10_080).contains(number), number * unit <= 7 * 86_400_000
        else { return nil }
        return number * unit
    }

    func run() throws {
        guard let hook = GitHubHook(hook), let back = Self.milliseconds(since) else { return }
        let environment = Environment.process
        guard let token = environment["GITHUB_TOKEN"] else {
            throw Failure("reading the deliveries: GITHUB_TOKEN is missing")
        }
        guard let url = GitHubAccess.url(environment) else {
            throw Failure("reading the deliveries: GITHUB_API_URL is not an https:// URL")
        }
        let clock = WallClock.system
        let bucket = stack.isKnown ? try stack.open() : nil
        let retries = RetryNotice(try HTTPClient.ofTool(environment).transport)
        let recovery = Recovery(
            access: GitHubAccess(
                url: url,
                token: Secret(token),
                named: "GITHUB_TOKEN",
                transport: retries.transport,
                clock: retries.clock,
                random: .system
            ),
            records: bucket?.decisionLookup,
            clock: clock
        )
        let now = clock.now()
        let deadline = Deadline(now.adding(milliseconds: Self.patience))
        let report = RecoverReport(
            since: now.adding(milliseconds: -back),
            isDryRun: dryRun,
            result: try recover(hook, recovery, since: now.adding(milliseconds: -back), deadline)
        )
        try output.show(report.json, report.lines)
        if let problem = report.result.problem { throw Failure("delivering again: \(problem)") }
        if report.result.isAnyMissed { throw ExitCode.found }
    }

    private func recover(
        _ hook: GitHubHook,
        _ recovery: Recovery,
        since: Timestamp,
        _ deadline: Deadline
    ) throws(Failure) -> HookRecovery {
        let found: HookRecovery
        StatusLine.show("reading the deliveries of \(hook.name)")
        do throws(APIProblem) {
            found = try recovery.find(hook, since: since, deadline: deadline)
        } catch {
            throw Failure("reading the deliveries: \(error)")
        }
        guard !dryRun else { return found }
        var results = [found]
        StatusLine.show("having GitHub deliver again what was missed")
        recovery.redeliver(&results, deadline: deadline) { _ in }
        return results[0]
    }
}

extension HookRecovery {
    /// Whether something is still to be delivered, or will not be.
    fileprivate var isAnyMissed: Bool { redelivered < missed.count }
}

/// What `recover` shows.
struct RecoverReport {
    var since: Timestamp
    var isDryRun: Bool
    var result: HookRecovery

    func lines(_ terminal: Terminal) -> [String] {
        let heading =
            "\(result.hook.name): \(count(result.deliveries, "delivery", "deliveries")) since "
            + since.iso8601
        guard !result.missed.isEmpty else { return [heading, "nothing is missed"] }
        let events = max(5, result.missed.map(\.event.printable.count).max() ?? 0)
        let ids = max(8, result.missed.map(\.guid.printable.count).max() ?? 0)
        let reasons = max(3, result.missed.map(\.reason.count).max() ?? 0)
        let columns =
            "delivered".padded(to: 20) + "  " + "event".padded(to: events) + "  "
            + "delivery".padded(to: ids) + "  " + "why".padded(to: reasons) + "  what is done"
        return [heading, "", terminal.styled(columns, .dim)]
            + result.missed.map { missed in
                let (words, style) = words(missed)
                return missed.firstAt.iso8601 + "  "
                    + missed.event.printable.padded(to: events) + "  "
                    + missed.guid.printable.padded(to: ids) + "  "
                    + missed.reason.padded(to: reasons) + "  "
                    + terminal.styled(words.printable, style)
            } + ["", totals]
    }

    private func words(_ missed: MissedDelivery) -> (String, Style) {
        switch missed.outcome {
        case .redelivered: ("delivered again", .green)
        case .givenUp(let reason): ("given up: \(reason)", .red)
        case nil: (isDryRun ? "would be delivered again" : "waits for another run", .yellow)
        }
    }

    private var totals: String {
        let waiting = result.missed.count - result.redelivered - result.givenUp
        var parts: [String] = []
        if result.redelivered > 0 { parts.append("\(result.redelivered) delivered again") }
        if waiting > 0 {
            parts.append(
                "\(waiting) \(isDryRun ? "would be delivered again" : "waiting for another run")"
            )
        }
        if result.givenUp > 0 { parts.append("\(result.givenUp) given up") }
        return "\(result.missed.count) missed: \(parts.joined(separator: ", "))"
    }

    private func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    var json: JSON {
        JSON([
            "hook": .string(result.hook.name),
            "since": .string(since.iso8601Milliseconds),
            "deliveries": .int(result.deliveries),
            "redelivered": .int(result.redelivered),
            "givenUp": .int(result.givenUp),
            "missed": .array(
                result.missed.map { missed in
                    var outcome = "waiting"
                    var because: String?
                    switch missed.outcome {
                    case .redelivered: outcome = "redelivered"
                    case .givenUp(let reason):
                        outcome = "givenUp"
                        because = reason
                    case nil: break
                    }
                    return JSON([
                        "delivery": .string(missed.guid),
                        "event": .string(missed.event),
                        "deliveredAt": .string(missed.firstAt.iso8601Milliseconds),
                        "reason": .string(missed.reason),
                        "redeliveries": .int(missed.redeliveries),
                        "outcome": .string(outcome),
                        "because": because.map { .string($0) },
                    ])
                }
            ),
        ])
    }
}
