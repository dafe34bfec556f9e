package import AWS
internal import Codec
package import Platform

/// Commits of CodeCommit: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/codecommit/latest/APIReference/Welcome.html).
package enum CodeCommit {
    /// One page of what two commits differ in.
    package struct Page: Equatable, Sendable {
        /// The paths as UTF-8, before and after: of a renamed file both.
        var paths: [[UInt8]]
        /// What the next page is asked for with; `nil` on the last.
        var continuation: String?
    }

    /// GetDifferences: a page of the files in which two commits differ, or of all files of one
    /// where there is no other
    /// (https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetDifferences.html).
    ///
    /// How many are on a page is left to the service unless given: its largest is not documented.
    static func getDifferences(
        _ repository: String,
        before: String?,
        after: String,
        maxResults: Int? = nil,
        continuation: String? = nil
    ) -> AWSCall {
        call("GetDifferences", repository) {
            $0.member("repositoryName", repository)
            $0.member("beforeCommitSpecifier", before)
            $0.member("afterCommitSpecifier", after)
            // These two alone begin with a capital.
            $0.member("MaxResults", maxResults)
            $0.member("NextToken", continuation)
        }
    }

    package static func page(of call: AWSCall, _ response: HTTPResponse) throws(CallError) -> Page {
        var page = Page(paths: [], continuation: nil)
        var hasDifferences = false
        do throws(JSONError) {
            var reader = JSONReader(response.body)
            try reader.object { (key, value) throws(JSONError) in
                switch key {
                case "differences":
                    hasDifferences = true
                    try value.array { (difference) throws(JSONError) in
                        try difference.object { (key, blob) throws(JSONError) in
                            guard key == "beforeBlob" || key == "afterBlob" else { return }
                            if let path = try Self.path(&blob) { page.paths.append(path) }
                        }
                    }
                case "NextToken": page.continuation = try value.optionalString()
                default: break
                }
            }
            try reader.end()
        } catch {
            throw .unreadable(call, response, "\(error)")
        }
        guard hasDifferences else {
            throw .unreadable(call, response, "the answer has no differences")
        }
        if page.continuation?.utf8.isEmpty == true { page.continuation = nil }
        return page
    }

    /// GetCommit
    /// (https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetCommit.html).
    static func getCommit(_ repository: String, _ commit: String) -> AWSCall {
        call("GetCommit", repository) {
            $0.member("repositoryName", repository)
            $0.member("commitId", commit)
        }
    }

    /// Reads the first parent out of the answer to `getCommit`; `nil` for a root commit.
    package static func firstParent(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String? {
        guard let commit = (try? JSON(parsing: response.body))?["commit"],
            commit["commitId"]?.string != nil
        else { throw .unreadable(call, response, "the answer has no commit.commitId") }
        guard let parents = commit["parents"]?.array, let first = parents.first else { return nil }
        guard let parent = first.string else {
            throw .unreadable(call, response, "the commit's first parent is no text")
        }
        return parent
    }

    /// The root folder as it is in the commit that a tag points to, by the tag's name: its answer
    /// names that commit, of an annotated tag too
    /// (https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetFolder.html).
    ///
    /// CodeCommit has no call that tells what a tag object points to.
    static func getFolder(_ repository: String, tag: String) -> AWSCall {
        call("GetFolder", repository) {
            $0.member("repositoryName", repository)
            $0.member("commitSpecifier", "refs/tags/\(tag)")
            $0.member("folderPath", "")
        }
    }

    /// Reads the commit's id out of the answer to `getFolder`.
    static func folderCommit(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        try call.member("commitId", of: response) { id($0) }
    }

    /// Reads the commit's id out of the answer to `getCommit`.
    static func commitID(of call: AWSCall, _ response: HTTPResponse) throws(CallError) -> String {
        try call.member("commit.commitId", of: response) { id($0) }
    }

    private static func id(_ value: JSON) -> String? {
        value.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether an error says that an id is no commit's.
    static func isAboutNoCommit(_ error: CallError) -> Bool {
        isAboutMissingCommit(error) || error.code == "InvalidCommitIdException"
    }

    /// Whether an error says that a commit is not in the repository, as after a forced push.
    static func isAboutMissingCommit(_ error: CallError) -> Bool {
        ["CommitDoesNotExistException", "CommitIdDoesNotExistException", "InvalidCommitException"]
            .contains(error.code)
    }

    private static func path(_ blob: inout JSONReader) throws(JSONError) -> [UInt8]? {
        guard try blob.kind() == .object else {
            try blob.skip()
            return nil
        }
        var path: [UInt8]?
        try blob.object { (key, value) throws(JSONError) in
            if key == "path" { path = try value.utf8() }
        }
        return path
    }

    private static func call(
        _ operation: String,
        _ repository: String,
        _ members: (inout JSONWriter) -> Void
    ) -> AWSCall {
        var call = AWSCall.json(
            .codeCommit,
            operation,
            of: repository,
            targetPrefix: "CodeCommit_20150413",
            members
        )
        // "The encryption key is not available": AWS KMS is away for the moment.
        call.retryableCodes = ["EncryptionKeyUnavailableException"]
        return call
    }
}
