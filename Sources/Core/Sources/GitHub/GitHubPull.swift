internal import Codec

/// A pull request as GitHub's API shows it now, as far as it is read
/// (https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request).
struct GitHubPull: Equatable {
    var isOpen: Bool
    var isDraft: Bool
    var labels: [String]
    /// The commit that it is at.
    var head: String
    var headBranch: String
    /// The repository that the head lies in; `nil` if that is gone.
    var headRepository: String?
    var base: String
    var baseCommit: String?

    /// Reads an answer; `nil` if it is no pull request.
    init?(_ body: [UInt8]) {
        guard let json = try? JSON(parsing: body), let state = json["state"]?.string,
            let head = json["head"]?["sha"]?.string, let headBranch = json["head"]?["ref"]?.string,
            let base = json["base"]?["ref"]?.string
        else { return nil }
        isOpen = state.utf8.elementsEqual("open".utf8)
        isDraft = json["draft"]?.bool ?? false
        labels = (json["labels"]?.array ?? []).compactMap { $0["name"]?.string }
        self.head = head
        self.headBranch = headBranch
        headRepository = json["head"]?["repo"]?["full_name"]?.string
        self.base = base
        baseCommit = json["base"]?["sha"]?.string
    }

    /// Whether its head lies in another repository, or in one that is gone.
    func isFork(of repository: String) -> Bool {
        guard let headRepository else { return true }
        return !equalsIgnoringASCIICase(headRepository, repository)
    }
}

/// What a user may do in a repository
/// (https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user).
enum GitHubPermission {
    /// The base role, `admin`, `write`, `read` or `none`; `nil` if the answer has none.
    ///
    /// It counts the role `maintain` as `write`, and every role of an organisation's own as what that is
    /// based on.
    static func role(by body: [UInt8]) -> String? {
        (try? JSON(parsing: body))?["permission"]?.string
    }

    /// Whether a role is one that may push.
    static func mayWrite(_ role: String) -> Bool {
        ["write", "admin"].contains { isSame($0, role) }
    }
}
