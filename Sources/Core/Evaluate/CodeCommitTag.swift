internal import AWS
internal import Platform

/// The commit that a tag of CodeCommit points to: its events name what the tag is at, which is a
/// tag object where the tag is annotated, and do not say which of the two it is.
///
/// An id that is no commit's is a tag object's, or that of something that no pipeline can run on.
/// CodeCommit then tells the commit by the tag's name alone: of a tag that was moved meanwhile
/// that is the newer commit, and of one that was removed there is none.
struct CodeCommitTag {
    let services: Services
    let change: Change

    /// The change with its commit; without one where the tag points to something else.
    func resolved(deadline: Deadline) throws(CallError) -> Change {
        guard let object = change.after, let tag = change.tag else { return change }
        let asCommit = CodeCommit.getCommit(change.repository, object)
        if try commit(asCommit, CodeCommit.commitID, deadline) != nil { return change }
        let byName = CodeCommit.getFolder(change.repository, tag: tag)
        var resolved = change
        resolved.after = try commit(byName, CodeCommit.folderCommit, deadline)
        resolved.tagObject = object
        return resolved
    }

    /// The commit that an answer names; `nil` where there is none.
    private func commit(
        _ call: AWSCall,
        _ read: (AWSCall, HTTPResponse) throws(CallError) -> String,
        _ deadline: Deadline
    ) throws(CallError) -> String? {
        do throws(CallError) {
            return try read(call, services.client.send(call, deadline: deadline))
        } catch  where CodeCommit.isAboutNoCommit(error) {
            return nil
        }
    }
}
