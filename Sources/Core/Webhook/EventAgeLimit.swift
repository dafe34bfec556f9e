internal import AWS
internal import Codec
internal import Platform

/// How old an event may be that a signed request tells of (`MAX_EVENT_AGE_DAYS`).
///
/// A signature holds no time: anybody who has seen a request can send it again at any time.
/// The ledger prevents a second start only while it remembers the first, and only while the rule
/// keeps its key. This limit holds for all rules, by the event's own time, which is signed.
struct EventAgeLimit {
    /// Whole days; `nil` where there is no limit.
    let days: Int?

    static let variable = "MAX_EVENT_AGE_DAYS"
    /// GitHub keeps deliveries for three days to be redelivered; this leaves time to notice.
    static let defaultDays = 7
    private static let mostDays = 36_500
    private static let millisecondsPerDay = 86_400_000

    /// Reads the variable, and notes it where it is no number of days; 0 is no limit.
    init(_ environment: Environment, noting problems: inout [ConfigurationError]) {
        guard let text = environment[Self.variable] else {
            days = Self.defaultDays
            return
        }
        let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let number = Int(text), number <= Self.mostDays else {
            problems.append(
                ConfigurationError(
                    Self.variable,
                    "is no whole number of days from 0 to \(Self.mostDays)"
                )
            )
            days = nil
            return
        }
        days = number == 0 ? nil : number
    }

    /// The description, or that its event is ignored since it is too old.
    func applied(to description: Description, at now: Timestamp) -> Description {
        guard let days, let signedTime = description.signedTime else { return description }
        let age = now.milliseconds - signedTime.milliseconds
        guard age > days * Self.millisecondsPerDay else { return description }
        let limit = Self.inWords(days)
        return .ignored(
            "the event is \(Self.inWords(age / Self.millisecondsPerDay)) old; "
                + "older than \(limit) cannot be told from a replayed request"
        )
    }

    private static func inWords(_ days: Int) -> String {
        days == 1 ? "1 day" : "\(days) days"
    }
}
