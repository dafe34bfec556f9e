import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

/// Every file of CloudFormation's in `events/`, and what it comes to.
@Suite struct `CloudFormation's events` {
    private static let folder = Conformance.packageRoot.appending(path: "events")

    private static let ruleKey =
        "pointsman/rules/github/octo-org/monorepo/payments-Trigger-9db60fa1.json"
    private static let monoRepoTriggerKey =
        "pointsman/mono-repo-experiment-master-mono-repo-s3-example-339560E8.json"

    /// The answer, and the rules then: there was one under each key before, the resource's own.
    private static let expectations = [
        "mono-repo-trigger-create": "SUCCESS \(monoRepoTriggerKey); then \(monoRepoTriggerKey)",
        "mono-repo-trigger-delete": "SUCCESS \(monoRepoTriggerKey); then none",
        "mono-repo-trigger-update":
            "SUCCESS GitHubIntegrationMonoRepoS3ConfigResource; then "
            + "pointsman/mono-repo-experiment-main-mono-repo-s3-example-BF91E83D.json",
        "pipeline-trigger-create": "SUCCESS \(ruleKey); then \(ruleKey)",
        "pipeline-trigger-delete": "SUCCESS \(ruleKey); then none",
        "pipeline-trigger-misspelt":
            "FAILED not-created-0d8ad6f8-5f7c-4a59-8d3f-0b8f0f4f8a04: "
            + "Branchs: unknown property, did you mean `Branches`?; then none",
        "pipeline-trigger-update":
            "SUCCESS pointsman/rules/github/octo-org/api/payments-Trigger-9db60fa1.json; then "
            + "pointsman/rules/github/octo-org/api/payments-Trigger-9db60fa1.json, \(ruleKey)",
    ]

    private static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
        .filter { $0.hasPrefix("cloudformation-") }
        .map { String($0.dropFirst("cloudformation-".count).dropLast(".json".count)) }
        .sorted() ?? []

    @Test func `each has an expectation and every expectation a file`() {
        #expect(Self.names == Self.expectations.keys.sorted())
    }

    @Test(arguments: names)
    func `an event comes to what is expected`(name: String) throws {
        let file = Self.folder.appending(path: "cloudformation-\(name).json")
        let event = [UInt8](try Data(contentsOf: file))
        let stage = try Stage()
        let json = try JSON(parsing: event)
        if json["PhysicalResourceId"] != nil {
            let key = name.hasPrefix("pipeline") ? Self.ruleKey : Self.monoRepoTriggerKey
            let logicalID = try #require(json["LogicalResourceId"]?.string)
            let isMonoRepo = json["PhysicalResourceId"]?.string == Stack.monoRepoID
            let before = try #require(json["OldResourceProperties"] ?? json["ResourceProperties"])
            stage.aws.put(
                key,
                String(decoding: before.encoded(), as: UTF8.self),
                isMonoRepo ? [:] : Declared.owner(Stack.id, logicalID)
            )
        }
        try stage.invokeResource(event)
        let answer = Stack.Answer(json: try JSON(parsing: #require(stage.aws.answers.first).body))
        let keys = stage.aws.objects.keys.sorted()
        let then = keys.isEmpty ? "none" : keys.joined(separator: ", ")
        #expect("\(answer.line); then \(then)" == Self.expectations[name])
    }
}
