"""Docker Hub as a source: it cannot sign, and its route is a secret."""

from __future__ import annotations

import json
import socket
import time

import pytest

import github
from site_under_test import Site, administration

TOKEN = "0b6e1c9a5f27d348"
IMAGE = "acme/web"


def payload(tag: str, callback: str = "https://registry.hub.docker.com/u/hook/") -> bytes:
    """What Docker Hub posts; its numbers may come as floats."""
    text = json.dumps(
        {
            "callback_url": callback,
            "push_data": {"pushed_at": 0, "pusher": "ines", "tag": tag, "images": []},
            "repository": {
                "repo_name": IMAGE,
                "namespace": "acme",
                "name": "web",
                "star_count": 0,
                "date_created": 0,
                "dockerfile": 'FROM alpine\nENTRYPOINT ["/bin/web"]',
            },
        }
    )
    return text.replace('"pushed_at": 0', '"pushed_at": 1.417566161e+09').encode()


def send(webhook, body: bytes, token: str = TOKEN) -> tuple[int, dict]:
    headers = {"Content-Type": "application/json", "User-Agent": "Go-http-client/2.0"}
    answer = webhook.invoke(github.http_event(body, headers, f"/dockerhub/{token}"))
    return answer.json["statusCode"], json.loads(answer.json["body"])


def rule(site: Site, name: str, pipeline: str, **properties) -> None:
    target = {"CodePipeline": {"Name": pipeline, "Variables": {"IMAGE": "#{image}"}}}
    site.put_rule(name, target, "dockerhub", IMAGE, Source="dockerhub", **properties)


def evaluate_all(site: Site) -> list[dict]:
    with site.evaluate() as evaluate:
        answers = [evaluate.invoke(each) for each in site.handed_over()]
    assert not any(answer.failed for answer in answers), answers
    return [
        {each["rule"].rsplit("/", 1)[-1][:-5]: each["outcome"] for each in answer.json["rules"]}
        for answer in answers
    ]


def test_a_push_that_is_yet_to_come_holds_back_nothing(site):
    pipeline = site.pipeline("web", variables=[{"name": "IMAGE"}])
    rule(site, "web", pipeline)
    with site.webhook(DOCKERHUB_TOKEN=TOKEN) as webhook:
        for tag, pushed_at in [("made-up", 253_370_764_800), ("2", int(time.time()) + 60)]:
            body = payload(tag).replace(b"1.417566161e+09", str(pushed_at).encode())
            assert send(webhook, body)[0] == 202
    made_up = json.loads(site.handed_over()[0])["change"]
    assert made_up["eventTime"] == made_up["receivedAt"]
    assert evaluate_all(site) == [{"web": "started"}] * 2
    assert len(site.started(pipeline)) == 2


@pytest.fixture(params=["literal", "secret"])
def token_of(request, site) -> dict[str, str]:
    """The token, in the environment itself or in Secrets Manager."""
    if request.param == "literal":
        return {"DOCKERHUB_TOKEN": TOKEN}
    secret = (
        administration()
        .client("secretsmanager")
        .create_secret(Name=f"{site.name}-dockerhub", SecretString=TOKEN)
    )
    return {"DOCKERHUB_TOKEN_ARN": secret["ARN"]}


def test_an_image_starts_the_rules_that_its_tag_matches(site, token_of):
    pipeline = site.pipeline("deploy", variables=[{"name": "IMAGE"}])
    rule(site, "releases", pipeline, Tags=["[0-9]*.[0-9]*.[0-9]*"], ExcludeTags=["*-rc*"])
    rule(site, "edge", pipeline, Tags=["latest"])
    with site.webhook(**token_of) as webhook:
        for tag in ("0.1.7", "latest", "0.2.0-rc1", "0.1.7"):
            status, answer = send(webhook, payload(tag))
            assert (status, answer["outcome"]) == (202, "accepted")
            assert answer["reason"] == f"image {IMAGE}:{tag}"
        assert TOKEN not in webhook.log
    assert evaluate_all(site) == [
        {"edge": "skipped", "releases": "started"},
        {"edge": "started", "releases": "skipped"},
        {"edge": "skipped", "releases": "skipped"},
        # The same body once more is the same delivery.
        {"edge": "skipped", "releases": "already-started"},
    ]
    images = [execution.variables["IMAGE"] for execution in site.started(pipeline)]
    assert images == [f"{IMAGE}:0.1.7", f"{IMAGE}:latest"]


def test_the_callback_is_never_called(site):
    pipeline = site.pipeline("deploy", variables=[{"name": "IMAGE"}])
    rule(site, "all", pipeline)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        callback = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        with site.webhook(DOCKERHUB_TOKEN=TOKEN) as webhook:
            assert send(webhook, payload("1", callback))[0] == 202
        assert callback not in site.handed_over()[0].decode()
        assert evaluate_all(site) == [{"all": "started"}]
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], TOKEN + "0", TOKEN.upper()])
def test_another_token_is_refused(site, token_of, token):
    with site.webhook(**token_of) as webhook:
        status, answer = send(webhook, payload("1"), token)
        assert (status, answer["outcome"]) == (401, "unauthorized")
        assert TOKEN not in webhook.log + json.dumps(answer)
    assert site.handed_over() == []


def test_without_a_token_there_is_no_such_route(site):
    with site.webhook() as webhook:
        assert send(webhook, payload("1"))[0] == 404
    assert site.handed_over() == []


def test_a_token_that_cannot_be_read_is_unavailable(site):
    with site.webhook(DOCKERHUB_TOKEN_ARN=f"{site.name}-gone") as webhook:
        status, answer = send(webhook, payload("1"))
    assert (status, answer["outcome"]) == (503, "unavailable")
    assert answer["reason"] == "the Docker Hub token cannot be read"
