"""`local`: a delivery comes in at the front door, decisions come out; nothing is started."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Rules
from tool import EVENTS, PATIENCE, Ended, Running, Tool, is_alive

API = EVENTS / "github-push-services-api.json"
WEB = EVENTS / "github-push-services-web.json"


class Site:
    """`local --dry-run`, and how to send events to it."""

    def __init__(self, tool: Tool, running: Running):
        self.tool = tool
        self.running = running
        self.url = running.wait_for(r"^listening: (http://127\.0\.0\.1:\d+)/github$")[1]
        self.secret = running.wait_for(r"^  export POINTSMAN_SECRET=([0-9a-f]+)$")[1]
        running.wait_for(r"^Ctrl-C ends it$")

    def send(self, event: Path, **environment: str) -> Ended:
        secret = {"POINTSMAN_SECRET": self.secret} | environment
        arguments = ["--url", self.url, "--secret-env", "POINTSMAN_SECRET"]
        return self.tool.run("send", event, *arguments, **secret)


@pytest.fixture
def site(tool: Tool, rules: Rules) -> Iterator[Site]:
    with tool.local(rules.folder, "--dry-run") as running:
        yield Site(tool, running)


def test_a_push_is_decided_on_and_nothing_is_started(site: Site):
    sent = site.send(API)
    assert sent.status == 0, sent
    assert sent.output.startswith("202 accepted: push to main of octo-org/monorepo, 3 paths"), sent
    asked = site.running.wait_for(r"would call codepipeline:StartPipelineExecution (\{.*\})$")
    assert json.loads(asked[1])["name"] == "api"
    site.running.wait_for(r"^started +api +Paths")
    site.running.wait_for(r"^ +answer: dry-run-")
    site.running.wait_for(r"^skipped +web +Paths")
    site.running.wait_for(r"^POST /github 202 accepted")


def test_each_decision_says_what_it_is_about(site: Site):
    """Of deliveries that come at once the decisions come later, in an order of their own."""
    for event in API, WEB:
        sent = site.send(event)
        delivery = sent.output.rsplit("(delivery ", 1)[1].removesuffix(")\n")
        about = r"\n\npush to main of octo-org/monorepo, .*\n[^\n]*received \S+, "
        site.running.wait_for(rf"{about}delivery\s+{delivery}\n")


def test_a_redelivery_starts_nothing_again(site: Site):
    site.send(API)
    site.running.wait_for(r"^started ")
    site.send(API)
    site.running.wait_for(r"^already-started +api")
    site.running.wait_for(r"^to have an event that has come before start again, give --again$")
    assert site.running.screen.count("would call") == 1


def test_so_do_quick_ones(tool: Tool, rules: Rules):
    """They come before the first is decided on."""
    with tool.local(rules.folder, "--dry-run", "--again") as running:
        site = Site(tool, running)
        senders = [threading.Thread(target=site.send, args=[API]) for _ in range(6)]
        for sender in senders:
            sender.start()
        running.wait_for(r"^started +api", 6)
        for sender in senders:
            sender.join()
        assert running.screen.count("would call") == 6


def test_the_addresses_of_all_providers_are_told(site: Site):
    told = re.findall(r"(?m)^also: (\S+)$", site.running.screen)
    *others, docker_hub = [url.removeprefix(site.url) for url in told]
    assert others == ["/ghorg/push", "/gitea", "/gitlab"]
    assert re.fullmatch("/dockerhub/[0-9a-f]{32}", docker_hub)
    for path in others:
        assert request(site.url, "POST", path)[0] == 401
    status, body = request(site.url, "POST", docker_hub)
    assert status == 400, body


def test_where_it_is_said_a_redelivery_starts_everything_again(tool: Tool, rules: Rules):
    with tool.local(rules.folder, "--dry-run", "--again") as running:
        site = Site(tool, running)
        for times in 1, 2:
            site.send(API)
            running.wait_for(r"^started +api", times)
        assert running.screen.count("would call") == 2
        assert "--again" not in running.screen


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhook/github"),
        ("POST", "/"),
        ("GET", "/github"),
        ("POST", "/x/dockerhub/token"),
    ],
)
def test_a_path_that_is_no_route_of_the_api_is_not_found(site: Site, method: str, path: str):
    status, body = request(site.url, method, path)
    reason = (
        "the API takes POST alone, to /github, /ghorg/push, /gitea, /gitlab or /dockerhub/TOKEN"
    )
    assert (status, json.loads(body)) == (
        404,
        {"message": "Not Found", "outcome": "rejected", "reason": reason},
    )
    site.running.wait_for(rf"^{method} \S+ 404 rejected: the API takes POST alone")
    assert "dockerhub/token" not in site.running.screen


def test_a_wrong_secret_is_refused(site: Site):
    sent = site.send(API, POINTSMAN_SECRET="guessed")
    assert sent.status == 1, sent
    assert sent.output.startswith("401 unauthorized: signature absent or wrong"), sent
    assert "guessed" not in sent.output + site.running.screen


def request(
    url: str, method: str, path: str, body: bytes = b"{}", **headers: str
) -> tuple[int, str]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": "application/json"} | named
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def ports(running: Running) -> dict[str, str]:
    """What the functions were told to call, by the variables' names."""
    found: dict[str, str] = {}
    end = time.monotonic() + PATIENCE
    while len(found) < 3:
        assert time.monotonic() < end, found
        for process in running.children():
            variables = Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
            named = dict(variable.split("=", 1) for variable in variables if "=" in variable)
            if "_HANDLER" in named:
                found["cloud"] = named["AWS_ENDPOINT_URL_S3"]
                found[named["_HANDLER"]] = "http://" + named["AWS_LAMBDA_RUNTIME_API"]
        time.sleep(0.02)
    return found


RULE = b'{"Repository":"octo-org/monorepo","Target":{"CodePipeline":{"Name":"prod-deploy"}}}'
KEY = "/local/mono-repo/config/rules/github/octo-org/monorepo/evil.json"


def signed(service: str) -> str:
    scope = f"dry-run/20260101/us-east-1/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost", ""])
def test_what_stands_for_aws_answers_to_its_own_name_alone(site: Site, host: str):
    cloud = ports(site.running)["cloud"]
    invoke = "/2015-03-31/functions/evaluate/invocations"
    for method, path in (("PUT", KEY), ("POST", invoke)):
        status, body = request(cloud, method, path, RULE, Host=host, Authorization=signed("s3"))
        assert status == 403, body
    site.send(API)
    site.running.wait_for(r"^started +api ")
    assert "prod-deploy" not in site.running.screen


@pytest.mark.parametrize("service", ["", "s3", "lambda", "codepipeline", "sts"])
def test_what_stands_for_aws_answers_the_functions_alone(site: Site, service: str):
    """Without a signature, or with a wrong one: nothing is written, invoked or shown."""
    cloud = ports(site.running)["cloud"]
    headers = {"Authorization": signed(service), "X_Amz_Date": "20260101T000000Z"}
    headers = headers if service else {}
    invoke = "/2015-03-31/functions/evaluate/invocations"
    for method, path, body in (
        ("PUT", KEY, RULE),
        ("GET", "/local?list-type=2", b""),
        ("POST", invoke, RULE),
        ("POST", "/", b"Action=AssumeRole"),
    ):
        status, answer = request(cloud, method, path, body, **headers)
        assert (status, json.loads(answer)) == (
            403,
            {"message": "only the functions that pointsman local runs are answered here"},
        )
    site.send(API)
    site.running.wait_for(r"^started +api ")
    assert "prod-deploy" not in site.running.screen and "evil" not in site.running.screen


def test_the_functions_are_given_events_by_their_own_address_alone(site: Site):
    for function in "webhook", "evaluate":
        server, token = ports(site.running)[function].rsplit("/", 1)
        assert len(token) >= 16
        root = "/2018-06-01/runtime"
        for path in (root, f"/{'0' * 32}{root}"):
            assert request(server, "GET", path + "/invocation/next")[0] == 403
            assert request(server, "POST", path + "/invocation/a/response")[0] == 403
            assert request(server, "POST", path + "/init/error")[0] == 403
        answer = request(server, "GET", f"/{token}{root}/invocation/next", Host="evil.example")
        assert answer[0] == 403
        assert token not in site.running.screen
    site.send(API)
    site.running.wait_for(r"^started +api ")


def test_the_front_door_answers_to_this_machine_s_names(site: Site):
    port = site.url.rsplit(":", 1)[1]
    for host in f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}":
        assert request(site.url, "POST", "/github", Host=host)[0] == 401
    for host in f"evil.example:{port}", "evil.example", "127.0.0.1:1":
        status, body = request(site.url, "POST", "/github", Host=host)
        assert (status, json.loads(body)["reason"]) == (
            403,
            f"the request is for '{host}', which is not this server; a tunnel's name is allowed "
            "with --host",
        )
    site.running.wait_for(r"^POST /github 403 rejected: the request is for 'evil\.example', ")


def test_a_tunnel_s_name_is_allowed_where_it_is_given(tool: Tool, rules: Rules):
    with tool.local(rules.folder, "--dry-run", "--host", "one.example", "--host", "b.x") as running:
        site = Site(tool, running)
        for host in "one.example", "One.Example:443", "b.x":
            assert request(site.url, "POST", "/github", Host=host)[0] == 401
        assert request(site.url, "POST", "/github", Host="two.example")[0] == 403


def test_changed_rules_are_seen_by_the_next_delivery(site: Site, rules: Rules):
    rules.put("all")
    site.send(WEB)
    site.running.wait_for(r"^rules changed: 3 in .* \(github/octo-org/monorepo/all new\)$")
    site.running.wait_for(r"^started +all ")


def test_what_is_wrong_with_a_rule_is_said(site: Site, rules: Rules):
    (rules.folder / "bad.json").write_text('{"Repository": "octo-org/monorepo", "Branchs": []}')
    site.running.wait_for(r"bad\.json: .*did you mean `Branches`")
    site.send(API)
    site.running.wait_for(r"^started +api ")


def test_a_function_that_dies_is_started_again(site: Site):
    site.send(API)
    site.running.wait_for(r"^started ")
    for process in site.running.children():
        os.kill(process, signal.SIGKILL)
    site.running.wait_for(r"^webhook was ended by signal 9; it is started again in [0-9.]+ s$")
    site.running.wait_for(r"^evaluate was ended by signal 9; it is started again in [0-9.]+ s$")
    assert site.send(WEB).status == 0
    site.running.wait_for(r"^started +web ")


def test_ctrl_c_ends_it_and_leaves_no_process(site: Site):
    site.send(API)
    processes = site.running.children()
    assert len(processes) == 2
    site.running.type("\x03")
    assert site.running.status() == 130
    assert not [process for process in processes if is_alive(process)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_so_does_a_signal(site: Site, number: signal.Signals):
    processes = site.running.children()
    os.kill(site.running.process_id, number)
    assert site.running.status() == 128 + number
    assert not [process for process in processes if is_alive(process)]


def test_no_function_outlives_a_tool_that_is_killed(site: Site):
    processes = site.running.children()
    os.kill(site.running.process_id, signal.SIGKILL)
    assert site.running.status() == -signal.SIGKILL
    end = time.monotonic() + PATIENCE
    while [process for process in processes if is_alive(process)]:
        assert time.monotonic() < end, processes
        time.sleep(0.1)


def test_on_a_terminal_it_has_colours_and_where_unwanted_it_has_none(tool: Tool, rules: Rules):
    for environment, coloured in ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False):
        with tool.local(rules.folder, "--dry-run", **environment) as running:
            Site(tool, running).send(API)
            running.wait_for(r"^skipped ")
            assert ("\x1b[32m" in running.raw) == coloured, running.raw


def test_for_programs_each_line_is_json(tool: Tool, rules: Rules):
    with tool.local(rules.folder, "--dry-run", "--json") as running:
        listening = json.loads(running.wait_for(r'^\{"listening":.*$')[0])
        assert running.raw.startswith('{"listening":'), running.raw
        url, secret = listening["listening"].removesuffix("/github"), listening["secret"]
        sent = tool.run("send", API, "--url", url, "--secret-env", "S", "--json", S=secret)
        assert sent.status == 0, sent
        answer = json.loads(sent.output)
        assert (answer["status"], answer["answer"]["outcome"]) == (202, "accepted")
        decision = json.loads(running.wait_for(r'^\{"decision":.*$')[0])["decision"]
        delivery = json.loads(running.wait_for(r'^\{"delivery":.*$')[0])["delivery"]
        assert delivery == answer
        assert [rule["outcome"] for rule in decision["rules"]] == ["started", "skipped"]
        for line in running.raw.splitlines():
            json.loads(line)


def test_a_port_that_is_taken_is_an_error(tool: Tool, rules: Rules):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = tool.run(
            "local", "--rules", rules.folder, "--dry-run", "--port", port,
            "--bootstrap", tool.bootstrap,
        )  # fmt: skip
    assert ended.status == 2
    assert ended.errors == (
        f"pointsman: listening on 127.0.0.1:{port}: another program has that port; "
        "choose one with --port\n"
    )


def test_a_bootstrap_that_is_not_there_is_an_error(tool: Tool, rules: Rules):
    ended = tool.run("local", "--rules", rules.folder, "--dry-run", "--bootstrap", "/nowhere")
    assert ended.status == 2
    assert ended.errors == "pointsman: there is no program '/nowhere'\n"


def test_without_a_dry_run_keys_are_needed(tool: Tool, rules: Rules):
    ended = tool.run(
        "local", "--rules", rules.folder, "--bootstrap", tool.bootstrap,
        AWS_EC2_METADATA_DISABLED="true",
    )  # fmt: skip
    assert ended.status == 2
    assert ended.errors.startswith(
        "pointsman: finding AWS credentials: AWS_ACCESS_KEY_ID is not set; "
    )
    assert ended.errors.endswith("; with --dry-run none are needed\n")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo one; echo two >&2; exit 3", "ended with status 3, and said last: one; two"),
        ("kill -9 $$", "was ended by signal 9, and said nothing"),
    ],
)
def test_a_bootstrap_that_dies_ends_the_one_event(
    tool: Tool, rules: Rules, tmp_path: Path, script: str, said: str
):
    bootstrap = tmp_path / "bootstrap"
    bootstrap.write_text(f"#!/bin/sh\n{script}\n")
    bootstrap.chmod(0o755)
    ended = tool.run(
        "local", "--rules", rules.folder, "--dry-run", "--bootstrap", bootstrap, "--event", API
    )
    assert ended.status == 2, ended
    assert re.fullmatch(rf"pointsman: (webhook|evaluate) cannot start: it {said}\n", ended.errors)


def test_what_stops_the_functions_stops_it(tool: Tool, rules: Rules):
    ended = tool.run(
        "local", "--rules", rules.folder, "--dry-run", "--port", 0, "--bootstrap", tool.bootstrap,
        AWS_REGION="no region",
    )  # fmt: skip
    assert ended.status == 2
    assert "cannot start: AWS_REGION is not the name of a region" in ended.errors


def one(tool: Tool, rules: Rules, event: str | Path, **environment: str) -> Ended:
    return tool.run(
        "local", "--rules", rules.folder, "--dry-run", "--bootstrap", tool.bootstrap,
        "--event", EVENTS / event, **environment,
    )  # fmt: skip


def test_one_event_is_delivered_and_that_is_all(tool: Tool, rules: Rules):
    ended = one(tool, rules, "github-push-services-api.json")
    assert ended.status == 0, ended
    assert "\nstarted " in ended.output and "\x1b" not in ended.output


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ("github-push-services-api.json", "\nstarted "),
        ("github-pull-request-opened.json", "\nno rule is about this repository\n"),
        ("github-ping.json", "POST /github 200 pong"),
        ("gitea-push.json", "POST /gitea 202 accepted"),
        ("dockerhub-push.json", "POST /dockerhub/*** 202 accepted"),
    ],
)
def test_a_payload_alone_is_delivered_too(
    tool: Tool, rules: Rules, tmp_path: Path, event: str, shown: str
):
    recorded = json.loads((EVENTS / event).read_text())
    payload = tmp_path / "payload.json"
    payload.write_text(recorded["body"])
    ended = one(tool, rules, payload)
    assert shown in ended.output, ended
    assert ended.status == 0, ended


def test_an_old_event_is_taken_unless_the_environment_has_a_limit(tool: Tool, rules: Rules):
    ended = one(tool, rules, "github-push-services-api.json", MAX_EVENT_AGE_DAYS="7")
    assert "POST /github 200 ignored: the event is " in ended.output, ended
    assert " old; older than 7 days cannot be told from a replayed request" in ended.output


def test_an_event_of_codecommit_goes_to_the_function_as_it_is(tool: Tool, rules: Rules):
    ended = one(tool, rules, "codecommit-trigger-push.json")
    assert ended.status == 0, ended
    assert '"outcome":"accepted"' in ended.output
    assert "no rule is about this repository" in ended.output


def test_docker_hub_comes_by_its_route(tool: Tool, rules: Rules):
    ended = one(tool, rules, "dockerhub-push.json", DOCKERHUB_TOKEN="a-token-of-theirs")
    assert ended.status == 0, ended
    assert "POST /dockerhub/*** 202 accepted: image acme/web:0.1.7" in ended.output
    assert "a-token-of-theirs" not in ended.output


def test_what_a_dry_run_cannot_answer_is_said_and_counts_as_failed(tool: Tool, rules: Rules):
    rules.put("cluster", target={
        "KubernetesDeployment": {
            "Cluster": "c", "Namespace": "n", "Deployment": "d", "Container": "c",
            "Image": "octo/mono:#{after}",
        }
    })  # fmt: skip
    ended = one(tool, rules, "github-push-services-api.json")
    assert ended.status == 1, ended
    assert "pointsman local --dry-run does not answer eks:" in ended.output
