internal import Codec

/// What is said of a commit for one context.
package struct CommitStatus: Equatable, Sendable {
    package let state: CommitState
    /// Why, in few words, without ARNs and account numbers: the page may be public.
    package let description: String
    /// The page of the run, where there is one.
    let targetURL: String?

    /// GitHub refuses a longer description with 422.
    private static let longest = 140

    /// - Parameter words: Why; as much of it as there is room for is said.
    init(_ state: CommitState, _ words: String, targetURL: String? = nil) {
        self.state = state
        let words = words.withoutAccounts
        let isWhole = words.unicodeScalars.count <= Self.longest
        description = isWhole ? words : words.cut(to: Self.longest - 1) + "…"
        self.targetURL = targetURL
    }

    /// Takes what was kept.
    init(state: CommitState, kept description: String, targetURL: String?) {
        self.state = state
        self.description = description
        self.targetURL = targetURL
    }
}

extension Decision {
    /// The status that is set at first for a change, and its context; `nil` if none is.
    package func commitStatus(for change: Change) -> (context: String, status: CommitStatus)? {
        guard let context = status, change.after != nil else { return nil }
        guard outcome == .start else {
            return RuleOutcome(self).statusWithoutRun(kind: change.kind.rawValue)
                .map { (context, $0) }
        }
        if ends { return nil }
        do throws(RuleProblem) {
            guard let target = try Start(self, of: change)?.action.facts.target else { return nil }
            return (context, CommitStatus(.pending, "started \(target.kind) \(target.name)"))
        } catch {
            return (context, CommitStatus(.error, error.description))
        }
    }
}

extension RuleOutcome {
    /// The status of a rule that has started no run for this change; `nil` if none is set.
    ///
    /// A pull request and a merge queue wait for the status of what is skipped, too. A skip is a success only if
    /// its clause says that all changed paths are known and none is the rule's. One that says that nobody knows is
    /// an error. Any other sets no status.
    ///
    /// - Parameter kind: The change's: `pull_request`.
    package func statusWithoutRun(kind: String) -> CommitStatus? {
        switch outcome {
        case .skipped:
            // With an answer it is not the rule that has skipped the change.
            guard kind == "pull_request" || kind == "merge_group", answer == nil else { return nil }
            guard let clause = Clause(rawValue: clause) else { return nil }
            if clause.isOfKnownPaths { return CommitStatus(.success, "skipped: \(reason)") }
            return clause == .whenPathsUnknown ? CommitStatus(.error, reason) : nil
        case .failed: return CommitStatus(.error, answer ?? reason)
        case .invalid: return CommitStatus(.error, reason)
        case .started, .alreadyStarted, .unchanged: return nil
        }
    }
}

extension String {
    /// The text with `…` for every ARN and every account number, which has 12 digits.
    var withoutAccounts: String {
        let bytes = [UInt8](utf8)
        var shown: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let end = bytes.endOfAccount(from: index)
            if end > index {
                shown += Array("…".utf8)
                index = end
            } else {
                shown.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Where an ARN or an account number ends that begins at an index; that index where none does.
    fileprivate func endOfAccount(from start: Int) -> Int {
        let before = start > 0 ? self[start - 1] : UInt8(ascii: " ")
        if !before.isASCIILetterOrDigit, self[start...].starts(with: "arn:aws".utf8) {
            return self[start...].firstIndex { $0 <= 0x20 || "'\"`,;()<>".utf8.contains($0) }
                ?? count
        }
        guard self[start].isASCIIDigit, !before.isASCIIDigit else { return start }
        let end = self[start...].firstIndex { !$0.isASCIIDigit } ?? count
        return end - start == 12 ? end : start
    }
}
