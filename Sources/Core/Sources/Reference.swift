/// A Git ref, told by its beginning.
enum Reference {
    case branch(String)
    case tag(String)
    /// `refs/pull/…`, `refs/notes/…` and all others.
    case other

    init(_ ref: String) {
        if let name = Self.name(ref, after: "refs/heads/") {
            self = .branch(name)
        } else if let name = Self.name(ref, after: "refs/tags/") {
            self = .tag(name)
        } else {
            self = .other
        }
    }

    /// A branch's whole name without `refs/heads/`, whatever way it is written.
    static func branchName(_ ref: String) -> String {
        name(ref, after: "refs/heads/") ?? ref
    }

    private static func name(_ ref: String, after prefix: String) -> String? {
        guard ref.utf8.starts(with: prefix.utf8), ref.utf8.count > prefix.utf8.count else {
            return nil
        }
        return String(decoding: ref.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}

extension String {
    /// Whether it is all zeros, however many: how Git writes that there is no commit.
    var isNoCommit: Bool {
        utf8.allSatisfy { $0 == UInt8(ascii: "0") }
    }
}
