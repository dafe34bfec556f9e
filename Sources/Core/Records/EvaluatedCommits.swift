internal import Codec
internal import Platform

/// The commits of one CodeCommit branch that have been evaluated or are about to be: the object
/// at `{S3_PREFIX}/commits/codecommit/{repository}/{ref}.json`.
///
/// A CodeCommit trigger tells where a branch is now and not where it was, so what a push has
/// changed is what its commit and the last one evaluated differ in. Which commit is the last has
/// to be right whatever order pushes are evaluated in, and however their runs overlap or fail:
///
/// - **A run enters its commit before it compares anything** and marks it done when every start
///   is done. Both are conditional writes of the whole object, read anew where another run was
///   faster. A run that finds, when it is done, that an older push has been entered meanwhile
///   is made once more, compared with that one too: so of two runs at once the newer always
///   knows of the older.
/// - **Entries lie in the order of CodeCommit's own times**, not in that of arrival: an older
///   delivery that comes late never becomes the last commit and takes nothing from a newer one.
/// - **A commit is compared with the newest that is older and done**, by way of all that are
///   older and not done yet: each step on its own, their paths together. If one of those fails
///   for good, its paths are in here too. If it succeeds, this push's own step has still been
///   looked at by itself, so that what one push changes and the next reverts concerns both.
/// - **A failed run's entry is not done**, and nobody builds on it.
/// - **An older push that is entered when a newer one is done already** starts things on its own,
///   older, commit. So the newer one counts as not done again: the next push looks once more at
///   what lies between the two, and starts on its own commit what the late one has set back.
///
/// Nothing is lost by it: every commit evaluated is compared with one that had been evaluated
/// before, so a file in which any two of them differ differs in a step that some run looked at.
///
/// A start that its target refused for good counts as done: it would otherwise hold the commit
/// back, and every push would start everything since then again.
package struct EvaluatedCommits: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var commit: String
        /// When the branch moved there, by CodeCommit's clock.
        var at: Timestamp
        var delivery: String
        /// Every start that it called for is done.
        var isDone: Bool
    }

    /// Oldest first.
    private(set) var entries: [Entry] = []

    /// How many are kept: for deliveries that come late, and for runs that overlap.
    static let kept = 16

    /// Enters the commit of a push that is about to be evaluated; whether that is news.
    package mutating func enter(_ change: Change) -> Bool {
        guard let commit = change.after, index(of: change) == nil else { return false }
        for index in position(of: change)..<entries.endIndex { entries[index].isDone = false }
        insert(commit, change, isDone: false)
        return true
    }

    /// Marks the commit of a push as done; whether that is news.
    mutating func conclude(_ change: Change) -> Bool {
        guard let commit = change.after else { return false }
        guard let index = index(of: change) else {
            insert(commit, change, isDone: true)
            return true
        }
        guard !entries[index].isDone else { return false }
        entries[index].isDone = true
        return true
    }

    /// Two commits to be compared.
    package struct Step: Equatable, Sendable {
        var base: Base
        var after: String

        enum Base: Equatable, Sendable {
            case commit(String)
            /// Its own first parent, since no other is known.
            case firstParent
        }
    }

    /// The comparisons that tell what a push has changed; steps that lead nowhere are left out.
    package func steps(to change: Change) -> [Step] {
        guard let commit = change.after else { return [] }
        let earlier = entries[..<(index(of: change) ?? position(of: change))]
        let start = earlier.lastIndex { $0.isDone } ?? earlier.startIndex
        let commits = earlier[start...].map { $0.commit } + [commit]
        var steps: [Step] = []
        if earlier.isEmpty || !earlier[start].isDone {
            steps.append(Step(base: .firstParent, after: commits[0]))
        }
        for (before, after) in zip(commits, commits.dropFirst()) where before != after {
            steps.append(Step(base: .commit(before), after: after))
        }
        return steps
    }

    private func index(of change: Change) -> Int? {
        entries.firstIndex { $0.delivery == change.delivery }
    }

    /// After all that are not newer.
    private func position(of change: Change) -> Int {
        let time = change.eventTime ?? change.receivedAt
        return entries.firstIndex { $0.at > time } ?? entries.endIndex
    }

    private mutating func insert(_ commit: String, _ change: Change, isDone: Bool) {
        entries.insert(
            Entry(
                commit: commit,
                at: change.eventTime ?? change.receivedAt,
                delivery: change.delivery,
                isDone: isDone
            ),
            at: position(of: change)
        )
        while entries.count > Self.kept {
            // The oldest goes, but never the last commit that is done.
            let last = entries.lastIndex { $0.isDone }
            entries.remove(at: last == 0 ? 1 : 0)
        }
    }
}

extension EvaluatedCommits {
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.objects("commits", entries) { json, entry in
                json.member("commit", entry.commit)
                json.member("at", entry.at.iso8601Milliseconds)
                json.member("delivery", entry.delivery)
                json.member("done", entry.isDone)
            }
        }
        return json.bytes
    }

    /// Reads the object; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let commits = (try? JSON(parsing: bytes))?["commits"]?.array else { return nil }
        for json in commits {
            guard let commit = json["commit"]?.string,
                let at = json.timestamp("at"),
                let delivery = json["delivery"]?.string, let isDone = json["done"]?.bool
            else { return nil }
            entries.append(Entry(commit: commit, at: at, delivery: delivery, isDone: isDone))
        }
    }
}
