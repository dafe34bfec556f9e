import Testing

@testable import Core

@Suite struct GitHubHookTests {
    @Test(arguments: [
        ("repos/octo/mono/hooks/1", "repos/octo/mono"),
        ("repos/o-c_t.o/m.o/hooks/123", "repos/o-c_t.o/m.o"),
        ("orgs/octo/hooks/12", "orgs/octo"), ("app/hook", "app"),
    ])
    func `a webhook has a name, and what is needed to read it`(name: String, owner: String) throws {
        let hook = try #require(GitHubHook(name))
        #expect(hook.name == name)
        #expect(hook.purpose.owner == owner)
    }

    @Test(arguments: [
        "", "/", "app", "app/hooks", "app/hook/1", "/app/hook", "orgs/octo/hooks",
        "orgs/octo/hooks/",
        "orgs/octo/hooks/a", "orgs/octo/hook/1", "org/octo/hooks/1", "orgs//hooks/1",
        "repos/octo/hooks/1", "repos/octo/mono/hooks/1/", "repos/octo/mono/hooks/-1",
        "repos/octo/../hooks/1", "repos/octo/mo no/hooks/1", "repos/octo/mo?no/hooks/1",
        "https://api.github.com/app/hook", "Repos/octo/mono/hooks/1",
    ])
    func `anything else is none`(name: String) {
        #expect(GitHubHook(name) == nil)
    }
}
