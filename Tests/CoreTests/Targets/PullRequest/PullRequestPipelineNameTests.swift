import Testing

@testable import Core

@Suite struct PullRequestPipelineNameTests {
    private static func text(_ template: String, _ repository: String, _ number: Int) -> String {
        PullRequestPipelineName(template: template, repository: repository, number: number).text
    }

    private static let fifty = String(repeating: "t", count: 50)
    private static let hundred = String(repeating: "t", count: 100)
    private static let longRepository =
        String(repeating: "o", count: 39) + "/" + String(repeating: "n", count: 100)

    @Test(arguments: [
        ("api", "octo/mono", 7, "api@octo@mono@7"),
        ("api", "storefront", 17, "api@storefront@17"),
        (fifty, "octo/mono", 7, "\(fifty)@octo@mono@7"),
        (fifty + "u", "octo/mono", 7, "\(fifty.prefix(39))@e2cad51523@octo@mono@7"),
        ("a@b", "octo/mono", 7, "a.b@7508d8b501@octo@mono@7"),
    ])
    func `a name is made of template, repository and number`(
        template: String,
        repository: String,
        number: Int,
        name: String
    ) {
        #expect(Self.text(template, repository, number) == name)
    }

    @Test(arguments: ["a", "a@b", fifty, fifty + "u", hundred], ["o/n", "r", longRepository])
    func `a name is never longer than CodePipeline takes, up to ten digits`(
        template: String,
        repository: String
    ) {
        let name = Self.text(template, repository, 9_999_999_999)
        #expect(TargetText.pipelineName.accepts(name), "\(name)")
    }

    @Test func `no two pull requests or templates have the same name`() {
        let long = Self.longRepository
        let templates = [
            "a", "a@b", "a.b", "b", "a@b@c", Self.fifty, Self.fifty + "u", Self.fifty + "v",
            Self.hundred,
        ]
        let repositories = ["a/b", "a-b/c", "a/b-c", "b/a", "ab", "b", "c", long, long + "x"]
        var names: Set<String> = []
        for template in templates {
            for repository in repositories {
                for number in [1, 7, 17] { names.insert(Self.text(template, repository, number)) }
            }
        }
        #expect(names.count == templates.count * repositories.count * 3)
    }

    @Test func `all of a repository's names begin alike, whatever their numbers`() {
        for repository in ["o/n", Self.longRepository] {
            let one = PullRequestPipelineName(template: "t", repository: repository, number: 1)
            let other = PullRequestPipelineName(
                template: "t",
                repository: repository,
                number: 123_456
            )
            #expect(other.text.hasPrefix(one.repositoryPrefix))
            #expect(one.repositoryPrefix.hasPrefix(one.templatePrefix))
        }
    }

    @Test(
        arguments: [
            // Both have an id: it and the number decide.
            ("octo/mono#7", "github:1", "github:1", true),
            ("octo/mono@7", "github:1", "github:1", true),
            ("octo/was-called#7", "github:1", "github:1", true),
            ("octo/was-called@7", "github:1", "github:1", true),
            ("octo/was-called#8", "github:1", "github:1", false),
            ("octo/was-called#17", "github:1", "github:1", false),
            ("octo/was-called#71", "github:1", "github:1", false),
            ("octo/mono#7", "github:2", "github:1", false),
            ("octo/mono#7", "gitlab:1", "github:1", false),
            ("", "github:1", "github:1", false),
            // One has none: the name decides.
            ("octo/mono#7", nil, "github:1", true),
            ("octo/mono@7", nil, "github:1", true),
            ("octo/was-called#7", nil, "github:1", false),
            ("octo/mono#7", "github:1", nil, true),
            ("octo/was-called#7", "github:1", nil, false),
            ("octo/mono#7", nil, nil, true),
            ("octo/mono#8", nil, nil, false),
        ] as [(String, String?, String?, Bool)]
    )
    func `a pipeline is claimed by the repository's id and the number, or else by the name`(
        claim: String,
        tagged: String?,
        id: String?,
        isClaimed: Bool
    ) {
        let name = PullRequestPipelineName(
            template: "t",
            repository: "octo/mono",
            number: 7,
            repositoryID: id
        )
        #expect(name.isClaimed(by: claim, ofRepository: tagged) == isClaimed)
    }

    @Test(arguments: [
        ("t@octo@was-called@7", true), ("t@other@mono@7", true), ("t@octo@mono@7", false),
        ("t@octo@was-called@17", false), ("t@octo@was-called@71", false), ("u@octo@x@7", false),
        ("t", false),
    ])
    func `an earlier name is the template's, and ends with the number`(name: String, may: Bool) {
        let own = PullRequestPipelineName(template: "t", repository: "octo/mono", number: 7)
        #expect(own.mayBeEarlierName(name) == may)
    }

    @Test func `the claim is the repository and the number`() {
        let name = PullRequestPipelineName(template: "t", repository: "octo/mono", number: 7)
        #expect(name.claim == "octo/mono#7")
        #expect(name.claims == ["octo/mono#7", "octo/mono@7"])
    }
}
