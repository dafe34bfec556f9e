import AWS
import Codec
import Platform
import TestSupport
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

@Suite struct `A Deployment` {
    static let unknown = "; an attempt whose end is unknown may have started it before"
    static let place = "shop/web at https://kubernetes.test:6443"

    static func stage(
        _ kubernetes: FakeKubernetes,
        image: String = "octo/app:2",
        names: [String] = ["web"],
        cluster: String? = nil
    ) throws -> Stage {
        let stage = try Stage()
        stage.aws.secrets[FakeKubernetes.arn] = ["AWSCURRENT": FakeKubernetes.secret("T0ken\\n")]
        stage.aws.elsewhere = kubernetes.answer
        let server =
            cluster
            ?? #""Server":"\#(FakeKubernetes.origin)","TokenSecretArn":"\#(FakeKubernetes.arn)""#
        for name in names {
            stage.rule(
                name,
                target: #"{"KubernetesDeployment":{\#(server),"Namespace":"shop","#
                    + #""Deployment":"web","Container":"app","Image":"\#(image)"}}"#
            )
        }
        return stage
    }

    @Test func `is read, and its container set to the image`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try Self.stage(kubernetes)
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == "started")
        #expect(record.rule("web")?["answer"]?.string == "octo/app:1 → octo/app:2")
        #expect(kubernetes.containers.map(\.1) == ["envoyproxy/envoy:v1.30", "octo/app:2"])
        #expect(
            kubernetes.requests == [
                HTTPRequest(
                    method: "GET",
                    origin: FakeKubernetes.origin,
                    target: FakeKubernetes.path,
                    headers: ["Accept": "application/json", "Authorization": "Bearer T0ken"],
                    timeLimit: 10_000,
                    largestResponse: 1 << 20
                ),
                HTTPRequest(
                    method: "PATCH",
                    origin: FakeKubernetes.origin,
                    target: FakeKubernetes.path + "?fieldManager=pointsman",
                    headers: [
                        "Content-Type": "application/strategic-merge-patch+json",
                        "Accept": "application/json", "Authorization": "Bearer T0ken",
                    ],
                    body: Array(
                        (#"{"metadata":{"resourceVersion":"41"},"spec":{"template":{"spec":"#
                            + #"{"containers":[{"name":"app","image":"octo/app:2"}]}}}}"#).utf8
                    ),
                    isRepeatable: false,
                    largestResponse: 1 << 20
                ),
            ]
        )
        #expect(!stage.log.contains("T0ken"))
    }

    @Test(arguments: ["octo/app:1", "docker.io/octo/app:1", "index.docker.io/octo/app:1"])
    func `that has the image already stays as it is`(image: String) throws {
        let kubernetes = FakeKubernetes()
        let stage = try Self.stage(kubernetes, image: image)
        let handOver = try stage.handOver(of: stage.push())
        for _ in 0..<2 {
            let record = try stage.evaluate(handOver)[0].get()
            #expect(record.outcome(of: "web") == "unchanged")
            #expect(record["counts"]?["unchanged"]?.int == 1)
            #expect(record.rule("web")?["answer"]?.string == "octo/app:1 is there already")
        }
        #expect(kubernetes.requests.map(\.method) == ["GET"])
        // A redelivery looks again.
        kubernetes.containers[1].1 = "octo/app:0"
        stage.wait(1_000)
        let record = try stage.evaluateAll(stage.push())
        #expect(record.rule("web")?["answer"]?.string == "octo/app:0 → \(image)")
    }

    static let get = "kubernetes:GetDeployment of \(place): "

    @Test(arguments: [
        (
            [("main", "octo/app:1")],
            "\(place) has no container app, but main"
        ),
        (
            [("app", "octo/other:1")],
            "the container app of \(place) has the image octo/other:1, which is not of "
                + "docker.io/octo/app"
        ),
        (
            [("app", "registry.test/octo/app:1")],
            "the container app of \(place) has the image registry.test/octo/app:1, which is not of "
                + "docker.io/octo/app"
        ),
    ])
    func `is left alone where it is not what the rule takes it for`(
        containers: [(String, String)],
        answer: String
    ) throws {
        let kubernetes = FakeKubernetes()
        kubernetes.containers = containers
        let stage = try Self.stage(kubernetes)
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == "failed")
        #expect(record.rule("web")?["answer"]?.string == answer)
        #expect(kubernetes.rollouts == 0)
    }

    @Test(arguments: [
        (
            FakeKubernetes.status(404, "NotFound", #"deployments.apps "web" not found"#),
            get + #"404 NotFound: deployments.apps "web" not found"#
        ),
        (
            FakeKubernetes.status(403, "Forbidden", "deployments.apps is forbidden: User \"x\""),
            get + "403 Forbidden: deployments.apps is forbidden: User \"x\""
        ),
        (
            FakeKubernetes.status(401, "Unauthorized", "Unauthorized"),
            get + "401 Unauthorized: Unauthorized"
        ),
    ])
    func `that cannot be read is told in the API server's words`(
        response: HTTPResponse,
        answer: String
    ) throws {
        let stage = try Self.stage(FakeKubernetes())
        stage.aws.elsewhere = { _ in response }
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == "failed")
        #expect(record.rule("web")?["answer"]?.string == answer)
    }

    @Test func `that changes in between is read again, and never gets another container`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try Self.stage(kubernetes)
        kubernetes.beforePatch = {
            kubernetes.beforePatch = {}
            kubernetes.version += 1
            kubernetes.containers = [("main", "octo/app:1")]
        }
        let record = try stage.evaluateAll(stage.push())
        #expect(
            record.rule("web")?["answer"]?.string == "\(Self.place) has no container app, but main"
        )
        #expect(kubernetes.containers.map(\.0) == ["main"])
    }

    @Test func `that keeps changing is tried again later`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try Self.stage(kubernetes)
        var left = 6
        kubernetes.beforePatch = {
            left -= 1
            if left > 0 { kubernetes.version += 1 }
        }
        let record = try stage.evaluateAll(stage.push())
        #expect(record.rule("web")?["answer"]?.string == "octo/app:1 → octo/app:2")
        #expect(kubernetes.rollouts == 1)
    }

    @Test func `whose token was replaced is read with the new one`() throws {
        let kubernetes = FakeKubernetes()
        let stage = try Self.stage(kubernetes)
        try stage.evaluateAll(stage.push())
        kubernetes.accepts = { $0 == "New" }
        stage.aws.secrets[FakeKubernetes.arn] = ["AWSCURRENT": FakeKubernetes.secret("New")]
        kubernetes.containers[1].1 = "octo/app:1"
        let record = try stage.evaluateAll(stage.push(to: "other"))
        #expect(record.outcome(of: "web") == "started")
        #expect(stage.aws.calls.count { $0 == "GetSecretValue AWSCURRENT" } == 3)
    }

    // EKS

    static let eks =
        #""Cluster":"prod","RoleArn":"arn:aws:iam::123456789012:role/role","Region":"eu-north-1""#
    static let described =
        #"{"cluster":{"name":"prod","status":"ACTIVE","endpoint":"https://kubernetes.test:6443","#
        + #""certificateAuthority":{"data":"UEVN"}}}"#

    @Test func `of EKS is found by its cluster's name, and knows who asks by a token of STS's`()
        throws
    {
        let kubernetes = FakeKubernetes()
        kubernetes.accepts = { $0.hasPrefix("k8s-aws-v1.") }
        let stage = try Self.stage(kubernetes, names: ["a", "b"], cluster: Self.eks)
        stage.aws.clusters["prod"] = Self.described
        let record = try stage.evaluateAll(stage.push())
        // Both set the one Deployment: the second finds what the first has done.
        #expect(record.outcome(of: "a") == "started")
        #expect(record.outcome(of: "b") == "unchanged")
        #expect(kubernetes.rollouts == 1)
        #expect(stage.aws.calls.count { $0 == "DescribeCluster prod" } == 1)
        #expect(stage.aws.calls.count { $0.hasPrefix("AssumeRole") } == 1)
        #expect(Set(kubernetes.requests.map { $0.headers["Authorization"] }).count == 1)
        #expect(kubernetes.requests.allSatisfy { $0.caBundle == Array("PEM".utf8) })
    }

    @Test(arguments: [
        (
            nil as String?,
            "eks:DescribeCluster of prod: 404 ResourceNotFoundException: as scripted"
        )
    ])
    func `of a cluster that is not there is told so`(described: String?, answer: String) throws {
        let stage = try Self.stage(FakeKubernetes(), cluster: Self.eks)
        stage.aws.clusters["prod"] = described
        let record = try stage.evaluateAll(stage.push())
        #expect(record.outcome(of: "web") == "failed")
        #expect(record.rule("web")?["answer"]?.string == answer)
    }

    // Faults

    private func calls(_ cluster: String?) throws -> Int {
        let stage = try faultStage(FakeKubernetes(), cluster)
        try stage.evaluate(stage.handOver(of: stage.push()))
        #expect(stage.aws.calls.contains("PATCH \(FakeKubernetes.origin)"))
        return stage.aws.calls.count
    }

    private func faultStage(_ kubernetes: FakeKubernetes, _ cluster: String?) throws -> Stage {
        if cluster != nil { kubernetes.accepts = { $0.hasPrefix("k8s-aws-v1.") } }
        let stage = try Self.stage(kubernetes, cluster: cluster)
        stage.aws.clusters["prod"] = Self.described
        return stage
    }

    /// What must be so whatever has failed.
    private func expectDone(_ record: JSON, _ kubernetes: FakeKubernetes, _ comment: Comment) {
        #expect(kubernetes.containers.map(\.1)[1] == "octo/app:2", comment)
        #expect(kubernetes.rollouts == 1, comment)
        let outcome = record.outcome(of: "web") ?? "none"
        let answer = record.rule("web")?["answer"]?.string ?? ""
        switch outcome {
        case "started", "already-started":
            #expect(answer == "octo/app:1 → octo/app:2", comment)
        default:
            #expect(outcome == "unchanged", comment)
            #expect(answer == "octo/app:2 is there already\(Self.unknown)", comment)
        }
    }

    @Test(.thorough, arguments: [nil, eks], FakeAWS.Fault.allCases)
    func `is set once when a call fails once, and the record is true`(
        cluster: String?,
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...(try calls(cluster)) {
            let kubernetes = FakeKubernetes()
            let stage = try faultStage(kubernetes, cluster)
            let handOver = try stage.handOver(of: stage.push())
            var failed = ""
            stage.aws.fault = { call, name in
                if call == number { failed = name }
                return call == number ? fault : nil
            }
            let record = try #require(stage.evaluate(handOver).last).get()
            expectDone(record, kubernetes, "\(failed)")
            let isLost = failed.hasPrefix("PATCH") && fault == .lostAnswer
            #expect((record.outcome(of: "web") == "unchanged") == isLost, "\(failed)")
        }
    }

    @Test(.thorough, arguments: [nil, eks], FakeAWS.Fault.allCases)
    func `is set once when all calls fail until a later attempt, and the record is true`(
        cluster: String?,
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...(try calls(cluster)) {
            let kubernetes = FakeKubernetes()
            let stage = try faultStage(kubernetes, cluster)
            let handOver = try stage.handOver(of: stage.push())
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            _ = try stage.evaluate(handOver, attempts: 1)
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            let record = try stage.evaluate(handOver)[0].get()
            expectDone(record, kubernetes, "call \(number)")
        }
    }
}
