import Codec
import Testing

@testable import Core

@Suite struct OpenShiftBuildTargetTests {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/hook-AbCdEf"
    static let pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
    private static let place = "Target.OpenShiftBuild."
    private static let secret =
        "the ARN of a secret, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"
    private static let certificates = "certificates as PEM text (-----BEGIN CERTIFICATE-----…)"

    private static func read(_ text: String) throws(InvalidRule) -> OpenShiftBuildTarget {
        try OpenShiftBuildTarget.read((try? JSON(parsing: [UInt8](text.utf8))) ?? .null)
    }

    @Test func `a target is built from the change's commit`() throws {
        var change = Change.push()
        change.cloneURL = "https://github.com/acme/app.git"
        change.author = Change.Author(name: "Mona", email: nil)
        let pem = Self.pem.replacing("\n", with: "\\n")
        let target = try Self.read(#"{"UrlSecretArn": "\#(Self.arn)", "CABundle": "\#(pem)"}"#)
        #expect(target == OpenShiftBuildTarget(urlSecretARN: Self.arn, caBundle: Self.pem))
        #expect(
            OpenShift.Revision(change)
                == OpenShift.Revision(
                    uri: "https://github.com/acme/app.git",
                    ref: "refs/heads/main",
                    commit: String(repeating: "b", count: 40),
                    author: Change.Author(name: "Mona", email: nil),
                    message: "Add a thing"
                )
        )
    }

    @Test func `what has no commit is built as the BuildConfig says`() throws {
        var change = Change.push()
        change.after = nil
        #expect(OpenShift.Revision(change) == nil)
        #expect(try Self.read(#"{"UrlSecretArn": "\#(Self.arn)"}"#).caBundle == nil)
    }

    @Test(arguments: [
        ("{}", "\(place)UrlSecretArn: required, but missing"),
        ("[]", "Target.OpenShiftBuild: expected an object, found a list"),
        (#"{"UrlSecretArn": "hook"}"#, "\(place)UrlSecretArn: expected \(secret), found 'hook'"),
        (
            #"{"UrlSecretArn": "arn:aws:iam::123456789012:role/hook"}"#,
            "\(place)UrlSecretArn: expected \(secret), found 'arn:aws:iam::123456789012:role/hook'"
        ),
        (
            ##"{"UrlSecretArn": "hook-#{branch}"}"##,
            "\(place)UrlSecretArn: expected no placeholder here, found 'hook-#{branch}'"
        ),
        (
            #"{"UrlSecretArn": "\#(arn)", "CABundle": "/etc/ca.pem"}"#,
            "\(place)CABundle: expected \(certificates), found '/etc/ca.pem'"
        ),
        (
            #"{"UrlSecretArn": "\#(arn)", "CABundle": "-----BEGIN CERTIFICATE-----"}"#,
            "\(place)CABundle: expected \(certificates), found '-----BEGIN CERTIFICATE-----'"
        ),
        (
            #"{"URLSecretArn": "\#(arn)", "UrlSecretArn": "\#(arn)"}"#,
            "\(place)URLSecretArn: unknown property, did you mean `UrlSecretArn`?"
        ),
        (
            #"{"UrlSecretArn": "\#(arn)", "RoleArn": ""}"#,
            "\(place)RoleArn: unknown property, expected one of UrlSecretArn, CABundle"
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problem: String
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == [problem])
    }
}
