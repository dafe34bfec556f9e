import AWS
import Codec
import Testing

@testable import Core

@Suite struct PullRequestPipelineTargetTests {
    private static func read(_ text: String) throws(InvalidRule) -> PullRequestPipelineTarget<
        Template
    > {
        try PullRequestPipelineTarget<Template>.read(
            (try? JSON(parsing: [UInt8](text.utf8))) ?? .null
        )
    }

    private static let place = "Target.PullRequestPipeline."
    private static let plain = #"{"Template": "api", "SourceAction": "Source"}"#
    private static let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"

    @Test func `a target may have every property`() throws {
        let target = try Self.read(
            """
            {"Template": "api-#{pullRequest}", "SourceAction": "Source",
            "OAuthTokenSecretArn": "\(Self.secret)",
            "RoleArn": "arn:aws:iam::123456789012:role/start", "Region": "eu-west-1"}
            """
        )
        #expect(
            try target.resolved(for: .pullRequest("opened"), ends: false)
                == PullRequestPipeline(
                    target: PullRequestPipelineTarget(
                        template: "api-7",
                        sourceAction: "Source",
                        oauthTokenSecretARN: Self.secret,
                        access: AWSAccess(
                            role: AssumedRoles.Role(
                                arn: "arn:aws:iam::123456789012:role/start",
                                sessionName: "pointsman-acme-app"
                            ),
                            region: "eu-west-1"
                        )
                    ),
                    act: .make,
                    name: PullRequestPipelineName(
                        template: "api-7",
                        repository: "acme/app",
                        number: 7
                    ),
                    pullRequest: #require(Change.pullRequest("opened").pullRequest),
                    eventTime: Timestamp(milliseconds: 0)
                )
        )
    }

    @Test func `it happened when the provider says, or else when it was received`() throws {
        let target = try Self.read(Self.plain)
        var change = Change.pullRequest("closed").with {
            $0.receivedAt = Timestamp(milliseconds: 2_000)
        }
        #expect(try target.resolved(for: change, ends: true).eventTime == change.receivedAt)
        change.eventTime = Timestamp(milliseconds: 1_000)
        #expect(try target.resolved(for: change, ends: true).eventTime == change.eventTime)
    }

    @Test(arguments: ["#{repository}", "#{pullRequest}"])
    func `what a pull request keeps for its whole life may be part of a text`(
        placeholder: String
    ) throws {
        let target = try Self.read(
            ##"""
            {"Template": "a-\##(placeholder)", "SourceAction": "#{branch}",
            "RoleArn": "arn:aws:iam::123456789012:role/#{repository}", "Region": "eu-\##(placeholder)-1"}
            """##
        )
        #expect(target.template.text == "a-\(placeholder)")
    }

    @Test(arguments: ["Template", "Region"])
    func `what changes while a pull request lives may not`(property: String) {
        for text in ["#{branch}", "x-#{pullRequest}-#{actor}", "#{after}"] {
            let error = #expect(throws: InvalidRule.self) {
                try Self.read(Self.plain.dropLast() + #", "\#(property)": "\#(text)"}"#)
            }
            #expect(
                error?.problems.map(\.description) == [
                    "\(Self.place)\(property): expected no placeholder here but #{repository} and "
                        + "#{pullRequest}, found '\(text)': the pipeline is looked for under the "
                        + "same name in the same place until the pull request is closed"
                ]
            )
        }
    }

    @Test(arguments: [
        ("opened", false, PullRequestPipeline.Act.make),
        ("ready_for_review", false, .run),
        ("labeled", false, .run),
        ("edited", false, .make),
        ("edited", true, .remove),
        ("reopened", false, .run),
        ("synchronize", false, .run),
        ("closed", true, .remove),
    ])
    func `what is to be done depends on the action`(
        action: String,
        ends: Bool,
        act: PullRequestPipeline.Act
    ) throws {
        let resolved = try Self.read(Self.plain).resolved(for: .pullRequest(action), ends: ends)
        #expect(resolved.act == act)
    }

    @Test func `for a new base it runs once more if a status is to tell of it`() throws {
        let target = try Self.read(Self.plain)
        let change = Change.pullRequest("edited")
        #expect(try target.resolved(for: change, ends: false, hasStatus: true).act == .run)
        #expect(try target.resolved(for: change, ends: true, hasStatus: true).act == .remove)
    }

    @Test func `a fork's commits come from the fork`() throws {
        let resolved = try Self.read(Self.plain).resolved(for: .fork("opened"), ends: false)
        #expect(resolved.pullRequest.fork)
        #expect(resolved.pullRequest.headRepository == "stranger/app")
    }

    @Test(
        arguments: [
            (Change.Source.github, 186_853_002, "github:186853002"), (.github, nil, nil),
            (.codecommit, nil, nil),
        ] as [(Change.Source, Int?, String?)]
    )
    func `the repository has an id with its source, where the change says one`(
        source: Change.Source,
        number: Int?,
        id: String?
    ) throws {
        let change = Change.pullRequest("opened").with {
            ($0.source, $0.repositoryID) = (source, number)
        }
        let resolved = try Self.read(Self.plain).resolved(for: change, ends: false)
        #expect(resolved.name.repositoryID == id)
    }

    @Test func `a change that is no pull request is an error`() throws {
        let target = try Self.read(Self.plain)
        let error = #expect(throws: RuleProblem.self) {
            try target.resolved(for: .push(), ends: false)
        }
        #expect(
            error?.description == "Target.PullRequestPipeline: the change is not a pull request"
        )
    }

    @Test(arguments: [
        (
            "{}",
            [
                "\(place)Template: required, but missing",
                "\(place)SourceAction: required, but missing",
            ]
        ),
        ("[]", ["Target.PullRequestPipeline: expected an object, found a list"]),
        (
            #"{"Template": "a", "SourceAction": "b", "Forks": "allow"}"#,
            [
                "\(place)Forks: unknown property, it belongs to the rule itself, beside Target"
            ]
        ),
        (
            #"{"Template": "a", "SourceActions": "b", "SourceAction": "b"}"#,
            ["\(place)SourceActions: unknown property, did you mean `SourceAction`?"]
        ),
        (
            #"{"Template": "a", "SourceAction": "b", "OAuthTokenSecretArn": "token"}"#,
            [
                "\(place)OAuthTokenSecretArn: expected the ARN of a secret, such as "
                    + "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf, found 'token'"
            ]
        ),
        (
            ##"{"Template": "a", "SourceAction": "b", "OAuthTokenSecretArn": "arn:#{branch}"}"##,
            ["\(place)OAuthTokenSecretArn: expected no placeholder here, found 'arn:#{branch}'"]
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problems: [String]
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == problems)
    }

    private static func rule(_ members: String) -> Rule {
        let more = members.isEmpty ? "" : ", " + members
        return Rule(
            key: "p/rules/github/acme/app/r.json",
            prefix: "p",
            object: [UInt8](
                #"{"Repository": "acme/app", "Target": {"PullRequestPipeline": \#(plain)}\#(more)}"#
                    .utf8
            )
        )
    }

    @Test(arguments: ["", #""Events": ["push"]"#, #""Events": ["pull_request", "push"]"#])
    func `its rule is about pull requests alone`(events: String) {
        let problem = "Events: expected pull_request alone, which a PullRequestPipeline is about"
        #expect(Self.rule(events).problems.map(\.description) == [problem])
    }

    @Test(arguments: [
        (
            "closed", #""Branches": ["main"], "ExcludeActors": ["octocat"], "Paths": ["x"]"#,
            Decision.Outcome.start, true, "branch 'main' matches 'main'"
        ),
        (
            "closed", #""Branches": ["release/*"]"#, .skipped, false,
            "branch 'main' matches none of Branches"
        ),
        (
            "edited", #""Branches": ["release/*"], "WhenPathsUnknown": "skip", "Paths": ["x"]"#,
            .start, true, "branch 'main' matches none of Branches"
        ),
        (
            "edited", #""ExcludeBranches": ["main"]"#, .start, true,
            "branch 'main' is excluded by 'main'"
        ),
        (
            "edited", #""Branches": ["main"]"#, .start, false, "branch 'main' matches 'main'"
        ),
        (
            "edited", #""ExcludeActors": ["octocat"]"#, .skipped, false,
            "actor 'octocat' is excluded by 'octocat'"
        ),
        ("opened", "", .start, false, "the rule is about every pull_request"),
    ])
    func `a pull request that is closed or has left the rule's branches ends what it has`(
        action: String,
        members: String,
        outcome: Decision.Outcome,
        ends: Bool,
        reason: String
    ) throws {
        let separator = members.isEmpty ? "" : ", "
        let rule = Self.rule(#""Events": ["pull_request"]"# + separator + members)
        #expect(rule.problems == [])
        let decision = try #require(RuleSet([rule]).decide(.pullRequest(action)).first)
        #expect(decision.outcome == outcome)
        #expect(decision.ends == ends)
        #expect(decision.reason == reason)
    }
}

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
        // Another source's repository may have the same name.
        var ofGitea = name
        ofGitea.isKnownByName = false
        #expect(
            ofGitea.isClaimed(by: claim, ofRepository: tagged)
                == (isClaimed && tagged != nil && id != nil)
        )
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
