internal import AWS
internal import Codec
internal import Platform

/// Completes the changed paths of a change whose event does not list them all: the provider's API is asked
/// for them, where it is configured.
struct ProviderPaths {
    private let clock: WallClock
    private let gitHub: GitHubPaths?
    private let gitea: GiteaPaths?
    private let gitLab: GitLabPaths?

    /// Milliseconds that all of it may take, and no more than a third of what there is: an
    /// evaluation is to get on without the API.
    static let patience = 12_000
    /// Milliseconds that one attempt of a call may take.
    static let attemptLimit = 5_000

    /// Reads the variables of each provider, and notes which are at fault.
    init(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        func access(
            _ provider: String,
            _ problems: inout [ConfigurationError]
        ) -> TokenAccess? {
            TokenAccess(
                provider,
                environment,
                services: services,
                attemptLimit: Self.attemptLimit,
                noting: &problems
            )
        }
        clock = services.clock
        gitHub = GitHubPaths(environment, services: services, noting: &problems)
        gitea = access("GITEA", &problems).map { GiteaPaths(access: $0) }
        gitLab = access("GITLAB", &problems).map { GitLabPaths(access: $0, clock: services.clock) }
    }

    /// What GitHub is asked with; `nil` without a token.
    var gitHubAccess: GitHubAccess? { gitHub?.access }

    /// The change's paths with those that its event does not list; `nil` where there is nothing to
    /// ask for.
    ///
    /// What cannot be had leaves the paths as they are, incomplete or not, and never fails.
    func paths(of change: Change, deadline: Deadline) -> ChangedPaths? {
        let now = clock.now()
        let deadline = deadline.limited(
            toMilliseconds: min(Self.patience, deadline.remaining(at: now) / 3),
            from: now
        )
        do throws(APIProblem) {
            return switch change.source {
            case .github: try gitHub?.paths(of: change, deadline: deadline)
            case .gitea: try gitea?.paths(of: change, deadline: deadline)
            case .gitlab: try gitLab?.paths(of: change, deadline: deadline)
            case .codecommit, .dockerhub, .ecr: nil
            }
        } catch {
            // What is said to be whole counts as that.
            guard let incomplete = change.paths.incomplete else { return nil }
            var paths = change.paths
            paths.incomplete =
                "\(incomplete), and \(change.source.title) could not be asked for them: "
                + error.description.cut(to: Self.mostOfReason)
            return paths
        }
    }

    /// How many characters of a reason are kept: some are another server's words.
    private static let mostOfReason = 300
}

extension ProviderPaths {
    /// Makes sure that the files that were listed are those of the change's own commit; throws if they are
    /// another one's.
    ///
    /// GitHub and Gitea list the files of the commit that the pull request is at when they are asked. With two
    /// pushes in a row the first commit would be judged by the files of the second. So the pull request itself
    /// is read after its files. A change of its base has an event of its own.
    ///
    /// - Parameter answer: The pull request. A server that has no such page says nothing about it.
    static func requireHead(
        of change: Change,
        in answer: Result<HTTPResponse, APIProblem>
    ) throws(APIProblem) {
        let response: HTTPResponse
        switch answer {
        case .success(let success): response = success
        case .failure(let problem):
            guard problem.status == 404, !problem.isOfToken else { throw problem }
            return
        }
        let json = try? JSON(parsing: response.body)
        guard let head = json?["head"]?["sha"]?.string else {
            throw APIProblem(.lacks("pull request", "head.sha"))
        }
        guard isSame(head, change.after ?? "") else {
            throw APIProblem(.failed, "the pull request is at \(clipped(head)) by now")
        }
    }
}

extension APIProblem {
    /// An answer cannot be read, or is not what was asked for.
    init(_ error: ParsingError) { self.init(.failed, error.description) }

    /// An API lists more than is taken of it.
    static func tooManyPaths(of provider: String) -> APIProblem {
        APIProblem(
            .failed,
            "\(provider) lists \(PathListBuilder.mostPaths) paths or more, or "
                + "\(PathListBuilder.mostBytes) bytes of them"
        )
    }
}
