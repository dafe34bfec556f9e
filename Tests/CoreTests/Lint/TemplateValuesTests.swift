import Testing

@testable import Core

@Suite struct TemplateValuesTests {
    /// A change of each source and kind has exactly the values that are promised of it.
    @Test(arguments: [
        (Change.push(["a"]), "tag pullRequest image"),
        (.tag("v1"), "branch pullRequest image"),
        (.pullRequest("synchronize"), "tag message image"),
        (.imagePush, "after before ref branch message pullRequest"),
    ])
    func `placeholders without a value are known`(change: Change, empty: String) throws {
        let all = Template.Placeholder.known
        let template = try Template(all.map { "#{\($0)}" }.joined(separator: " "))
        let found = template.placeholders(emptyFor: change.source, [change.kind])
        #expect(found.map(\.rawValue).joined(separator: " ") == empty)
        for placeholder in found {
            let rendered = try Template("#{\(placeholder.rawValue)}").render(change)
            #expect(rendered == "", "\(placeholder) has a value")
        }
    }

    @Test func `of several kinds one that has a value is enough`() throws {
        let template = try Template("#{tag} #{pullRequest}")
        #expect(template.placeholders(emptyFor: .github, [.push, .tag]) == [.pullRequest])
        #expect(template.placeholders(emptyFor: .github, []) == [])
    }
}
