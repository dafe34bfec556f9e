"""Images of Deployments, on a server with a token and on EKS.

Against a real API server where the environment names one (README.md).
"""

from __future__ import annotations

import base64
import json
import uuid

import pytest

import github
from certificates import Authority
from clusters import Cluster, KubernetesServer, TokenCheck, real_cluster
from local_aws import ACCOUNT, REGION
from local_aws.http_server import HTTPServer, Response
from site_under_test import SECRET

TOKEN = "a-token-of.a-service_account"
UNKNOWN = "; an attempt whose end is unknown may have started it before"
only_there = pytest.mark.skipif(real_cluster() is None, reason="needs a real API server")
only_here = pytest.mark.skipif(real_cluster() is not None, reason="needs the server of the tests")


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path, "authority")


@pytest.fixture
def server(authority):
    with KubernetesServer(authority.context(), lambda token: token == TOKEN) as server:
        yield server


@pytest.fixture
def cluster(server, authority):
    url, token, ca = real_cluster() or (server.url, TOKEN, authority.bundle)
    with Cluster(url, token, ca, f"shop-{uuid.uuid4().hex[:8]}") as cluster:
        cluster.deploy(proxy="envoyproxy/envoy:v1.30", app="octo/app:1")
        yield cluster


def put_rule(site, cluster: Cluster, name: str = "web", **properties) -> None:
    if "Cluster" not in properties:
        secret = site.secrets.create_secret(
            Name=f"{site.name}-{uuid.uuid4().hex}",
            SecretString=cluster.secret(properties.pop("token", None)),
        )
        properties = {
            "Server": cluster.url,
            "TokenSecretArn": secret["ARN"],
            "CABundle": cluster.authority.read_text(),
        } | properties
    target = {"Namespace": cluster.namespace, "Deployment": "web", "Container": "app"} | properties
    target.setdefault("Image", "octo/app:2")
    site.put_rule(name, {"KubernetesDeployment": target})


def outcome(site, payload=None) -> tuple[str, str]:
    (answer,) = site.deliver(payload or github.push("a"))
    assert not answer.failed, answer
    (rule,) = answer.json["rules"]
    assert TOKEN not in json.dumps(answer.json) + site.last_log
    assert "k8s-aws-v1." not in json.dumps(answer.json) + site.last_log
    return rule["outcome"], rule["answer"]


def test_an_image_that_was_pushed_is_set_in_its_container_alone(site, cluster):
    put_rule(site, cluster)
    before = cluster.deployment()["metadata"]["generation"]
    assert outcome(site) == ("started", "octo/app:1 → octo/app:2")
    assert cluster.images() == {"proxy": "envoyproxy/envoy:v1.30", "app": "octo/app:2"}
    metadata = cluster.deployment()["metadata"]
    assert metadata["generation"] == before + 1
    assert "pointsman" in {each["manager"] for each in metadata["managedFields"]}


def put_image_rule(site, cluster: Cluster) -> None:
    """A rule that sets whatever image is pushed to Docker Hub."""
    secret = site.secrets.create_secret(Name=f"{site.name}-token", SecretString=cluster.secret())
    target = {
        "Server": cluster.url,
        "TokenSecretArn": secret["ARN"],
        "CABundle": cluster.authority.read_text(),
        "Namespace": cluster.namespace,
        "Deployment": "web",
        "Container": "app",
    }
    site.put_rule(
        "web", {"KubernetesDeployment": target}, source="dockerhub", repository="octo/app",
        Source="dockerhub",
    )  # fmt: skip


def push_image(site, tag: str, pushed_at: float) -> None:
    body = github.encode(
        {
            "push_data": {"tag": tag, "pusher": "mona", "pushed_at": pushed_at},
            "repository": {"repo_name": "octo/app", "name": "app", "namespace": "octo"},
        }
    )
    event = github.http_event(body, {"Content-Type": "application/json"}, path="/dockerhub/token")
    with site.webhook(DOCKERHUB_TOKEN="token") as webhook:
        assert webhook.invoke(event).json["statusCode"] == 202


def test_the_image_is_the_pushed_one_of_docker_hub(site, cluster):
    put_image_rule(site, cluster)
    push_image(site, "v3", 1.417566161e9)
    with site.evaluate() as evaluate:
        (rule,) = evaluate.invoke(site.handed_over()[0]).json["rules"]
    assert (rule["outcome"], rule["answer"]) == ("started", "octo/app:1 → octo/app:v3")
    assert cluster.images()["app"] == "octo/app:v3"


def test_the_retry_of_an_older_image_does_not_roll_back_a_newer_one(site, cluster):
    put_image_rule(site, cluster)
    push_image(site, "1.1", 1_000_000_000)
    push_image(site, "1.2", 1_000_000_060)
    older, newer = site.handed_over()
    with site.evaluate() as evaluate:
        (rule,) = evaluate.invoke(newer).json["rules"]
        assert rule["answer"] == "octo/app:1 → octo/app:1.2"
        (rule,) = evaluate.invoke(older).json["rules"]
    assert (rule["outcome"], rule["clause"]) == ("skipped", "Order")
    assert rule["reason"] == "a newer change was started: octo/app:1.2 at 2001-09-09T01:47:40Z"
    assert cluster.images()["app"] == "octo/app:1.2"


def test_an_image_that_is_there_already_changes_nothing(site, cluster):
    put_rule(site, cluster, Image="docker.io/octo/app:1")
    before = cluster.deployment()["metadata"]["resourceVersion"]
    payload = github.push("a")
    for _ in range(2):
        assert outcome(site, payload) == ("unchanged", "octo/app:1 is there already")
    assert cluster.deployment()["metadata"]["resourceVersion"] == before


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Container": "main"}, "{place} has no container main, but proxy, app"),
        (
            {"Image": "octo/other:2"},
            "the container app of {place} has the image octo/app:1, which is not of "
            "docker.io/octo/other",
        ),
        (
            {"Deployment": "api"},
            "kubernetes:GetDeployment of {namespace}/api at {url}: 404 NotFound: "
            'deployments.apps "api" not found',
        ),
        (
            {"token": "guessed"},
            "kubernetes:GetDeployment of {place}: 401 Unauthorized: Unauthorized",
        ),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_changed(site, cluster, properties, words):
    put_rule(site, cluster, **properties)
    place = f"{cluster.namespace}/web at {cluster.url}"
    expected = words.format(place=place, namespace=cluster.namespace, url=cluster.url)
    assert outcome(site) == ("failed", expected)
    assert cluster.images() == {"proxy": "envoyproxy/envoy:v1.30", "app": "octo/app:1"}


def test_a_certificate_of_another_authority_is_refused(site, cluster, tmp_path):
    put_rule(site, cluster, CABundle=Authority(tmp_path, "other").bundle.read_text())
    what, answer = outcome(site)
    assert what == "failed"
    assert ": Untrusted: GET " in answer
    assert "certificate" in answer.lower()


@only_there
def test_get_and_patch_are_all_that_the_token_needs(site, cluster):
    put_rule(site, cluster, token=cluster.token_for("get", "patch"))
    assert outcome(site) == ("started", "octo/app:1 → octo/app:2")


@only_there
def test_a_token_that_may_not_patch_is_told_so(site, cluster):
    put_rule(site, cluster, token=cluster.token_for("get"))
    what, answer = outcome(site)
    assert what == "failed"
    assert ': 403 Forbidden: deployments.apps "web" is forbidden: User ' in answer
    assert 'cannot patch resource "deployments" in API group "apps"' in answer
    assert cluster.images()["app"] == "octo/app:1"


@only_here
def test_an_answer_that_is_lost_is_looked_for_and_the_record_is_true(site, server, cluster):
    put_rule(site, cluster)
    server.lose_answer_of = "PATCH"
    assert outcome(site) == ("unchanged", "octo/app:2 is there already" + UNKNOWN)
    assert cluster.deployment()["metadata"]["generation"] == 2


@only_here
@pytest.mark.parametrize("assumed", [False, True])
def test_a_cluster_of_eks_lets_in_by_a_token_of_sts(site, server, cluster, authority, assumed):
    name = f"prod-{site.name[-6:]}"
    site.aws.clusters[name] = {
        "status": "ACTIVE",
        "endpoint": server.url,
        "certificateAuthority": {"data": base64.b64encode(authority.bundle.read_bytes()).decode()},
    }
    check = TokenCheck(site.aws, name, REGION)
    server.accepts = lambda token: token == TOKEN or check(token)
    role = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"} if assumed else {}
    put_rule(site, cluster, Cluster=name, **role)
    assert outcome(site) == ("started", "octo/app:1 → octo/app:2")
    assert len(check.tokens) == 1
    assert {caller.startswith("ASIA") for caller in check.callers} == {assumed}
    (call,) = site.aws.seen("eks:DescribeCluster")
    assert call.parameters == {"name": name}


def test_a_cluster_that_is_not_there_is_told_so(site, cluster):
    put_rule(site, cluster, Cluster="none")
    words = "eks:DescribeCluster of none: 404 ResourceNotFoundException"
    assert outcome(site) == ("failed", f"{words}: No cluster found for name: none.")


@pytest.fixture
def attacker(authority):
    """A server of somebody else's, with a certificate that the rule itself may bring along."""
    with KubernetesServer(authority.context(), lambda token: True) as server:
        yield server


@only_here
def test_a_token_goes_to_no_other_server_and_to_no_other_repository(site, cluster, attacker):
    shared = {"TokenSecretArn": secret_of(site, cluster.secret())}
    other = {"TokenSecretArn": secret_of(site, cluster.secret(repositories=["acme/*"]))}
    bare = {"TokenSecretArn": secret_of(site, TOKEN)}
    for properties, problem in [
        (
            shared | {"Server": attacker.url},
            f"may not go to {attacker.url}: its 'server' is another one",
        ),
        (
            other,
            "may not be used by rules about octo-org/mono-repo: none of its 'repositories' matches",
        ),
        (
            bare,
            "is plain text, which does not say where it may go: expected "
            '{"server": "https://host:6443", "token": "…"}',
        ),
    ]:
        put_rule(site, cluster, **properties)
        words = f"the secret {properties['TokenSecretArn']} {problem}"
        assert outcome(site, github.push(uuid.uuid4().hex)) == ("failed", words)
    assert attacker.requests == []
    assert cluster.images()["app"] == "octo/app:1"


@only_here
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_token_nowhere(site, cluster, authority, attacker, status):
    asked = []

    def redirect(request, connection):
        asked.append(request.header("Authorization"))
        return Response(status, {"Location": attacker.url + request.path}, b"")

    server = HTTPServer(redirect, tls=authority.context())
    result, words = outcome_at(server, site, cluster)
    place = f"{cluster.namespace}/web at {server.url}"
    assert (result, words) == ("failed", f"kubernetes:GetDeployment of {place}: {status}")
    assert asked == [f"Bearer {TOKEN}"]
    assert attacker.requests == []


@only_here
@pytest.mark.parametrize("answer", ["image", "container"])
def test_a_server_that_says_the_token_has_it_in_no_record(site, cluster, authority, answer):
    names = {"image": ("app", f"octo/{TOKEN}:1"), "container": (TOKEN, "octo/app:1")}
    name, image = names[answer]
    deployment = {
        "metadata": {"resourceVersion": "1"},
        "spec": {"template": {"spec": {"containers": [{"name": name, "image": image}]}}},
    }
    body = json.dumps(deployment).encode()
    server = HTTPServer(
        lambda request, connection: Response(200, {"Content-Type": "application/json"}, body),
        tls=authority.context(),
    )
    result, words = outcome_at(server, site, cluster)
    assert result == "failed"
    assert "***" in words


@only_here
def test_the_token_for_githubs_api_is_given_to_no_target(site, cluster, attacker):
    arn = secret_of(site, cluster.secret("ghp_VERYSECRET", server=attacker.url))
    reads = len(site.aws.seen("secretsmanager:GetSecretValue"))
    put_rule(site, cluster, Server=attacker.url, TokenSecretArn=arn.rsplit("-", 1)[0])
    payload = github.push("a")
    body = github.encode(payload)
    fields = github.headers(body, SECRET)
    with site.webhook() as webhook:
        assert webhook.invoke(github.http_event(body, fields)).json["statusCode"] == 202
    with site.evaluate(GITHUB_TOKEN_ARN=arn) as evaluate:
        (rule,) = evaluate.invoke(site.handed_over()[-1]).json["rules"]
    assert (rule["outcome"], rule["clause"]) == ("failed", "Target")
    assert rule["answer"].endswith(
        "is Pointsman's own, which GITHUB_TOKEN_ARN names: no target may use it"
    )
    assert attacker.requests == []
    # The one that was read is the webhook's.
    assert len(site.aws.seen("secretsmanager:GetSecretValue")) <= reads + 2
    assert "ghp_VERYSECRET" not in evaluate.log


def outcome_at(server: HTTPServer, site, cluster: Cluster) -> tuple[str, str]:
    """What comes of a Deployment at that server, which is closed then."""
    try:
        secret = secret_of(site, cluster.secret(server=server.url))
        put_rule(site, cluster, Server=server.url, TokenSecretArn=secret)
        return outcome(site)
    finally:
        server.close()


def secret_of(site, value: str) -> str:
    return site.secrets.create_secret(Name=f"{site.name}-{uuid.uuid4().hex}", SecretString=value)[
        "ARN"
    ]
