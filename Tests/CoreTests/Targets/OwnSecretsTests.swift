import Codec
import Testing

@testable import Core

@Suite struct `A secret of Pointsman's own` {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"

    private func problems(_ own: [String: String], _ arn: String) throws -> [String] {
        let target = try Target.read(
            .object([
                .init(
                    key: "OpenShiftBuild",
                    value: .object([.init(key: "UrlSecretArn", value: .string(arn))])
                )
            ])
        )
        return OwnSecrets { own[$0] }.problems(of: target).map(\.description)
    }

    @Test(arguments: [
        ("\(arn)github-AbCdEf", "\(arn)github-AbCdEf", true),
        ("\(arn)github-AbCdEf", "\(arn)github", true),
        ("\(arn)github", "\(arn)github-AbCdEf", true),
        ("\(arn)github", "\(arn)github", true),
        ("github", "\(arn)github-AbCdEf", true),
        ("github", "\(arn)github", true),
        ("github-AbCdEf", "\(arn)github-AbCdEf", true),
        // Another region's replica has the same suffix, a copy by hand has its own.
        (
            "\(arn)github-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-AbCdEf", true
        ),
        (
            "\(arn)github-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-GhIjKl", true
        ),
        // The six characters may be the name's own.
        ("\(arn)my-github-AbCdEf", "\(arn)my-github", true),
        ("\(arn)my-github", "\(arn)my-github-AbCdEf", true),
        ("\(arn)my-secret", "\(arn)my-secret-AbCdEf", true),
        ("\(arn)my-secret-AbCdEf", "\(arn)my-secret", true),
        (
            "\(arn)github-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:999999999999:secret:github-AbCdEf", false
        ),
        ("\(arn)github-AbCdEf", "\(arn)github2-AbCdEf", false),
        ("\(arn)github-AbCdEf", "\(arn)GitHub-AbCdEf", false),
        ("\(arn)github-AbCdEf", "\(arn)ci/github-AbCdEf", false),
        ("\(arn)github-AbCdEf", "\(arn)github-AbCdE", false),
        ("github", "\(arn)github-AbCd_f", false),
    ])
    func `is known however it is written`(own: String, target: String, isOwn: Bool) throws {
        let found = try problems(["GITHUB_TOKEN_ARN": own], target)
        let message =
            "Target.OpenShiftBuild.UrlSecretArn: the secret \(target) is Pointsman's own, which "
            + "GITHUB_TOKEN_ARN names: no target may use it"
        #expect(found == (isOwn ? [message] : []))
    }

    @Test(arguments: [
        "GITHUB_SECRET_ARN", "GITHUB_TOKEN_ARN", "DOCKERHUB_TOKEN_ARN", "GITEA_SECRET_ARN",
        "GITEA_TOKEN_ARN", "GITLAB_SECRET_ARN", "GITLAB_TOKEN_ARN",
    ])
    func `is one of these variables'`(variable: String) throws {
        #expect(try problems([variable: "x"], "\(Self.arn)x-AbCdEf").count == 1)
        #expect(try problems([variable: ""], "\(Self.arn)x-AbCdEf").isEmpty)
    }
}
