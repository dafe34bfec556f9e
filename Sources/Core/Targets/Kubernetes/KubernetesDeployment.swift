internal import AWS
internal import Codec
package import Platform

/// A Deployment whose image is to be set, as a rule describes it.
package struct KubernetesDeploymentTarget: Equatable, Sendable {
    /// Where the Deployment's cluster is.
    package var cluster: Cluster
    /// Its namespace.
    package var namespace: Template
    /// Its name.
    package var deployment: Template
    /// The container of its pods.
    package var container: Template
    /// The image that the container is to have.
    package var image: Template
    /// As whom and where AWS is called.
    package var access: AWSAccess

    /// Where a cluster is, and how it knows who asks.
    package enum Cluster: Equatable, Sendable {
        /// A cluster of EKS's by its name; it knows AWS's identities.
        case eks(Template)
        /// Any API server, a secret that holds a token for it, and the certificates to trust there.
        case server(HTTPSURL, tokenSecretARN: String, caBundle: String?)
    }

    /// A target for one change: all placeholders filled.
    package struct Filled: Equatable, Sendable {
        /// Where the Deployment's cluster is.
        package var cluster: Cluster
        /// Its namespace.
        package var namespace: String
        /// Its name.
        package var deployment: String
        /// The container of its pods.
        package var container: String
        /// The image that the container is to have.
        package var image: ImageReference
        /// As whom and where AWS is called.
        package var access: AWSAccess.Filled

        /// Where a cluster is, and how it knows who asks.
        package enum Cluster: Equatable, Sendable {
            /// A cluster of EKS's by its name.
            case eks(String)
            /// Any API server.
            case server(HTTPSURL, tokenSecretARN: String, caBundle: String?)
        }
    }

    private static let place = "Target.KubernetesDeployment."
    private static let known = [
        "Cluster", "Server", "TokenSecretArn", "CABundle", "Namespace", "Deployment", "Container",
        "Image", "RoleArn", "Region",
    ]

    /// Reads the value of a rule's `Target.KubernetesDeployment`.
    static func read(_ value: JSON) throws(InvalidRule) -> KubernetesDeploymentTarget {
        var properties = try PropertyReader(target: value, place: place, known: known)
        let cluster = properties.cluster()
        let namespace = properties.requiredText("Namespace", .dnsLabel)
        let deployment = properties.requiredText("Deployment", .dnsSubdomain)
        let container = properties.requiredText("Container", .dnsLabel)
        let image = properties.text("Image", .image) ?? (try? Template("#{image}"))
        let access = properties.access()
        guard let cluster, let namespace, let deployment, let container, let image,
            properties.problems.isEmpty
        else { throw InvalidRule(problems: properties.problems) }
        return KubernetesDeploymentTarget(
            cluster: cluster,
            namespace: namespace,
            deployment: deployment,
            container: container,
            image: image,
            access: access
        )
    }

    /// Fills the placeholders.
    package func filled(for change: Change) throws(RuleProblem) -> Filled {
        let filling = Filling(change: change, place: Self.place)
        let cluster: Filled.Cluster =
            switch cluster {
            case .eks(let name): .eks(try filling.text(name, "Cluster", .clusterName))
            case .server(let url, let arn, let caBundle):
                .server(url, tokenSecretARN: arn, caBundle: caBundle)
            }
        let text: String = try filling.text(image, "Image", .image)
        guard let image = ImageReference(text) else {
            throw RuleProblem(Self.place + "Image", "expected \(TargetText.image.expectation)")
        }
        return Filled(
            cluster: cluster,
            namespace: try filling.text(namespace, "Namespace", .dnsLabel),
            deployment: try filling.text(deployment, "Deployment", .dnsSubdomain),
            container: try filling.text(container, "Container", .dnsLabel),
            image: image,
            access: try filling.access(access)
        )
    }
}

extension PropertyReader {
    /// `Cluster`, or `Server` with `TokenSecretArn` and, if need be, `CABundle`.
    fileprivate mutating func cluster() -> KubernetesDeploymentTarget.Cluster? {
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
            let secret =
                required("TokenSecretArn") == nil ? nil : fixedText("TokenSecretArn", .secretARN)
            let caBundle = fixedText("CABundle", .certificates)
            guard let server, let secret else { return nil }
            return .server(server, tokenSecretARN: secret, caBundle: caBundle)
        }
    }

    fileprivate mutating func requiredText(_ name: String, _ kind: TargetText) -> Template? {
        required(name) == nil ? nil : text(name, kind)
    }
}

extension KubernetesDeploymentTarget.Filled {
    /// How often the Deployment is read and set while somebody else keeps changing it.
    private static var rounds: Int { 4 }

    /// Finds the API server and a token for it, then reads the Deployment and sets its image.
    func begin(_ start: Start, _ secrets: KeptSecrets) -> StartStep {
        switch cluster {
        case .eks(let name): eks(name)
        case .server(let url, let arn, let caBundle):
            secrets.reading(
                arn,
                for: .serverToken(url),
                of: start.repository,
                asRole: access.role
            ) { (token, wasKept) in
                let server = Kubernetes.Server(
                    name: url.origin,
                    url: url,
                    certificates: caBundle.map { Array($0.utf8) },
                    token: token
                )
                return read(at: server, rounds: Self.rounds) {
                    guard wasKept else { return nil }
                    // The token may have been replaced since it was read.
                    secrets.forget(arn, asRole: access.role)
                    return begin(start, secrets)
                }
            }
        }
    }

    private func eks(_ name: String) -> StartStep {
        let call = EKS.describeCluster(name)
        return .read(call, access) { (response) throws(CallError) in
            let cluster = try EKS.cluster(of: call, response)
            return .identify(
                StartStep.Identification(cluster: name, access: access) { result in
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
                        return .ended(StartOutcome(error.havingDoneNothing))
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
        return .ask(call, onlyReads: true) { (response) throws(CallError) in
            if response.status == 401 {
                if let step = unauthorized() { return step }
                throw CallError(call, response)
            }
            return set(
                try Kubernetes.deployment(of: call, response),
                at: server,
                rounds: rounds
            )
        }
    }

    /// Sets the image, unless it is set already or is of another repository.
    private func set(
        _ deployment: Kubernetes.Deployment,
        at server: Kubernetes.Server,
        rounds: Int
    ) -> StartStep {
        let place = "\(namespace)/\(self.deployment) at \(server.name)"
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
        return .ask(call, onlyReads: false) { (response) throws(CallError) in
            if response.status == 409 {
                guard rounds > 1 else {
                    return .ended(.unavailable(CallError(call, response).description))
                }
                return read(at: server, rounds: rounds - 1) { nil }
            }
            let new = try Kubernetes.deployment(of: call, response).image(of: container)
            return .ended(.started("\(old) → \(new ?? image.text)"))
        }
    }
}
