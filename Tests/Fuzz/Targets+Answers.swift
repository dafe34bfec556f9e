import AWS
import Codec
import Core
import Platform

/// What reads what CloudFormation asks, what servers answer and what was stored.
extension Targets {
    static func cloudFormation(_ input: [UInt8]) -> Bool {
        guard let request = try? CustomResourceRequest(parsing: input, allowingAnyHost: false),
            let resource = try? StackResource(
                stackID: request.stackID,
                logicalID: request.logicalResourceID
            )
        else { return false }
        let declaration = RuleDeclaration(
            resourceType: request.resourceType,
            properties: request.properties
        )
        guard
            let checked = try? declaration.check(
                of: resource,
                keys: BucketKeys(prefix: "p"),
                ownSecrets: .none
            )
        else { return false }
        guard Rule(key: checked.key, prefix: "p", object: checked.object).problems.isEmpty else {
            fatalError("a rule that was accepted is not one where it is stored")
        }
        return true
    }

    static func stored(_ input: [UInt8]) -> Bool {
        var accepted = DecisionRecord(parsing: input) != nil
        if let record = LedgerEntry(parsing: input) {
            guard LedgerEntry(parsing: record.encoded()) == record else {
                fatalError("a record of the ledger is not read as it was written")
            }
            accepted = true
        }
        if let head = StartHead(parsing: input) {
            guard StartHead(parsing: head.encoded()) == head else {
                fatalError("a head is not read as it was written")
            }
            accepted = true
        }
        if var commits = EvaluatedCommits(parsing: input) {
            guard EvaluatedCommits(parsing: commits.encoded()) == commits else {
                fatalError("evaluated commits are not read as they were written")
            }
            _ = commits.enter(change)
            _ = commits.steps(to: change)
            accepted = true
        }
        if let run = RunRecord(parsing: input) {
            guard RunRecord(parsing: run.encoded()) == run else {
                fatalError("a run is not read as it was written")
            }
            accepted = true
        }
        if let status = StatusRecord(parsing: input) {
            guard StatusRecord(parsing: status.encoded()) == status else {
                fatalError("a status is not read as it was written")
            }
            accepted = true
        }
        return accepted
    }

    static func runEvent(_ input: [UInt8]) -> Bool {
        guard let json = try? JSON(parsing: input) else { return false }
        return RunEvent(json) != nil
    }

    static func files(_ input: [UInt8]) -> Bool {
        var push = change
        push.paths.incomplete = "not all are known"
        var accepted = false
        for change in [push, pullRequest] {
            var files = GitHubFiles(of: change)
            guard (try? files.read(input, ofListingAt: 0)) != nil else { continue }
            _ = files.paths()
            accepted = true
        }
        return accepted
    }

    static func otherFiles(_ input: [UInt8]) -> Bool {
        let known = change.paths
        var gitea = GiteaFiles(known)
        var gitLab = GitLabFiles(known)
        let isRead = [
            (try? gitea.readComparison(input)) != nil, (try? gitea.readPage(input)) != nil,
            (try? gitLab.readComparison(input)) != nil, (try? gitLab.readPage(input)) != nil,
            (try? GitLabMergeRequestState(input)) != nil,
        ]
        _ = gitea.pathsOfPush(known)
        _ = gitLab.paths(known, incomplete: nil)
        return isRead.contains(true)
    }

    static func awsAnswer(_ input: [UInt8]) -> Bool {
        let answer = HTTPResponse(status: 200, body: input)
        let call = CodePipeline.getPipeline("p")
        let listing = S3(bucket: "b").listObjects(prefix: "p/")
        let isUnderstood = [
            (try? CodePipeline.executionID(of: call, answer)) != nil,
            (try? CodePipeline.pipeline(of: call, answer)) != nil,
            (try? CodePipeline.page(of: call, answer)) != nil,
            (try? CodePipeline.run(of: call, answer)) != nil,
            (try? CodePipeline.tags(of: call, answer)) != nil,
            (try? CodeBuild.buildID(of: call, answer)) != nil,
            CodePipeline.failedAction(by: answer) != nil,
            (try? CodeCommit.page(of: call, answer)) != nil,
            (try? CodeCommit.firstParent(of: call, answer)) != nil,
            (try? EKS.cluster(of: call, answer)) != nil,
            (try? EventBridge.eventID(of: call, answer)) != nil,
            (try? SecretsManager.value(of: call, answer)) != nil,
            (try? STS.temporaryCredentials(of: call, answer)) != nil,
            (try? S3.page(of: listing, answer)) != nil,
        ]
        return isUnderstood.contains(true)
    }

    static func clusterAnswer(_ input: [UInt8]) -> Bool {
        let answer = HTTPResponse(status: 200, body: input)
        let call = APICall(
            "kubernetes:GetDeployment",
            of: "shop/web",
            method: "GET",
            origin: "https://k8s.example.com",
            target: "/",
            secrets: [Secret("web")],
            isRepeatable: true
        )
        let deployment = try? Kubernetes.deployment(of: call, answer)
        return deployment != nil || (try? OpenShift.outcome(of: call, answer)) != nil
    }
}
