internal import AWS
internal import Platform

/// Makes the self-check that answers the test of a CodeCommit trigger, and keeps it where
/// decision records lie.
///
/// It is `evaluate` that makes it and not `webhook`, which sees no rules and may not read a
/// repository: what is checked is what the next push will meet.
struct SelfCheckRun {
    let services: Services
    let rules: RuleStore
    let test: TriggerTest

    /// Reads the rules, tries to read the repository, and writes down what is found.
    func perform(deadline: Deadline) throws(CallError) -> SelfCheck {
        let change = test.likelyChange
        let trials = trials
        var (listing, answers) = try rules.list(for: change, along: trials, deadline: deadline)
        var access: [String] = []
        for answer in answers {
            guard case .failure(let error) = answer else { continue }
            if error.isRetryable { throw error }
            access.append(
                "evaluate cannot read the repository, so changed paths will not be known: \(error)"
            )
        }
        var checked: [SelfCheck.CheckedRule] = []
        while let portion = rules.next(of: &listing, deadline: deadline) {
            checked += SelfCheck.checked(portion.rules, for: test)
        }
        let check = SelfCheck(
            test,
            checked,
            folder: services.keys.rules(of: .codecommit, test.repository),
            access: access
        )
        let key = services.keys.decision(test.delivery, receivedAt: test.receivedAt)
        _ = try services.client.send(services.put(key, check.encoded()), deadline: deadline)
        return check
    }

    /// What `evaluate` will ask CodeCommit; an empty repository has nothing to be asked for.
    private var trials: [AWSCall] {
        guard let commit = test.commit else { return [] }
        return [
            CodeCommit.getCommit(test.repository, commit),
            CodeCommit.getDifferences(
                test.repository,
                before: commit,
                after: commit,
                maxResults: 1
            ),
        ]
    }
}
