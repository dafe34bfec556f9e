internal import Codec

/// A webhook at GitHub, as its API names it: `orgs/{org}/hooks/{id}`, `repos/{owner}/{repo}/hooks/{id}`,
/// or `app/hook`, which is a GitHub App's own.
package struct GitHubHook: Equatable, Sendable {
    /// The name, which is the API's path without the slash before it.
    package let name: String
    /// What its deliveries are read and made again with.
    let purpose: GitHubPurpose

    /// `nil` if the text is none of those.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.allSatisfy({ Self.isName($0) }) else { return nil }
        name = text
        if isSame(text, "app/hook") {
            purpose = .app
        } else if parts.count == 4, isSame(parts[0], "orgs"), Self.isHook(parts[2...]) {
            purpose = .organizationHooks(parts[1])
        } else if parts.count == 5, isSame(parts[0], "repos"), Self.isHook(parts[3...]) {
            purpose = .repositoryHooks("\(parts[1])/\(parts[2])")
        } else {
            return nil
        }
    }

    /// Whether two are the same, by their names' bytes.
    package static func == (one: GitHubHook, other: GitHubHook) -> Bool {
        isSame(one.name, other.name)
    }

    /// What GitHub's logins and repositories are made of: it goes into a path as it is.
    private static func isName(_ text: String) -> Bool {
        !text.utf8.isEmpty && !text.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
    }

    /// `hooks` and a number.
    private static func isHook(_ parts: ArraySlice<String>) -> Bool {
        guard let word = parts.first, let id = parts.last else { return false }
        return isSame(word, "hooks") && id.utf8.allSatisfy { $0.isASCIIDigit }
    }
}
