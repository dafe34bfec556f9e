internal import AWS
internal import Codec
internal import Platform

/// A Deployment whose image is to be set: as a rule describes it (`Template`) or for one change
/// (`String`).
package struct KubernetesDeploymentTarget<Text: Equatable & Sendable>: Equatable, Sendable {
    var cluster: Cluster
    var namespace: Text
    var deployment: Text
    var container: Text
    /// The image that the container is to have.
    var image: Text
    var access: AWSAccess<Text>

    /// Where the Deployment's cluster is, and how it knows who asks.
    enum Cluster: Equatable, Sendable {
        /// A cluster of EKS by its name; it knows AWS's identities.
        case eks(Text)
        /// Any API server, a secret that holds a token for it, and the certificates to trust there.
        case server(HTTPSURL, tokenSecretARN: String, caBundle: String?)
    }
}

extension KubernetesDeploymentTarget<Template> {
    static func read(_ value: JSON) throws(InvalidRule) -> Self {
        var properties = try PropertyReader(
            target: value,
            .kubernetesDeployment,
            known: [
                "Cluster", "Server", "TokenSecretArn", "CABundle", "Namespace", "Deployment",
                "Container", "Image", "RoleArn", "Region",
            ]
        )
        let target = KubernetesDeploymentTarget(
            cluster: properties.cluster() ?? .eks(.empty),
            namespace: properties.requiredText("Namespace", .dnsLabel),
            deployment: properties.requiredText("Deployment", .dnsSubdomain),
            container: properties.requiredText("Container", .dnsLabel),
            image: properties.text("Image", .image) ?? Template(.image),
            access: properties.access()
        )
        return try properties.checked(target)
    }

    func resolved(for change: Change) throws(RuleProblem) -> KubernetesDeploymentTarget<String> {
        let resolver = Resolver(change, .kubernetesDeployment)
        let cluster: KubernetesDeploymentTarget<String>.Cluster =
            switch cluster {
            case .eks(let name): .eks(try resolver.text(name, "Cluster", .clusterName))
            case .server(let url, let arn, let caBundle):
                .server(url, tokenSecretARN: arn, caBundle: caBundle)
            }
        let image: String = try resolver.text(image, "Image", .image)
        return KubernetesDeploymentTarget<String>(
            cluster: cluster,
            namespace: try resolver.text(namespace, "Namespace", .dnsLabel),
            deployment: try resolver.text(deployment, "Deployment", .dnsSubdomain),
            container: try resolver.text(container, "Container", .dnsLabel),
            image: image,
            access: try resolver.access(access)
        )
    }
}

/// Limits: RFC 1123, and of a cluster's name the Amazon EKS API reference, CreateCluster.
extension TargetText {
    fileprivate static var clusterName: TargetText {
        TargetText(
            "an EKS cluster's name (1 to 100 letters, digits or - _, the first no - or _)",
            upTo: 100
        ) { _, bytes in
            bytes.isName(also: "-_") && !"-_".utf8.contains(bytes[0])
        }
    }

    fileprivate static var serverURL: TargetText {
        TargetText("the URL of an API server, such as https://api.example.com:6443") { text, _ in
            HTTPSURL(text) != nil
        }
    }

    static var dnsLabel: TargetText {
        TargetText(
            "a name of 1 to 63 lower-case letters, digits or -, no - first or last",
            upTo: 63
        ) { _, bytes in
            isLabel(bytes)
        }
    }

    static var dnsSubdomain: TargetText {
        TargetText(
            "a name of 1 to 253 lower-case letters, digits or - ., a letter or digit first, last "
                + "and beside each .",
            upTo: 253
        ) { _, bytes in
            bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy { isLabel(Array($0)) }
        }
    }

    private static func isLabel(_ bytes: [UInt8]) -> Bool {
        bytes.isName(also: "-") && !bytes.contains { $0.isASCIIUppercase }
            && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
    }

    /// No registry takes a name that is as long.
    fileprivate static var image: TargetText {
        TargetText(
            "an image with its tag or digest, such as octo/app:1.2",
            upTo: 1_024
        ) { text, _ in
            guard let image = ImageReference(text) else { return false }
            return image.tag != nil || image.digest != nil
        }
    }
}

extension PropertyReader {
    /// `Cluster`, or `Server` with `TokenSecretArn` and, if need be, `CABundle`.
    fileprivate mutating func cluster() -> KubernetesDeploymentTarget<Template>.Cluster? {
        switch (value("Cluster") != nil, value("Server") != nil) {
        case (false, false):
            report(
                "Cluster",
                "required, but missing, and so is Server: one of them is needed",
                .missingProperty
            )
            return nil
        case (true, true):
            report("Server", "expected one of Cluster and Server, found both")
            return nil
        case (true, false):
            for name in ["TokenSecretArn", "CABundle"] where value(name) != nil {
                report(name, "expected with Server only: of an EKS cluster it is known")
            }
            return text("Cluster", .clusterName).map { .eks($0) }
        case (false, true):
            if value("Region") != nil {
                report("Region", "expected with Cluster only: the ARN of a secret names its own")
            }
            let server = fixedText("Server", .serverURL).flatMap(HTTPSURL.init)
            let secret = requiredFixedText("TokenSecretArn", .secretARN)
            let caBundle = fixedText("CABundle", .certificates)
            return server.map { .server($0, tokenSecretARN: secret, caBundle: caBundle) }
        }
    }
}

extension KubernetesDeploymentTarget<String> {
    var facts: StartFacts {
        let server =
            switch cluster {
            case .eks(let name): ByteKey("cluster \(name)")
            case .server(let url, _, _): ByteKey(url.server)
            }
        return StartFacts(
            .kubernetesDeployment,
            named: "\(namespace)/\(deployment)",
            // It takes no client token, but to set the same image again changes nothing.
            tokenLifetime: nil,
            server: server
        )
    }

    /// How often the Deployment is read and set while somebody else keeps changing it.
    private static var rounds: Int { 4 }

    /// Finds the API server and a token for it, then reads the Deployment and sets its image.
    func begin(_ start: Start, _ secrets: SecretCache) -> StartStep {
        switch cluster {
        case .eks(let name): eks(name)
        case .server(let url, let arn, let caBundle):
            secrets.read(
                arn,
                for: .serverToken(url),
                of: start.change.repository,
                asRole: access.role
            ) { (token, wasCached) in
                let server = Kubernetes.Server(
                    name: url.origin,
                    url: url,
                    certificates: caBundle.map { Array($0.utf8) },
                    token: token
                )
                return read(at: server, rounds: Self.rounds) {
                    guard wasCached else { return nil }
                    // The token may have been replaced since it was read.
                    secrets.remove(arn, asRole: access.role)
                    return begin(start, secrets)
                }
            }
        }
    }

    private func eks(_ name: String) -> StartStep {
        let call = EKS.describeCluster(name)
        return .read(call, access) { (response) throws(CallError) in
            let cluster = try EKS.cluster(of: call, response)
            return .makeToken(
                StartStep.TokenRequest(cluster: name, access: access) { result in
                    switch result {
                    case .success(let token):
                        let server = Kubernetes.Server(
                            name: name,
                            url: cluster.endpoint,
                            certificates: cluster.certificates,
                            token: token
                        )
                        return read(at: server, rounds: Self.rounds) { nil }
                    case .failure(let error):
                        return .ended(StartResult(error.havingDoneNothing))
                    }
                }
            )
        }
    }

    private var name: Kubernetes.DeploymentName {
        Kubernetes.DeploymentName(namespace: namespace, name: deployment)
    }

    /// Reads the Deployment and goes on with what its container has.
    ///
    /// - Parameter unauthorized: what to do about a token that is refused; `nil` for nothing.
    private func read(
        at server: Kubernetes.Server,
        rounds: Int,
        unauthorized: @escaping () -> StartStep?
    ) -> StartStep {
        let call = Kubernetes.getDeployment(name, at: server)
        return .call(call, onlyReads: true) { (response) throws(CallError) in
            if response.status == 401 {
                if let step = unauthorized() { return step }
                throw CallError(call, response)
            }
            return set(try Kubernetes.deployment(of: call, response), at: server, rounds: rounds)
        }
    }

    /// Sets the image, unless it is set already or is of another repository.
    private func set(
        _ deployment: Kubernetes.Deployment,
        at server: Kubernetes.Server,
        rounds: Int
    ) -> StartStep {
        let place = "\(namespace)/\(self.deployment) at \(server.name)"
        guard let image = ImageReference(image) else {
            return .ended(.refused("expected \(TargetText.image.expectation), found '\(image)'"))
        }
        guard let old = deployment.image(of: container) else {
            let names = deployment.containers.map { $0.name }.joined(separator: ", ")
            return .ended(.refused("\(place) has no container \(container), but \(names)"))
        }
        guard let current = ImageReference(old), current.isOfSameRepository(as: image) else {
            return .ended(
                .refused(
                    "the container \(container) of \(place) has the image \(old), which is not of "
                        + image.repository
                )
            )
        }
        if current.isSame(as: image) { return .ended(.unchanged("\(old) is there already")) }
        let call = Kubernetes.setImage(
            image.text,
            of: container,
            in: name,
            resourceVersion: deployment.resourceVersion,
            at: server
        )
        return .call(call, onlyReads: false) { (response) throws(CallError) in
            if response.status == 409 {
                guard rounds > 1 else {
                    return .ended(.pending(CallError(call, response).description))
                }
                return read(at: server, rounds: rounds - 1) { nil }
            }
            let new = try Kubernetes.deployment(of: call, response).image(of: container)
            return .ended(.started("\(old) → \(new ?? image.text)"))
        }
    }
}
