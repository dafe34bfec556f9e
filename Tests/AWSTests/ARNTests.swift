import Testing

@testable import AWS

@Suite struct `An ARN` {
    @Test(arguments: [
        (
            "arn:aws:codecommit:eu-west-1:123456789012:repo",
            ["aws", "codecommit", "eu-west-1", "123456789012", "repo"]
        ),
        (
            "arn:aws-us-gov:iam::123456789012:role/team/start",
            ["aws-us-gov", "iam", "", "123456789012", "role/team/start"]
        ),
        ("arn:aws:s3:::bucket/key", ["aws", "s3", "", "", "bucket/key"]),
        ("arn:::::", ["", "", "", "", ""]),
    ])
    func `has a partition, a service, a region, an account and a resource`(
        text: String,
        parts: [String]
    ) throws {
        let arn = try #require(ARN(text))
        #expect([arn.partition, arn.service, arn.region, arn.account, arn.resource] == parts)
    }

    @Test func `has a resource that may have colons`() {
        let text = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a:b-AbCdEf"
        #expect(ARN(text)?.resource == "secret:a:b-AbCdEf")
    }

    @Test(arguments: [
        "", "arn", "repo", "arn:aws:codecommit:eu-west-1:123456789012", "urn:aws:s3:::bucket",
        "ARN:aws:s3:::bucket", " arn:aws:s3:::bucket",
    ])
    func `has no fewer parts and begins with arn`(text: String) {
        #expect(ARN(text) == nil)
    }
}
