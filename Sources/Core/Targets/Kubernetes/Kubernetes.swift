internal import Codec
package import Platform

/// Deployments of a Kubernetes cluster: calls as values, and what their responses mean
/// (https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#deployment-v1-apps).
package enum Kubernetes {
    /// How a cluster's API server is reached, and as whom.
    struct Server: Sendable {
        /// The cluster's name, for messages.
        var name: String
        var url: HTTPSURL
        /// The certificates to trust as PEM text; `nil` for the system's.
        var certificates: [UInt8]?
        var token: Secret

        /// White space around the token is not part of it.
        init(name: String, url: HTTPSURL, certificates: [UInt8]?, token: Secret) {
            self.name = name
            self.url = url
            self.certificates = certificates
            self.token = token.trimmed
        }
    }

    /// Which Deployment: names are as Kubernetes has them and need no encoding.
    struct DeploymentName: Equatable, Sendable {
        var namespace: String
        var name: String

        fileprivate var path: String { "/apis/apps/v1/namespaces/\(namespace)/deployments/\(name)" }
    }

    /// What is needed of a Deployment.
    package struct Deployment: Equatable, Sendable {
        /// Which state of the object this is.
        var resourceVersion: String
        /// The containers of its pods, without those that run before them.
        var containers: [Container]

        /// The image of a container; `nil` where there is no such container.
        func image(of container: String) -> String? {
            containers.first { $0.name.utf8.elementsEqual(container.utf8) }?.image
        }
    }

    /// A container of a Deployment's pods.
    struct Container: Equatable, Sendable {
        var name: String
        var image: String
    }

    /// Reads a Deployment; 401 comes back, for the token may be an old one.
    static func getDeployment(_ name: DeploymentName, at server: Server) -> APICall {
        APICall(
            "kubernetes:GetDeployment",
            of: "\(name.namespace)/\(name.name) at \(server.name)",
            method: "GET",
            origin: server.url.origin,
            target: server.url.path + name.path,
            headers: ["Accept": "application/json"],
            bearerToken: server.token,
            caBundle: server.certificates,
            expectedStatuses: [200, 401],
            isRepeatable: true
        )
    }

    /// Sets the image of one container, in that state of the Deployment alone: of one that has
    /// changed since the server answers 409, which comes back.
    ///
    /// That way a container that has gone since cannot be added by this.
    static func setImage(
        _ image: String,
        of container: String,
        in name: DeploymentName,
        resourceVersion: String,
        at server: Server
    ) -> APICall {
        var json = JSONWriter()
        json.object { json in
            json.object("metadata") { $0.member("resourceVersion", resourceVersion) }
            json.object("spec") {
                $0.object("template") {
                    $0.object("spec") {
                        $0.objects("containers", [container]) { json, container in
                            json.member("name", container)
                            json.member("image", image)
                        }
                    }
                }
            }
        }
        return APICall(
            "kubernetes:PatchDeployment",
            of: "\(name.namespace)/\(name.name) at \(server.name)",
            method: "PATCH",
            origin: server.url.origin,
            target: server.url.path + name.path + "?fieldManager=pointsman",
            headers: [
                "Content-Type": "application/strategic-merge-patch+json",
                "Accept": "application/json",
            ],
            body: json.bytes,
            bearerToken: server.token,
            caBundle: server.certificates,
            expectedStatuses: [200, 409],
            // Sent again after a lost answer it would meet its own doing, as 409.
            isRepeatable: false
        )
    }

    /// Reads the response to either call.
    package static func deployment(
        of call: APICall,
        _ response: HTTPResponse
    ) throws(CallError) -> Deployment {
        let root = call.json(response)
        let containers = root?["spec"]?["template"]?["spec"]?["containers"]?.array
        guard let resourceVersion = root?["metadata"]?["resourceVersion"]?.string, let containers
        else {
            throw .unreadable(call, response, "the answer is not a Deployment")
        }
        return Deployment(
            resourceVersion: resourceVersion,
            containers: containers.compactMap { container in
                container["name"]?.string.map {
                    Container(name: $0, image: container["image"]?.string ?? "")
                }
            }
        )
    }
}
