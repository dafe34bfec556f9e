import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// A call and the bytes that it is on the wire.
struct APIWireRow: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var call: APICall
    var bytes: String

    static let server = HTTPSURL("https://api.test/k8s").map {
        Kubernetes.Server(name: "prod", url: $0, certificates: nil, token: Secret(" T0ken\n"))
    }
    static let web = Kubernetes.DeploymentName(namespace: "shop", name: "web")
    static let hook = OpenShift.WebhookURL(
        Secret(
            " https://api.test/apis/build.openshift.io/v1/namespaces/shop/buildconfigs/web/"
                + "webhooks/a%2Fb/generic\n"
        )
    )

    static let all: [APIWireRow] =
        (server.map { server in
            [
                APIWireRow(
                    testDescription: "GetDeployment",
                    call: Kubernetes.getDeployment(web, at: server),
                    bytes: """
                        GET /k8s/apis/apps/v1/namespaces/shop/deployments/web HTTP/1.1
                        Host: HOST
                        Accept: application/json
                        Authorization: Bearer T0ken


                        """
                ),
                APIWireRow(
                    testDescription: "PatchDeployment",
                    call: Kubernetes.setImage(
                        "octo/app:2",
                        of: "app",
                        in: web,
                        resourceVersion: "41",
                        at: server
                    ),
                    bytes: """
                        PATCH /k8s/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=pointsman HTTP/1.1
                        Host: HOST
                        Content-Type: application/strategic-merge-patch+json
                        Accept: application/json
                        Authorization: Bearer T0ken
                        Content-Length: 119

                        {"metadata":{"resourceVersion":"41"},"spec":{"template":{"spec":{"containers":\
                        [{"name":"app","image":"octo/app:2"}]}}}}
                        """
                ),
            ]
        } ?? [])
        + (hook.map { hook in
            [
                APIWireRow(
                    testDescription: "a build of a commit",
                    call: OpenShift.build(
                        OpenShift.Revision(
                            uri: "https://github.com/octo/app.git",
                            ref: "refs/heads/main",
                            commit: "6dcb09b",
                            author: Change.Author(name: "Mona", email: nil),
                            message: "é \"\n"
                        ),
                        at: hook,
                        caBundle: nil
                    ),
                    bytes: """
                        POST /apis/build.openshift.io/v1/namespaces/shop/buildconfigs/web/webhooks/a%2Fb/generic HTTP/1.1
                        Host: HOST
                        Content-Type: application/json
                        Accept: application/json
                        Content-Length: 137

                        {"git":{"uri":"https://github.com/octo/app.git","ref":"refs/heads/main",\
                        "commit":"6dcb09b","author":{"name":"Mona"},"message":"é \\"\\n"}}
                        """
                ),
                APIWireRow(
                    testDescription: "a build of whatever is there",
                    call: OpenShift.build(nil, at: hook, caBundle: nil),
                    bytes: """
                        POST /apis/build.openshift.io/v1/namespaces/shop/buildconfigs/web/webhooks/a%2Fb/generic HTTP/1.1
                        Host: HOST
                        Content-Type: application/json
                        Accept: application/json
                        Content-Length: 2

                        {}
                        """
                ),
            ]
        } ?? [])
}

@Suite(.serialized) struct APIWireTests {
    @Test func `no call is missing`() {
        #expect(APIWireRow.all.count == 4)
    }

    @Test(arguments: APIWireRow.all)
    func `a call is exactly these bytes`(row: APIWireRow) throws {
        let server = try LoopbackServer { _ in .status(404) }
        let clock = WallClock.system
        let client = APIClient(
            transport: HTTPClient(clock: clock).transport,
            clock: clock,
            random: Randomness { 0 },
            attemptLimit: 10_000
        )
        // TLS is the end-to-end tests'.
        var call = row.call
        call.origin = server.origin
        let deadline = Deadline(clock.now().adding(milliseconds: 60_000))
        _ = client.send([call], deadline: deadline)
        let raw = try #require(server.requests.first).raw
        let text = String(decoding: raw, as: UTF8.self)
            .replacing("Host: \(server.authority)", with: "Host: HOST")
            .replacing("\r\n", with: "\n")
        #expect(text == row.bytes)
    }

    @Test(arguments: [
        "", "secret", "https://api.test/webhooks/a/generic",
        "https://api.test/buildconfigs/web/webhooks/a/github",
        "https://api.test/buildconfigs/web/hooks/a/generic",
        "http://api.test/buildconfigs/web/webhooks/a/generic",
        "https://api.test/buildconfigs/web/webhooks/a/generic?x",
    ])
    func `no other text is a generic webhook's URL`(text: String) {
        #expect(OpenShift.WebhookURL(Secret(text)) == nil)
    }

    @Test(arguments: [
        #"{"kind":"Build","metadata":{"name":"SECRET"}}"#,
        #"{"kind":"Status","message":"SECRET"}{"kind":"Build","metadata":{"name":"\u0053ECRET"}}"#,
    ])
    func `what a server says of a build shows nothing of the URL`(body: String) throws {
        let url = Secret("https://api.test/buildconfigs/web/webhooks/SECRET/generic")
        let call = OpenShift.build(nil, at: try #require(OpenShift.WebhookURL(url)), caBundle: nil)
        let answer = try OpenShift.outcome(
            of: call,
            HTTPResponse(status: 200, body: Array(body.utf8))
        )
        guard case .started(let name, let warning) = answer else {
            Issue.record("it is not started")
            return
        }
        #expect(name == "***")
        #expect(warning == nil || warning == "***")
    }

    @Test(arguments: ["TOKEN", #"\u0054OKEN"#])
    func `what a server says of a Deployment shows nothing of the token`(token: String) throws {
        let server = Kubernetes.Server(
            name: "api",
            url: try #require(HTTPSURL("https://api.test")),
            certificates: nil,
            token: Secret("TOKEN")
        )
        let call = Kubernetes.getDeployment(.init(namespace: "shop", name: "web"), at: server)
        let body =
            #"{"metadata":{"resourceVersion":"\#(token)"},"spec":{"template":{"spec":"#
            + #"{"containers":[{"name":"a-\#(token)","image":"q/\#(token):1"}]}}}}"#
        let deployment = try Kubernetes.deployment(
            of: call,
            HTTPResponse(status: 200, body: Array(body.utf8))
        )
        #expect(deployment.resourceVersion == "***")
        #expect(deployment.containers.map(\.name) == ["a-***"])
        #expect(deployment.containers.map(\.image) == ["q/***:1"])
    }

    @Test func `what a server says back shows nothing of the URL`() throws {
        let call = OpenShift.build(nil, at: try #require(APIWireRow.hook), caBundle: nil)
        let response = HTTPResponse(
            status: 400,
            body: Array(#"{"message":"a/b or a%2Fb in \#(call.target)"}"#.utf8)
        )
        #expect(
            CallError(call, response).description
                == "openshift:Build of https://api.test: 400: *** or *** in ***"
        )
    }
}
