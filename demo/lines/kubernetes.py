"""Kubernetes: an image that was pushed becomes that of a Deployment's container."""

from __future__ import annotations

import uuid

from certificates import Authority
from clusters import Cluster, KubernetesServer, real_cluster
from line import Line, read_request
from terminal import check, fact

TOKEN = "a-token-of.a-service_account"  # noqa: S105 - a made-up token
IMAGE = "acme/web"


def show(line: Line) -> None:
    found = real_cluster()
    if found is None:
        authority = Authority(line.folder, "authority")
        accepts = lambda token: token == TOKEN  # noqa: E731
        server = line.cleanup.enter_context(KubernetesServer(authority.context(), accepts))
        found = (server.url, TOKEN, authority.bundle)
    namespace = f"shop-{uuid.uuid4().hex[:8]}"
    cluster = line.cleanup.enter_context(Cluster(*found, namespace))
    secret = line.site.secrets.create_secret(Name="kubernetes-token", SecretString=cluster.secret())

    def rule(name: str, container: str) -> None:
        target = {
            "Server": cluster.url,
            "TokenSecretArn": secret["ARN"],
            "CABundle": cluster.authority.read_text(),
            "Namespace": namespace,
            "Deployment": "web",
            "Container": container,
        }
        image = {"Source": "dockerhub", "Repository": IMAGE}
        line.rule(name, {"KubernetesDeployment": target}, **image, Tags=["[0-9]*"])

    with line.step("A Deployment of two containers, and three rules"):
        cluster.deploy(proxy="envoyproxy/envoy:v1.30", web=f"{IMAGE}:0.1.6")
        fact("server", cluster.url)
        fact("containers", cluster.images())
        rule("web", "web")
        rule("proxy", "proxy")
        rule("misspelt", "keal")

    with line.step("Docker Hub posts that an image was pushed"):
        before = cluster.deployment()["metadata"]["generation"]
        outcomes = line.accepted("dockerhub-push")
        fact("containers", cluster.images())
        words = f"{IMAGE}:0.1.6 → {IMAGE}:0.1.7"
        check(outcomes["web"] == ("started", words), "the container has the image that was pushed")
        check(outcomes["proxy"][0] == "failed", "one of another repository's image was left alone")
        check(outcomes["misspelt"][0] == "failed", "a container that is not there is told so")
        images = {"proxy": "envoyproxy/envoy:v1.30", "web": f"{IMAGE}:0.1.7"}
        check(cluster.images() == images, "nothing else has changed")
        check(cluster.deployment()["metadata"]["generation"] == before + 1, "one rollout")

    with line.step("Docker Hub posts the same once more, then in another body"):
        version = cluster.deployment()["metadata"]["resourceVersion"]
        check(line.accepted("dockerhub-push")["web"][0] == "already-started", "already started")
        body = read_request("dockerhub-push")["body"] + " "
        outcomes = line.accepted("dockerhub-push", body=body)
        check(outcomes["web"][0] == "unchanged", "the image is there already")
        same = cluster.deployment()["metadata"]["resourceVersion"] == version
        check(same, "the Deployment was not written")
