import Core
import Foundation

/// Where a clone is from, by the URL of its remote.
struct GitOrigin: Equatable {
    /// The path of the repository on its server, or CodeCommit's name of it.
    let path: String
    /// The provider, where the host tells it.
    let source: Change.Source?

    /// Reads what `git remote` shows: a URL, `host:path`, a path of this machine, or
    /// `codecommit::region://profile@name` (git-remote-codecommit).
    init?(url: String) {
        var rest = Substring(url)
        var host: Substring = ""
        if rest.hasPrefix("codecommit:") {
            let name = rest.split(separator: "/").last.flatMap { $0.split(separator: "@").last }
            self.init(name.map(String.init) ?? "", .codecommit)
            return
        }
        if let scheme = rest.range(of: "://") {
            rest = rest[scheme.upperBound...]
            host = rest.prefix { $0 != "/" }
            rest = rest.dropFirst(host.count)
        } else if let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/") {
            host = rest[..<colon]
            rest = rest[rest.index(after: colon)...]
        }
        host = host.split(separator: "@").last ?? ""
        host = host.prefix { $0 != ":" }
        var path = rest.split(separator: "/").joined(separator: "/")
        if host.hasPrefix("git-codecommit") {
            self.init(path.split(separator: "/").last.map(String.init) ?? "", .codecommit)
            return
        }
        if path.hasSuffix(".git") { path = String(path.dropLast(4)) }
        self.init(path, Self.source(host.lowercased()))
    }

    private init?(_ path: String, _ source: Change.Source?) {
        guard !path.isEmpty else { return nil }
        self.path = path
        self.source = source
    }

    private static func source(_ host: String) -> Change.Source? {
        let names = host.split(separator: ".")
        if names.contains("github") { return .github }
        if names.contains("gitlab") { return .gitlab }
        return names.contains("gitea") || names.contains("codeberg") || names.contains("forgejo")
            ? .gitea : nil
    }

    /// Whether it may be a repository of a provider: other servers may keep theirs below a path.
    func isRepository(_ name: String, of source: Change.Source) -> Bool {
        guard (source == .codecommit) == (self.source == .codecommit) else { return false }
        if source == .codecommit { return name == path }
        return "/\(path.lowercased())".hasSuffix("/\(name.lowercased())")
    }

    /// The provider and the repository by the URL alone, where no rule says more.
    var repository: (source: Change.Source, name: String) {
        let source = source ?? .github
        let parts = path.split(separator: "/")
        let isWhole = source == .codecommit || source == .gitlab
        return (source, isWhole ? path : parts.suffix(2).joined(separator: "/"))
    }
}
