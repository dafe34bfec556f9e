import Codec
import Foundation

/// CodeCommit's commits in memory, and what it answers about them.
///
/// A commit is its parents and all of its files. Two commits differ in what their files differ
/// in; a file that is gone from one path and is at another with the same content was renamed.
struct FakeCodeCommit {
    struct Commit {
        var parents: [String]
        var files: [String: String]
    }

    struct Refusal: Error {
        var code: String
    }

    /// By id.
    var commits: [String: Commit] = [:]
    /// The commits that tags point to, by the tag's whole ref.
    var tags: [String: String] = [:]
    /// Differences on a page.
    var pageSize = 100

    /// Makes a commit: the first parent's files with those changes (`nil` removes one).
    mutating func commit(
        _ id: String,
        on parents: [String] = [],
        _ changes: [String: String?]
    ) {
        var files = parents.first.flatMap { commits[$0]?.files } ?? [:]
        for (path, content) in changes { files[path] = content }
        commits[id] = Commit(parents: parents, files: files)
    }

    private func found(_ id: String, _ code: String) throws(Refusal) -> Commit {
        guard let commit = commits[id] else { throw Refusal(code: code) }
        return commit
    }

    /// The answer to GetCommit.
    func getCommit(_ input: JSON) throws(Refusal) -> JSON {
        let id = input["commitId"]?.string ?? ""
        let commit = try found(id, "CommitIdDoesNotExistException")
        return [
            "commit": [
                "commitId": .string(id), "parents": .array(commit.parents.map(JSON.string)),
            ]
        ]
    }

    /// The answer to GetFolder, of the root.
    func getFolder(_ input: JSON) throws(Refusal) -> JSON {
        guard let commit = tags[input["commitSpecifier"]?.string ?? ""] else {
            throw Refusal(code: "CommitDoesNotExistException")
        }
        return ["commitId": .string(commit), "folderPath": "", "treeId": "t", "files": .array([])]
    }

    /// The answer to GetDifferences.
    func getDifferences(_ input: JSON) throws(Refusal) -> JSON {
        let code = "CommitDoesNotExistException"
        let before = try input["beforeCommitSpecifier"]?.string
            .map { (id) throws(Refusal) in try found(id, code).files }
        let after = try found(input["afterCommitSpecifier"]?.string ?? "", code).files
        let all = Self.differences(before ?? [:], after)
        let start = Int(input["NextToken"]?.string ?? "0") ?? 0
        let page = all[start...].prefix(input["MaxResults"]?.int ?? pageSize)
        var answer: [JSON.Member] = [.init(key: "differences", value: .array(Array(page)))]
        if page.endIndex < all.endIndex {
            answer.append(.init(key: "NextToken", value: .string("\(page.endIndex)")))
        }
        return .object(answer)
    }

    private static func differences(
        _ before: [String: String],
        _ after: [String: String]
    ) -> [JSON] {
        var gone = before.filter { after[$0.key] == nil }
        var all: [JSON] = []
        for (path, content) in after.sorted(by: { $0.key < $1.key }) where before[path] != content {
            if before[path] != nil {
                all.append(["beforeBlob": blob(path), "afterBlob": blob(path)])
            } else if let from = gone.first(where: { $0.value == content })?.key {
                gone[from] = nil
                all.append(["beforeBlob": blob(from), "afterBlob": blob(path)])
            } else {
                all.append(["afterBlob": blob(path)])
            }
        }
        return all + gone.keys.sorted().map { ["beforeBlob": blob($0)] }
    }

    private static func blob(_ path: String) -> JSON {
        ["blobId": "b", "path": .string(path), "mode": "100644"]
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral {
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { .init(key: $0.0, value: $0.1) })
    }

    init(stringLiteral value: String) {
        self = .string(value)
    }
}
