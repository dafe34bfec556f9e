import Foundation

@testable import Core

/// What a stack declares in these tests, in each of the forms in which it may.
enum Declared: String, CaseIterable {
    /// `Custom::PipelineTrigger`.
    case current
    /// `Custom::MonoRepoTrigger`.
    case monoRepo
    /// The same, made by the mono-repo trigger: the resource has the constant id.
    case constant

    var type: String {
        self == .current ? "Custom::PipelineTrigger" : "Custom::MonoRepoTrigger"
    }

    /// What is declared at first.
    var properties: String {
        switch self {
        case .current: Self.rule("mono")
        case .monoRepo, .constant: Self.monoRepoRule("main")
        }
    }

    /// What is declared then, under another key.
    var moved: String {
        switch self {
        case .current: Self.rule("next")
        case .monoRepo, .constant: Self.monoRepoRule("next")
        }
    }

    /// What is declared then, under the same key.
    var changed: String {
        switch self {
        case .current: Self.rule("mono", #","Paths":["lib/**"]"#)
        case .monoRepo, .constant: Self.monoRepoRule("main", expressions: "lib/.*")
        }
    }

    /// What no rule may say, under the key of ``properties``.
    var invalid: String {
        switch self {
        case .current: Self.rule("mono", #","Branchs":["main"]"#)
        case .monoRepo, .constant: Self.monoRepoRule("main", expressions: "services/[")
        }
    }

    /// What is wrong with that.
    var problem: String {
        switch self {
        case .current: "Branchs: unknown property, did you mean `Branches`?"
        case .monoRepo, .constant:
            "ChangeMatchExpressions: 'services/[' is not a regular expression: "
                + "missing terminating ] for character class at offset 10"
        }
    }

    /// The key of ``properties``.
    var key: String {
        switch self {
        case .current: "pointsman/rules/github/octo/mono/payments-Trigger-9db60fa1.json"
        case .monoRepo, .constant: "pointsman/mono-main-p1-21A2EC92.json"
        }
    }

    /// The key of ``moved``.
    var movedKey: String {
        switch self {
        case .current: "pointsman/rules/github/octo/next/payments-Trigger-9db60fa1.json"
        case .monoRepo, .constant: "pointsman/mono-next-p1-B5F6D8D0.json"
        }
    }

    /// The object of ``properties``.
    var object: String { Self.object(properties) }

    /// What the resource is called once a rule lies under a key.
    func id(_ key: String) -> String {
        self == .constant ? Stack.monoRepoID : key
    }

    static func object(_ properties: String) -> String {
        properties.replacingOccurrences(of: #""ServiceToken":"arn","#, with: "")
    }

    private static func rule(_ repository: String, _ more: String = "") -> String {
        #"{"ServiceToken":"arn"\#(more),"Repository":"octo/\#(repository)","#
            + #""Target":{"CodePipeline":{"Name":"p1"}}}"#
    }

    static func monoRepoRule(
        _ branch: String,
        expressions: String = "services/.*"
    ) -> String {
        #"{"ServiceToken":"arn","GitHubRepo":"mono","GitHubBranch":"\#(branch)","#
            + #""ChangeMatchExpressions":"\#(expressions)","CodePipelineName":"p1"}"#
    }
}

extension Declared {
    /// Puts the rule of ``properties`` there as the resource itself has left it.
    func put(on stage: Stage) {
        stage.aws.put(key, object, self == .constant ? [:] : Self.owner(Stack.id, "Trigger"))
    }

    static func owner(_ stackID: String, _ logicalID: String) -> [String: String] {
        [
            "x-amz-meta-stack-id": stackID, "x-amz-meta-logical-resource-id": logicalID,
            "x-amz-meta-request-id": "earlier",
        ]
    }
}
