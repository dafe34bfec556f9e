"""`pointsman replay`: a recorded change is run again, by the rules as they are then."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import github
from local_aws.http_server import Connection, HTTPServer, Request, Response
from local_aws.lambda_function import LambdaFunction
from site_under_test import Site

DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
PATIENCE = 60


class Replays:
    """The tool, the site's bucket, and a Lambda whose one function is the site's `evaluate`."""

    def __init__(self, tool: Path, site: Site, function: LambdaFunction):
        self.tool = tool
        self.site = site
        self._function = function
        self.answer: Response | None = None
        """What Lambda answers instead."""
        self._server = HTTPServer(self._invoke)

    def close(self) -> None:
        self._server.close()

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL_LAMBDA": f"http://{self._server.address}"}

    def run(self, delivery: str, *arguments: str, stdin: int = subprocess.DEVNULL):
        site = self.site
        command = [self.tool, "replay", delivery, "--bucket", site.name, "--prefix", site.prefix]
        return subprocess.run(
            [*command, "--function", f"{site.name}-evaluate", *arguments],
            env=site.environment | self.environment,
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def _invoke(self, request: Request, connection: Connection) -> Response:
        if self.answer:
            return self.answer
        assert request.target.endswith(f"/functions/{self.site.name}-evaluate/invocations")
        assert request.header("X-Amz-Invocation-Type") == "RequestResponse"
        answer = self._function.invoke(request.body)
        error = {"X-Amz-Function-Error": "Unhandled"} if answer.failed else {}
        return Response(200, {"Content-Type": "application/json"} | error, answer.body)


def outcomes(shown: str) -> dict[str, str]:
    """Rules and what became of them, in the table that is shown."""
    rows = re.findall(r"^([a-z-]+) +(api|web) ", shown, re.MULTILINE)
    return {rule: outcome for outcome, rule in rows}


@contextmanager
def replays(tool: Path, site: Site) -> Iterator[Replays]:
    with site.evaluate() as function:
        replays = Replays(tool, site, function)
        yield replays
        replays.close()


@pytest.fixture
def replay(tool: Path, site: Site) -> Iterator[Replays]:
    with replays(tool, site) as replay:
        yield replay


@pytest.fixture
def api(site: Site) -> str:
    return started_pipeline(site)


def started_pipeline(site: Site) -> str:
    """A pipeline that a push has started."""
    pipeline = site.pipeline("api")
    site.put_rule("api", {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}})
    site.deliver(github.push("services/api/a"), delivery=DELIVERY)
    assert len(site.started(pipeline)) == 1
    return pipeline


def test_only_what_has_not_started_is_started(site: Site, replay: Replays, api: str):
    web = site.pipeline("web")
    site.put_rule("web", {"CodePipeline": {"Name": web, "SourceAction": "Source"}})
    ended = replay.run(DELIVERY)
    assert ended.returncode == 0, ended
    assert f"delivery {DELIVERY}" in ended.stdout
    assert outcomes(ended.stdout) == {"api": "already-started", "web": "started"}
    assert len(site.started(api)) == 1
    assert [run.revisions for run in site.started(web)] == [{"Source": github.AFTER}]
    [key] = site.keys("decisions")
    assert len(site.object(key)["attempts"]) == 2


def test_by_force_everything_starts_again_under_an_id_of_its_own(
    site: Site, replay: Replays, api: str
):
    for number in (1, 2):
        ended = replay.run(DELIVERY, "--force", "--yes", "--json")
        assert ended.returncode == 0, ended
        record = json.loads(ended.stdout)
        assert record["change"]["delivery"] == f"{DELIVERY}-replay-{number}"
        assert [rule["outcome"] for rule in record["rules"]] == ["started"]
        assert len(site.started(api)) == 1 + number
    names = {key.rsplit("/", 1)[1] for key in site.keys("decisions")}
    assert names == {f"{DELIVERY}{end}.json" for end in ("", "-replay-1", "-replay-2")}
    # A replay is a delivery like any other.
    again = replay.run(f"{DELIVERY}-replay-1")
    assert outcomes(again.stdout) == {"api": "already-started"}


def test_force_asks_first_and_refuses_where_nobody_can_be_asked(
    site: Site, replay: Replays, api: str
):
    ended = replay.run(DELIVERY, "--force")
    assert ended.returncode == 2
    assert "say --yes where nobody can be asked" in ended.stderr
    for answer, started in (b"n\n", 1), (b"\n", 1), (b"y\n", 2):
        keyboard, terminal = pty.openpty()
        os.write(keyboard, answer)
        ended = replay.run(DELIVERY, "--force", stdin=terminal)
        os.close(keyboard)
        os.close(terminal)
        question = f"start everything again for {DELIVERY}, as {DELIVERY}-replay-1? [y/N] "
        assert ended.stderr.startswith(question)
        assert ended.returncode == (0 if started == 2 else 2), ended
        assert len(site.started(api)) == started


def test_a_push_of_a_codecommit_trigger_is_not_replayed_by_force(
    site: Site, replay: Replays, api: str
):
    [key] = site.keys("decisions")
    record = site.object(key)
    kept = site.object(record["changeKey"])
    kept["change"] |= {"source": "codecommit", "before": None}
    site.s3.put_object(Bucket=site.name, Key=record["changeKey"], Body=json.dumps(kept).encode())
    ended = replay.run(DELIVERY, "--force", "--yes")
    assert ended.returncode == 2
    assert "--force cannot replay a push that a CodeCommit trigger told of" in ended.stderr


def test_what_cannot_be_replayed_is_said(site: Site, replay: Replays, api: str):
    ended = replay.run("another")
    assert ended.returncode == 2
    assert ended.stderr == (
        "pointsman: no record of delivery another in the last 22 days, which is as long as changes"
        " are kept\n"
    )
    [key] = site.keys("decisions")
    record = site.object(key)
    change_key = record.pop("changeKey")
    site.s3.put_object(Bucket=site.name, Key=key, Body=json.dumps(record).encode())
    assert f"{key} names no kept change" in replay.run(DELIVERY).stderr
    record["changeKey"] = change_key
    site.s3.put_object(Bucket=site.name, Key=key, Body=json.dumps(record).encode())
    site.s3.delete_object(Bucket=site.name, Key=change_key)
    assert f"the change {change_key} is gone" in replay.run(DELIVERY).stderr


def test_the_end_of_a_run_that_does_not_answer_is_not_known(site: Site, replay: Replays, api: str):
    replay.answer = Response(504)
    ended = replay.run(DELIVERY)
    assert ended.returncode == 2
    assert "evaluate did not answer and may be running still (lambda:Invoke of" in ended.stderr
    assert f"/{DELIVERY}.json" in ended.stderr


def test_a_failure_of_evaluate_is_told_in_its_words(site: Site, replay: Replays, api: str):
    body = json.dumps({"errorType": "Function.RulesUnavailable", "errorMessage": "no rules"})
    replay.answer = Response(200, {"X-Amz-Function-Error": "Unhandled"}, body.encode())
    ended = replay.run(DELIVERY)
    assert ended.returncode == 1
    assert ended.stderr == "pointsman: evaluate failed: Function.RulesUnavailable: no rules\n"


def test_local_starts_targets_where_the_environment_says(
    site: Site, tool: Path, bootstrap: Path, tmp_path: Path
):
    pipeline = site.pipeline("api")
    rule = {"Repository": "octo-org/monorepo", "Target": {"CodePipeline": {"Name": pipeline}}}
    (tmp_path / "api.json").write_text(json.dumps(rule))
    event = Path(__file__).resolve().parents[2] / "events/github-push-services-api.json"
    command = [tool, "local", "--rules", tmp_path, "--bootstrap", bootstrap, "--event", event]
    ended = subprocess.run(
        command, env=site.environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert ended.returncode == 0, ended
    [execution] = site.started(pipeline)
    assert f"answer: {execution.execution_id}" in ended.stdout
    assert site.keys("decisions") == site.keys("ledger") == []
