import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct KubernetesDeploymentTargetTests {
    private static let arn = OpenShiftBuildTargetTests.arn
    private static let place = "Target.KubernetesDeployment."
    private static let names = #""Namespace": "shop", "Deployment": "web.v1", "Container": "app""#
    private static let server =
        #""Server": "https://api.test:6443/k8s/", "TokenSecretArn": "\#(arn)""#
    private static let label =
        "a name of 1 to 63 lower-case letters, digits or -, no - first or last"

    private static func read(_ text: String) throws(InvalidRule) -> KubernetesDeploymentTarget<
        Template
    > {
        try KubernetesDeploymentTarget<Template>.read(
            (try? JSON(parsing: [UInt8](text.utf8))) ?? .null
        )
    }

    private static func image(_ repository: String, _ tag: String) -> Change {
        var change = Change.push()
        change.kind = .image
        change.tag = tag
        change.image = Change.Image(repository: repository, tag: tag)
        return change
    }

    @Test func `a target at a server may have every property that goes with one`() throws {
        let pem = OpenShiftBuildTargetTests.pem
        let target = try Self.read(
            """
            {\(Self.server), "CABundle": "\(pem.replacing("\n", with: "\\n"))", \(Self.names),
            "Image": "octo/app:#{after}", "RoleArn": "arn:aws:iam::123456789012:role/start"}
            """
        )
        let commit = String(repeating: "b", count: 40)
        #expect(
            try target.resolved(for: .push())
                == KubernetesDeploymentTarget<String>(
                    cluster: .server(
                        #require(HTTPSURL("https://api.test:6443/k8s")),
                        tokenSecretARN: Self.arn,
                        caBundle: pem
                    ),
                    namespace: "shop",
                    deployment: "web.v1",
                    container: "app",
                    image: "octo/app:\(commit)",
                    access: AWSAccess(
                        role: AssumedRoles.Role(
                            arn: "arn:aws:iam::123456789012:role/start",
                            sessionName: "pointsman-acme-app"
                        )
                    )
                )
        )
    }

    @Test func `a target in EKS names its cluster, and the image is the one that was pushed`()
        throws
    {
        let target = try Self.read(
            #"{"Cluster": "prod-#{tag}", \#(Self.names), "Region": "eu-north-1"}"#
        )
        let resolved = try target.resolved(for: Self.image("octo/app", "v1"))
        #expect(resolved.cluster == .eks("prod-v1"))
        #expect(resolved.image == "octo/app:v1")
        #expect(resolved.access.region == "eu-north-1")
    }

    @Test(arguments: [
        (
            ##"{"Cluster": "a", \##(names)}"##, "Image",
            "an image with its tag or digest, such as octo/app:1.2", "", "#{image}"
        ),
        (
            ##"{"Cluster": "a/#{branch}", \##(names), "Image": "a:1"}"##, "Cluster",
            "an EKS cluster's name (1 to 100 letters, digits or - _, the first no - or _)",
            "a/main", "a/#{branch}"
        ),
    ])
    func `what a placeholder makes of a property is checked for the change`(
        text: String,
        property: String,
        expected: String,
        found: String,
        template: String
    ) throws {
        let target = try Self.read(text)
        let error = #expect(throws: RuleProblem.self) { try target.resolved(for: .push()) }
        #expect(
            error?.description
                == "\(Self.place)\(property): expected \(expected), found '\(found)', "
                + "made of '\(template)'"
        )
    }

    @Test(arguments: [
        (
            "{\(names)}",
            "\(place)Cluster: required, but missing, and so is Server: one of them is needed"
        ),
        (
            #"{"Cluster": "a", \#(server), \#(names)}"#,
            "\(place)Server: expected one of Cluster and Server, found both"
        ),
        (
            #"{"Cluster": "a", "CABundle": "", \#(names)}"#,
            "\(place)CABundle: expected with Server only: of an EKS cluster it is known"
        ),
        (
            #"{"Server": "https://api.test", \#(names)}"#,
            "\(place)TokenSecretArn: required, but missing"
        ),
        (
            #"{\#(server), "Region": "eu-west-1", \#(names)}"#,
            "\(place)Region: expected with Cluster only: the ARN of a secret names its own"
        ),
        (
            #"{"Server": "http://api.test", "TokenSecretArn": "\#(arn)", \#(names)}"#,
            "\(place)Server: expected the URL of an API server, such as https://api.example.com:6443, found 'http://api.test'"
        ),
        (
            ##"{"Server": "https://#{branch}.test", "TokenSecretArn": "\##(arn)", \##(names)}"##,
            "\(place)Server: expected no placeholder here, found 'https://#{branch}.test'"
        ),
        (
            #"{"Cluster": "-a", \#(names)}"#,
            "\(place)Cluster: expected an EKS cluster's name (1 to 100 letters, digits or - _, the first no - or _), found '-a'"
        ),
        (
            #"{"Cluster": "a", "Namespace": "Shop", "Deployment": "a", "Container": "a"}"#,
            "\(place)Namespace: expected \(label), found 'Shop'"
        ),
        (
            #"{"Cluster": "a", "Namespace": "s", "Deployment": "a..b", "Container": "a"}"#,
            "\(place)Deployment: expected a name of 1 to 253 lower-case letters, digits or - ., a letter or digit first, last and beside each ., found 'a..b'"
        ),
        (
            #"{"Cluster": "a", "Namespace": "s", "Deployment": "a", "Container": "a.b"}"#,
            "\(place)Container: expected \(label), found 'a.b'"
        ),
        (
            #"{"Cluster": "a", "Namespace": "s", "Deployment": "a"}"#,
            "\(place)Container: required, but missing"
        ),
        (
            #"{"Cluster": "a", \#(names), "Image": "octo/app"}"#,
            "\(place)Image: expected an image with its tag or digest, such as octo/app:1.2, found 'octo/app'"
        ),
        (
            #"{"Cluster": "a", \#(names), "Namespaces": "s"}"#,
            "\(place)Namespaces: unknown property, did you mean `Namespace`?"
        ),
    ])
    func `an invalid target says which property and what was expected`(
        text: String,
        problem: String
    ) {
        let error = #expect(throws: InvalidRule.self) { try Self.read(text) }
        #expect(error?.problems.map(\.description) == [problem])
    }

    @Test(arguments: [
        ("a", true), ("a-1", true), ("1a", true), ("", false), ("-a", false), ("a-", false),
        ("a.b", false), ("a_b", false), (String(repeating: "a", count: 63), true),
        (String(repeating: "a", count: 64), false),
    ])
    func `a namespace is a label of RFC 1123`(text: String, isOne: Bool) {
        #expect(TargetText.dnsLabel.accepts(text) == isOne)
    }

    @Test(arguments: [
        ("a.b-c.1", true), (String(repeating: "a", count: 253), true), (".a", false), ("a.", false),
        ("a.-b", false), (String(repeating: "a", count: 254), false),
    ])
    func `a Deployment is a subdomain of RFC 1123`(text: String, isOne: Bool) {
        #expect(TargetText.dnsSubdomain.accepts(text) == isOne)
    }
}
