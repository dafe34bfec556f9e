import Codec
import Testing

@testable import Core

@Suite struct CommitStatusTests {
    @Test(arguments: [
        ("", ""),
        ("succeeded", "succeeded"),
        (
            "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: codepipeline:Start on resource: arn:aws-cn:codepipeline:cn-north-1:123456789012:api",
            "User: … is not authorized to perform: codepipeline:Start on resource: …"
        ),
        ("'arn:aws:iam::123456789012:role/a', (arn:aws:s3:::b)", "'…', (…)"),
        ("warn:aws is no ARN", "warn:aws is no ARN"),
        ("account 123456789012.", "account …."),
        ("b-123456789012-x", "b-…-x"),
        ("1234567890123 and 12345678901", "1234567890123 and 12345678901"),
    ])
    func `an ARN and an account number are not shown`(words: String, shown: String) {
        #expect(CommitStatus(.error, words).description == shown)
    }

    @Test(arguments: [
        (139, 139, false), (140, 140, false), (141, 140, true), (2_000, 140, true),
    ])
    func `a description has 140 characters at most`(count: Int, shown: Int, isCut: Bool) {
        let description = CommitStatus(.error, String(repeating: "ü", count: count)).description
        #expect(description.unicodeScalars.count == shown)
        #expect((description.unicodeScalars.last == "…") == isCut)
    }

    @Test(arguments: [
        (
            "CodePipeline", "eu-west-1",
            "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/a/executions/i?region=eu-west-1"
        ),
        (
            "CodeBuild", "cn-north-1",
            "https://cn-north-1.console.amazonaws.cn/codesuite/codebuild/projects/a/build/i?region=cn-north-1"
        ),
        (
            "CodePipeline", "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/codesuite/codepipeline/pipelines/a/executions/i?region=us-gov-west-1"
        ),
        (
            "CodePipeline", "eusc-de-east-1",
            "https://eusc-de-east-1.console.amazonaws-eusc.eu/codesuite/codepipeline/pipelines/a/executions/i?region=eusc-de-east-1"
        ),
        ("CodePipeline", "us-iso-east-1", nil as String?),
        ("CodePipeline", "us-isob-east-1", nil),
    ])
    func `the page of a run is that of its partition's console`(
        kind: String,
        region: String,
        url: String?
    ) {
        let target = RunTarget(kind: kind, name: "a", region: region, roleARN: nil)
        #expect(target.consoleURL(ofRun: "i") == url)
    }
}
