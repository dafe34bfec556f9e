import Codec
import Core
import Platform

/// A push that nobody has made yet, put together from a clone or from names alone.
struct LocalPush {
    /// The repository and the branch, where the command line says them.
    var repository: String?
    var branch: String?

    /// The push that would bring a branch what another one has: `main..HEAD`.
    ///
    /// - Parameters:
    ///   - range: Two commits with two or three dots between them; none behind them is `HEAD`.
    ///   - rules: The rules that are known; they say how the repository is spelled.
    func push(
        _ range: String,
        in clone: GitRepository,
        _ rules: [Rule]
    ) throws(Failure) -> CommitPush {
        guard let dots = range.firstRange(of: ".."), dots.lowerBound > range.startIndex else {
            throw Failure("--git: expected two commits such as main..HEAD, found '\(range)'")
        }
        let base = String(range[..<dots.lowerBound])
        let rest = range[dots.upperBound...]
        let head = String(rest.hasPrefix(".") ? rest.dropFirst() : rest)
        let branch: String
        if let named = self.branch { branch = named } else { branch = try clone.branch() }
        let (choice, origin) = (RepositoryChoice(rules), clone.origin())
        if let warning = choice.warning(named: repository, origin: origin) {
            StandardError.tell(warning)
        }
        let (source, repository) = try choice.repository(named: repository, origin: origin)
        return CommitPush(
            commit: try clone.difference(of: head.isEmpty ? "HEAD" : head, from: base),
            source: source,
            repository: repository,
            branch: branch
        )
    }

    /// A push without a commit, for paths that are given by hand.
    func push(_ rules: [Rule], at time: Timestamp) throws(Failure) -> CommitPush {
        let (source, repository) = try RepositoryChoice(rules)
            .repository(named: repository, origin: nil)
        return CommitPush(
            commit: GitRepository.Commit(
                id: String(repeating: "0", count: 39) + "1",
                time: time,
                message: "",
                paths: []
            ),
            source: source,
            repository: repository,
            branch: branch ?? ""
        )
    }
}
