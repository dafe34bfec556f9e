import Codec
import Core
import Foundation
import Platform

/// What mutations begin with.
struct Corpus {
    /// Lambda events of every kind.
    var envelopes: [[UInt8]] = []
    /// Bodies of deliveries.
    var bodies: [[UInt8]] = []
    /// CodeCommit's events.
    var codeCommit: [[UInt8]] = []
    /// Bodies of Docker Hub's deliveries.
    var dockerHub: [[UInt8]] = []
    /// Bodies of Gitea's deliveries.
    var gitea: [[UInt8]] = []
    /// Bodies of GitLab's deliveries.
    var gitLab: [[UInt8]] = []
    /// ECR's events.
    var ecr: [[UInt8]] = []
    /// What EventBridge tells of runs.
    var runs: [[UInt8]] = []
    /// CloudFormation's requests.
    var cloudFormation: [[UInt8]] = []
    /// Form bodies.
    var forms: [[UInt8]] = [Array("payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%7D&a=b+c".utf8)]
    /// What `evaluate` is invoked with.
    var handOvers: [[UInt8]] = [Array(#"{"key":"pointsman/changes/x.json"}"#.utf8)]

    /// Reads a folder of event files.
    init(folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        for name in names where name.hasSuffix(".json") {
            let file = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            let event = try JSON(parsing: file)
            guard let body = event["body"]?.string, event["requestContext"] == nil else {
                envelopes.append(file)
                if name.hasPrefix("codecommit-") { codeCommit.append(file) }
                if name.hasPrefix("ecr-") { ecr.append(file) }
                if name.hasPrefix("codepipeline-") || name.hasPrefix("codebuild-") {
                    runs.append(file)
                }
                if name.hasPrefix("cloudformation-") { cloudFormation.append(file) }
                continue
            }
            let bytes = Array(body.utf8)
            if bytes.starts(with: "payload=".utf8) {
                forms.append(bytes)
            } else {
                bodies.append(bytes)
                handOvers.append(bytes)
            }
            if name.hasPrefix("dockerhub-") { dockerHub.append(bytes) }
            if name.hasPrefix("gitea-") { gitea.append(bytes) }
            if name.hasPrefix("gitlab-") { gitLab.append(bytes) }
            let signed = Targets.envelope(of: bytes)
            envelopes.append(signed)
            for event in [signed, Targets.giteaEvent(of: bytes), Targets.gitLabEvent(of: bytes)] {
                if let description = Targets.parse(event), let change = description.changes.first {
                    handOvers.append(EvaluateRequest.change(change).encoded())
                }
            }
        }
    }

    static let globs = [
        "services/api/**", "a/**/b", "docs/**.md", "{a,b,}/[!a-z]?*.{tf,json}",
        #"dependabot\[bot\]"#,
        "**/*.swift", "[]a]", "*a*a*a*a*b", "**a**a**a**b", "release/*", "ä/[α-ω]*",
    ].map { Array($0.utf8) }

    static let rules = [
        #"""
        {"Source":"github","Repository":"octo/mono","Events":["push","tag","pull_request","merge_group"],
        "Branches":["main","release/*"],"ExcludeBranches":["x"],"Tags":["v*"],"ExcludeTags":["v0*"],
        "Paths":["services/api/**","**/*.tf"],"ExcludePaths":["**.md"],"PathExpressions":["src/(a|b)+"],"Forks":"allow",
        "Drafts":"skip","Labels":["ci/*"],"ExcludeLabels":["wip"],
        "Actors":["mona"],"ExcludeActors":["dependabot\\[bot\\]"],"SkipMessages":["[skip ci]"],
        "WhenPathsUnknown":"skip","Target":{"CodePipeline":{"Name":"app-#{branch}","SourceAction":
        "Source","Variables":{"Commit":"#{after}"},"Region":"eu-west-1",
        "RoleArn":"arn:aws:iam::123456789012:role/start"}}}
        """#,
        #"{"Repository":"octo/mono","PathExpressions":["(a+)+$","(.*)*x"],"Target":{"CodePipeline":{"Name":"p"}}}"#,
        #"{"GitHubRepo":"mono","GitHubBranch":"main","ChangeMatchExpressions":"src/.*, (a|a)*b","CodePipelineName":"p"}"#,
        ##"{"Repository":"octo/mono","Target":{"CodeBuild":{"Project":"b","SourceVersion":"#{after}","Environment":{"BY":"#{actor}"}}}}"##,
        ##"{"Repository":"octo/mono","Target":{"OpenShiftBuild":{"UrlSecretArn":"\##(secret)","CABundle":"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----"}}}"##,
        ##"{"Repository":"octo/mono","Target":{"KubernetesDeployment":{"Cluster":"prod","Namespace":"shop","Deployment":"web","Container":"app","Image":"octo/app:#{tag}"}}}"##,
        ##"{"Repository":"octo/mono","Target":{"KubernetesDeployment":{"Server":"https://k8s.example.com:6443","TokenSecretArn":"\##(secret)","Namespace":"shop","Deployment":"web","Container":"app","Image":"r.example.com:5000/octo/app@sha256:00"}}}"##,
        ##"{"Repository":"octo/mono","Events":["pull_request"],"Target":{"PullRequestPipeline":{"Template":"api","SourceAction":"Source","OAuthTokenSecretArn":"\##(secret)"}},"Forks":"skip"}"##,
        ##"{"Repository":"octo/mono","Target":{"EventBridge":{"EventBus":"arn:aws:events:eu-west-1:123456789012:event-bus/main","Source":"git.#{repository}","DetailType":"push by #{actor}"}}}"##,
    ].map { Array($0.utf8) }

    /// Values of secrets that targets name.
    static let targetSecrets = [
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "https://api.example.com:6443/apis/a/buildconfigs/web/webhooks/hush/generic",
        #"{"url":"https://api.example.com/buildconfigs/web/webhooks/hush/generic","repositories":["octo/*"]}"#,
        #"{"server":"https://API.example.com:6443/","token":"hush","repositories":null}"#,
        #"{"token":"hush","repositories":["octo/{mono,web}","[a-c]*/**"]}"#,
    ].map { Array($0.utf8) }

    private static let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf"
}
