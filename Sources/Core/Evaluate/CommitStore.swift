internal import AWS
internal import Platform

/// Which commits of a CodeCommit branch have been evaluated, kept in S3 by compare-and-swap.
struct CommitStore {
    let services: Services
    let change: Change

    /// How often the object is written anew when other runs have written it meanwhile.
    private static let rounds = 8
    /// Milliseconds at the most until it is read again.
    private static let longestPause = 100

    /// Enters the change's commit: all commits of its branch, with it.
    func enter(deadline: Deadline) throws(CallError) -> EvaluatedCommits {
        try update(deadline: deadline) { $0.enter(change) }
    }

    /// Marks the change's commit as done, so that those to come are compared with it; whether
    /// that was right to do.
    ///
    /// It is not where an older push was entered while this one was evaluated, and this one has
    /// not been compared with it: then nothing is written.
    func conclude(
        compared steps: [EvaluatedCommits.Step]?,
        deadline: Deadline
    ) throws(CallError) -> Bool {
        var isWhole = true
        _ = try update(deadline: deadline) { commits in
            if let steps {
                isWhole = commits.steps(to: change).allSatisfy { steps.contains($0) }
            }
            return isWhole && commits.conclude(change)
        }
        return isWhole
    }

    /// Applies an edit, unless it says that it is none, to the object as it is at that moment.
    ///
    /// A write whose answer was lost looks like another run's: read again, it leaves the edit
    /// nothing to do.
    private func update(
        deadline: Deadline,
        _ edit: (inout EvaluatedCommits) -> Bool
    ) throws(CallError) -> EvaluatedCommits {
        let key = EvaluatedCommits.key(of: change)
        let reading = services.s3.getObject("\(services.prefix)/\(key)")
        for _ in 0..<Self.rounds {
            let response = try services.client.send(reading, deadline: deadline)
            var commits = EvaluatedCommits()
            var condition = S3.Condition.absent
            if case .object(let object) = try S3.result(ofGet: reading, response) {
                condition = .unchanged(etag: object.etag)
                if let known = EvaluatedCommits(parsing: object.body) {
                    commits = known
                } else {
                    services.log.warning("\(reading.resource) lists no commits, is overwritten")
                }
            }
            guard edit(&commits) else { return commits }
            let writing = services.s3.putObject(
                "\(services.prefix)/\(key)",
                commits.encoded(),
                contentType: "application/json",
                condition: condition
            )
            let written = try services.client.send(writing, deadline: deadline)
            if case .stored = try S3.result(ofPut: writing, written) { return commits }
            services.clock.sleep(services.random.next(upTo: Self.longestPause))
        }
        throw CallError(
            reading,
            code: "Contended",
            message: "other runs keep writing the branch's commits",
            isRetryable: true
        )
    }
}
