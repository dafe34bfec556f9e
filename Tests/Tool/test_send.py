"""`send`: what goes over the wire, and what is said of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tool import EVENTS, PATIENCE, Tool

SECRET = "It's a Secret to Everybody"
PUSH = EVENTS / "github-push-services-api.json"


class Webhook:
    """An endpoint that keeps what it gets."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 202
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.requests.append((self.path, dict(self.headers), body))
                answer = json.dumps({"outcome": "accepted", "reason": "r", "delivery": "d"})
                self.send_response(webhook.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    webhook = Webhook()
    yield webhook
    webhook.server.shutdown()
    webhook.server.server_close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    return file


def test_a_recorded_event_is_signed_anew(tool: Tool, webhook: Webhook, secret: Path):
    ended = tool.run("send", PUSH, "--url", webhook.url, "--secret-file", secret)
    assert (ended.status, ended.output) == (0, "202 accepted: r (delivery d)\n"), ended
    [(path, headers, body)] = webhook.requests
    recorded = json.loads(PUSH.read_text())
    assert path == "/github"
    assert body == recorded["body"].encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    # The same body and the secret of events/: the recorded signatures are right again.
    for name in ("X-Hub-Signature-256", "X-Hub-Signature", "X-GitHub-Event", "Content-Type"):
        assert headers[name] == recorded["headers"][name]
    assert headers["X-GitHub-Delivery"] != recorded["headers"]["X-GitHub-Delivery"]
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["X-GitHub-Hook-ID"]


@pytest.mark.parametrize(
    ("base", "event", "path"),
    [
        ("/", PUSH, "/github"),
        ("/prod/", PUSH, "/prod/github"),
        ("/prod/github", PUSH, "/prod/github"),
        ("/ghorg/push", EVENTS / "github-push-services-web.json", "/ghorg/push"),
    ],
)
def test_the_route_is_the_event_s(
    tool: Tool, webhook: Webhook, secret: Path, base: str, event: Path, path: str
):
    ended = tool.run("send", event, "--url", webhook.url + base, "--secret-file", secret)
    assert ended.status == 0, ended
    assert webhook.requests[0][0] == path


HUB = EVENTS / "dockerhub-push.json"


def test_docker_hub_s_token_goes_into_the_url_where_that_is_said(
    tool: Tool, webhook: Webhook, secret: Path
):
    arguments = ["--url", webhook.url, "--secret-file", secret, "--docker-hub"]
    ended = tool.run("send", HUB, *arguments)
    assert ended.status == 0, ended
    assert webhook.requests[0][0] == "/dockerhub/It%27s%20a%20Secret%20to%20Everybody"
    ended = tool.run("send", PUSH, *arguments)
    assert (ended.status, ended.errors) == (
        2,
        f"pointsman: reading {PUSH}: it is no event of Docker Hub, as --docker-hub says\n",
    )
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    "text", [None, '{"push_data": {}, "ref": "refs/heads/main", "commits": []}']
)
def test_no_file_puts_a_secret_into_a_url(
    tool: Tool, webhook: Webhook, secret: Path, text: str | None
):
    arguments = ["--url", webhook.url, "--secret-file", secret]
    event, name = (HUB, HUB) if text is None else ("-", "standard input")
    ended = tool.run("send", event, *arguments, text=text or "")
    assert (ended.status, webhook.requests) == (2, [])
    assert ended.errors == (
        f"pointsman: reading {name}: it is an event of Docker Hub, which is not signed: the secret "
        "would go out as a part of the URL. If it is the token of that route, say so with "
        "--docker-hub\n"
    )


def test_what_others_can_read_on_the_way_is_said_or_not_sent(tool: Tool, secret: Path):
    arguments = ["--url", "http://pointsman.invalid", "--secret-file", secret]
    ended = tool.run("send", PUSH, *arguments)
    assert ended.errors.startswith(
        "pointsman: over http:// everybody on the way can read the event, and send it again\n"
    )
    ended = tool.run("send", HUB, *arguments, "--docker-hub")
    assert (ended.status, ended.errors) == (
        2,
        "pointsman: sending the event: over http:// everybody on the way could read the token in "
        "the URL\n",
    )


def test_a_token_in_the_url_is_refused(tool: Tool, secret: Path):
    url = "https://a.example/dockerhub/a-token"
    ended = tool.run("send", HUB, "--url", url, "--secret-file", secret, "--docker-hub")
    assert ended.status == 2
    assert ended.errors == (
        "pointsman: the URL has the token of Docker Hub's route in it: leave off what is behind "
        "/dockerhub, and give the token as the secret\n"
    )


def test_a_payload_alone_is_sent_as_the_event_that_is_named(
    tool: Tool, webhook: Webhook, secret: Path
):
    arguments = ["--url", webhook.url, "--secret-file", secret, "--delivery", "my-own"]
    ended = tool.run("send", "-", *arguments, "--event", "push", text='{"ref":"é"}')
    assert ended.status == 0, ended
    [(_, headers, body)] = webhook.requests
    assert body == '{"ref":"é"}'.encode()
    assert (headers["X-GitHub-Event"], headers["X-GitHub-Delivery"]) == ("push", "my-own")


def test_a_refusal_is_status_1_and_an_endpoint_that_is_away_2(
    tool: Tool, webhook: Webhook, secret: Path
):
    webhook.status = 503
    refused = tool.run("send", PUSH, "--url", webhook.url, "--secret-file", secret)
    assert (refused.status, refused.output) == (1, "503 accepted: r (delivery d)\n")
    webhook.server.server_close()
    webhook.server.shutdown()
    away = tool.run("send", PUSH, "--url", "http://127.0.0.1:1", "--secret-file", secret)
    assert away.status == 2
    assert away.errors.startswith("pointsman: sending the event: POST http://127.0.0.1:1: ")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--secret-env", "NONE"], 2, "reading the secret: the environment has no NONE"),
        (["--secret-file", "/nowhere"], 2, "reading /nowhere: no such file or directory"),
        ([], 64, "give the secret by --secret-file or --secret-env, one of them"),
        (["--secret-file", "a", "--secret-env", "b"], 64, "one of them"),
    ],
)
def test_the_secret_comes_from_one_place(tool: Tool, arguments: list[str], status: int, words: str):
    ended = tool.run("send", PUSH, "--url", "http://127.0.0.1:1", *arguments)
    assert ended.status == status, ended
    assert words in ended.errors


def test_a_secret_may_come_from_another_program(tool: Tool, webhook: Webhook):
    command = f'"$TOOL" send "$PUSH" --url {webhook.url} --secret-file <(echo "$SECRET")'
    environment = {"TOOL": str(tool.program), "PUSH": str(PUSH), "SECRET": SECRET}
    subprocess.run(
        ["bash", "-c", command], env=tool.environment | environment, check=True, timeout=PATIENCE
    )
    recorded = json.loads(PUSH.read_text())["headers"]["X-Hub-Signature-256"]
    assert webhook.requests[0][1]["X-Hub-Signature-256"] == recorded


def test_no_secret_is_printed(tool: Tool, secret: Path):
    for url in "http://127.0.0.1:1", "https://user@host/", "ftp://host", "":
        ended = tool.run("send", PUSH, "--url", url, "--secret-file", secret)
        assert ended.status == 2, ended
        assert SECRET not in ended.output + ended.errors
