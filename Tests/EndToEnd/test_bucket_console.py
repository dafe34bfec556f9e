"""`console` on a bucket: what the functions wrote is shown, and replayed if that is asked for."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.faults import Fault
from site_under_test import Site
from test_replay import DELIVERY, Replays, replays, started_pipeline

PATIENCE = 60


class Console:
    """The command under way, and what it answers."""

    def __init__(self, tool: Path, replay: Replays, *arguments: str):
        site = replay.site
        self.process = subprocess.Popen(
            [tool, "console", "--bucket", site.name, "--prefix", site.prefix, "--port", "0"]
            + list(arguments),
            env=site.environment | replay.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if line == "Ctrl-C ends it\n":
                break
        found = re.search(r"127\.0\.0\.1:(\d+)/console/#token=(\w+)$", self.lines[1])
        assert found, self.lines
        self.host, self.token = f"127.0.0.1:{found[1]}", found[2]

    def ask(self, path: str, body: str | None = None, **headers: str) -> tuple[int, dict]:
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        names = {"X-Pointsman-Token": self.token} if self.token else {}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST" if body else "GET", f"/console/{path}", body, names)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def end(self) -> str:
        """Ends it as Ctrl-C does; what it said on standard error."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 128 + signal.SIGINT
        return errors


@pytest.fixture
def replay(tool: Path, site: Site) -> Iterator[Replays]:
    with replays(tool, site) as replay:
        yield replay


@pytest.fixture
def api(site: Site) -> str:
    return started_pipeline(site)


def test_a_bucket_s_records_are_shown_and_one_is_replayed(
    tool: Path, site: Site, replay: Replays, api: str
):
    console = Console(tool, replay, "--allow-replay", "--function", f"{site.name}-evaluate")
    assert console.lines[0] == f"showing the bucket {site.name}\n"
    status, answer = console.ask("data/deliveries.json")
    assert status == 200
    [delivery] = answer["deliveries"]
    assert delivery["delivery"] == DELIVERY
    _, detail = console.ask(f"data/deliveries/{delivery['id']}.json")
    assert [rule["outcome"] for rule in detail["rules"]] == ["started"]
    assert detail["rules"][0]["target"] == f"CodePipeline {api}"
    assert f"/codepipeline/pipelines/{api}/executions/" in detail["rules"][0]["link"]
    _, rules = console.ask("data/rules.json")
    assert [rule["rule"].rsplit("/", 1)[1] for rule in rules["rules"]] == ["api"]
    web = site.pipeline("web")
    site.put_rule("web", {"CodePipeline": {"Name": web, "SourceAction": "Source"}})
    body = json.dumps({"id": delivery["id"]})
    headers = {"Origin": f"http://{console.host}", "Content_Type": "application/json"}
    assert console.ask("replay", body, X_Pointsman_Token="0", **headers)[0] == 403
    assert site.started(web) == []
    status, done = console.ask("replay", body, **headers)
    assert (status, done["counts"]) == (200, "1 started, 1 already-started")
    assert len(site.started(web)) == 1
    assert console.end() == ""


def test_what_the_bucket_refuses_is_said(tool: Path, site: Site, replay: Replays, api: str):
    console = Console(tool, replay)
    status, answer = console.ask("data/deliveries.json", X_Pointsman_Token="")
    assert (status, "the token of this console is missing" in answer["error"]) == (403, True)
    site.aws.faults.plan(1, Fault.DENIED, times=100, only="s3:GetObject")
    status, answer = console.ask("data/deliveries.json")
    assert status == 200
    assert answer["deliveries"][0]["problem"].startswith("reading the bucket: ")
    console.end()
    ended = subprocess.run(
        [tool, "console", "--bucket", "no-such-bucket", "--port", "0"],
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("pointsman: listing rules or decisions: ")
