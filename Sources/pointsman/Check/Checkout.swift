import Core
import Foundation

/// The clone in which rules are checked: it tells of the repository that it is of what is a folder.
final class Checkout {
    private let folder: String
    /// Asked for once, and only where a rule needs it.
    private lazy var clone: (root: String, origin: GitOrigin)? = {
        let repository = GitRepository(path: folder)
        guard let root = repository.root(), let origin = repository.origin() else { return nil }
        return (root, origin)
    }()

    /// - Parameter folder: A folder of the clone.
    init(of folder: String) {
        self.folder = folder
    }

    /// What lies at a path of a repository; `nil` where that is not known, or nothing does.
    func kind(of path: String, in repository: String, of source: Change.Source)
        -> FileAttributeType?
    {
        guard !path.isEmpty, !path.split(separator: "/").contains(".."),
            let clone, clone.origin.isRepository(repository, of: source)
        else { return nil }
        return FileAttributeType(at: "\(clone.root)/\(path)")
    }
}
