internal import AWS
internal import Platform

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
