import Codec
import Core

/// A rule as a JSON Schema, draft 7 (https://json-schema.org/draft-07).
///
/// It says what properties there are and which values they may have, no more than an editor can tell
/// in time: patterns, budgets and what hangs together are for `pointsman check`.
enum RuleSchema {
    static let schema = JSON([
        "$schema": .string("http://json-schema.org/draft-07/schema#"),
        "title": .string("A rule of Pointsman"),
        "type": .string("object"),
        "required": .strings(["Repository", "Target"]),
        "properties": .object(
            [JSON.Member(key: "$schema", value: JSON(["type": .string("string")]))]
                + RuleDefinition.known.map { JSON.Member(key: $0, value: property($0)) }
        ),
        "additionalProperties": .bool(false),
    ])

    /// The schema of one property; of one that has no words here, any value.
    private static func property(_ name: String) -> JSON {
        guard let (help, schema) = properties[name] else { return JSON([:]) }
        return schema.adding(["description": .string(help)])
    }

    private static let globs = list(JSON(["type": .string("string"), "minLength": .int(1)]))

    static let properties: [String: (help: String, schema: JSON)] = [
        "Source": ("Who tells of the change; github unless it says so.", word(Change.Source.names)),
        "Repository": (
            "Which repository or image: owner/name of GitHub and Gitea, the project's path of GitLab.",
            JSON([
                "type": .string("string"),
                "pattern": .string("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$"),
            ])
        ),
        "Events": (
            "Which kinds of change; push unless it says so, of images image.",
            list(word(Change.Kind.allCases.map(\.rawValue))).adding(["minItems": .int(1)])
        ),
        "Branches": (
            "Globs over the whole name of the branch, or of a pull request's base.", globs
        ),
        "ExcludeBranches": ("Globs over branches that do not count.", globs),
        "Tags": ("Globs over the tag, for tag and image.", globs),
        "ExcludeTags": ("Globs over tags that do not count.", globs),
        "Forks": (
            "Whether pull requests from other repositories start it; skip unless it says so.",
            word(["skip", "allow"])
        ),
        "Drafts": (
            "Whether pull requests that are drafts start it; start unless it says so.",
            word(["skip", "start"])
        ),
        "Labels": ("Globs over the labels of a pull request, of which one must match.", globs),
        "ExcludeLabels": ("Globs over labels that a pull request must not have.", globs),
        "Paths": ("Globs over the changed paths, of which one must match.", globs),
        "ExcludePaths": ("Globs over changed paths that do not count.", globs),
        "PathExpressions": (
            "Regular expressions over the changed paths, beside Paths.",
            list(JSON(["type": .string("string")]))
        ),
        "Actors": ("Globs over the login that pushed.", globs),
        "ExcludeActors": ("Globs over logins that do not count.", globs),
        "SkipMessages": ("Texts in the commit message that skip it.", globs),
        "WhenPathsUnknown": (
            "What to do if the list of changed paths is not complete; start unless it says so.",
            word(["start", "skip"])
        ),
        "Order": (
            "Whether an older change may start after a newer one; newest unless it says so.",
            word(["newest", "every"])
        ),
        "Supersede": (
            "Whether a newer run for a pull request stops the earlier one.",
            JSON(["enum": .array([.bool(true), .bool(false), .string("true"), .string("false")])])
        ),
        "Status": (
            "The context of the commit status that says how what was started has ended.",
            JSON(["type": .string("string"), "minLength": .int(1), "maxLength": .int(100)])
        ),
        "Target": ("What to start: exactly one.", target),
    ]

    private static func list(_ items: JSON) -> JSON {
        JSON(["type": .string("array"), "items": items])
    }

    private static func word(_ words: [String]) -> JSON { JSON(["enum": .strings(words)]) }
}

extension RuleSchema {
    private static let target = JSON([
        "type": .string("object"),
        "minProperties": .int(1),
        "maxProperties": .int(1),
        "properties": .object(
            Target.Kind.allCases.map { kind in
                JSON.Member(key: kind.rawValue, value: TargetSchema(kind).schema)
            }
        ),
        "additionalProperties": .bool(false),
    ])
}

/// The properties of one kind of target.
private struct TargetSchema {
    let schema: JSON

    init(_ kind: Target.Kind) {
        let (required, optional, more): ([String], [String], JSON) =
            switch kind {
            case .codePipeline:
                (["Name"], ["SourceAction", "Variables", "RoleArn", "Region"], JSON([:]))
            case .codeBuild:
                (["Project"], ["SourceVersion", "Environment", "RoleArn", "Region"], JSON([:]))
            case .openShiftBuild: (["UrlSecretArn"], ["CABundle"], JSON([:]))
            case .kubernetesDeployment:
                (
                    ["Namespace", "Deployment", "Container"],
                    [
                        "Cluster", "Server", "TokenSecretArn", "CABundle", "Image", "RoleArn",
                        "Region",
                    ],
                    // A cluster of EKS, or any API server.
                    JSON([
                        "oneOf": .array([
                            JSON(["required": .strings(["Cluster"])]),
                            JSON(["required": .strings(["Server", "TokenSecretArn"])]),
                        ])
                    ])
                )
            case .eventBridge:
                ([], ["EventBus", "Source", "DetailType", "RoleArn", "Region"], JSON([:]))
            case .pullRequestPipeline:
                (
                    ["Template", "SourceAction"],
                    ["RoleArn", "Region", "OAuthTokenSecretArn"],
                    JSON([:])
                )
            }
        let members = (required + optional).map {
            JSON.Member(key: $0, value: Self.property($0))
        }
        schema = .object(
            (JSON([
                "type": .string("object"),
                "required": .strings(required),
                "properties": .object(members),
                "additionalProperties": .bool(false),
            ]).members ?? []) + (more.members ?? [])
        )
    }

    private static func property(_ name: String) -> JSON {
        switch name {
        case "Variables", "Environment":
            JSON([
                "type": .string("object"),
                "additionalProperties": JSON(["type": .string("string")]),
            ])
        case "RoleArn":
            JSON([
                "type": .string("string"),
                "pattern": .string("^arn:[a-z-]+:iam::|#\\{repository\\}"),
            ])
        case _ where name.hasSuffix("SecretArn"):
            JSON([
                "type": .string("string"), "pattern": .string("^arn:[a-z-]+:secretsmanager:"),
            ])
        case "Server": JSON(["type": .string("string"), "pattern": .string("^https://")])
        default: JSON(["type": .string("string"), "minLength": .int(1)])
        }
    }
}

extension JSON {
    fileprivate static func strings(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
}
