"""Deliveries that GitHub could not make are made again, and start what they should, once."""

from __future__ import annotations

import json
import re
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

import github
from certificates import Authority
from github_api import Delivery, Fault, GitHubAPI, Hook
from local_aws import ACCOUNT
from local_aws.lambda_function import Answer, LambdaFunction
from site_under_test import REPOSITORY, SECRET, Site

TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example
HOOK = f"repos/{REPOSITORY}/hooks/7"
LIST, AGAIN = "repos/list-webhook-deliveries", "repos/redeliver-webhook-delivery"
MOST_IN_A_RUN, MOST_OF_A_DELIVERY = 50, 3


class Recovery:
    """A site whose webhook has failed, and GitHub, which knows what it could not deliver."""

    def __init__(self, site: Site, folder: Path, authority: Authority):
        self.site = site
        self.api = GitHubAPI(REPOSITORY, TOKEN, authority.context())
        self.bundle = authority.bundle
        secret = site.secrets.create_secret(Name=f"{site.name}-github", SecretString=TOKEN)
        self.token = secret["ARN"]
        self.hook = self.add_hook(HOOK)
        self.webhook: LambdaFunction | None = None
        self.evaluate: LambdaFunction | None = None
        self.broken: dict[str, int] = {}
        """What redeliveries are answered instead, by their id; 0 is no answer."""
        self.received: list[str] = []
        self.pipeline = site.pipeline("api")
        site.put_rule("api", {"CodePipeline": {"Name": self.pipeline}}, Order="every")

    def add_hook(self, path: str) -> Hook:
        return self.api.add_hook(path, SECRET, self.receive)

    def receive(self, event: str, headers: dict[str, str], body: bytes) -> int:
        """Answers a delivery as the whole site does: `evaluate` runs at once."""
        guid = headers["X-GitHub-Delivery"]
        self.received.append(guid)
        if guid in self.broken:
            return self.broken[guid]
        before = len(self.site.handed_over())
        answer = self.webhook.invoke(github.http_event(body, headers))
        for payload in self.site.handed_over()[before:]:
            assert not self.evaluate.invoke(payload).failed
        return answer.json["statusCode"]

    @contextmanager
    def running(self, hooks: str = HOOK, **environment: str) -> Iterator[LambdaFunction]:
        given = {
            "GITHUB_TOKEN_ARN": self.token,
            "GITHUB_API_URL": self.api.url,
            "AWS_CA_BUNDLE": str(self.bundle),
            "RECOVER_HOOKS": hooks,
        }
        with self.site.recover(**given | environment) as function:
            yield function

    def run(self, hooks: str = HOOK, seconds: float = 120) -> Answer:
        """One run, as every ten minutes."""
        with self.running(hooks) as function:
            answer = function.invoke(
                {"source": "aws.events", "detail-type": "Scheduled Event"}, seconds
            )
            self.log = function.log
        assert TOKEN not in self.log and SECRET not in self.log
        return answer

    def counts(self, hooks: str = HOOK) -> dict[str, dict[str, int]]:
        """What a run that does not fail says of each hook."""
        answer = self.run(hooks)
        assert not answer.failed, answer
        return {each.pop("hook"): each for each in answer.json["hooks"]}

    # What has happened.

    def missed(self, code: int, ago: timedelta, event: str = "push", **members: Any) -> Delivery:
        """A delivery of the past that was answered so."""
        sha = uuid.uuid4().hex + "0" * 8
        payload = github.push(f"services/{sha}", after=sha) | members
        return self.hook.has_delivered(event, payload, code, datetime.now(UTC) - ago)

    def decided(self, delivery: Delivery, days: int = 0) -> None:
        """Puts a record of a delivery, past the gate, which would take its time."""
        day = (delivery.at + timedelta(days=days)).strftime("%Y-%m-%d")
        key = f"{self.site.prefix}/decisions/{day}/{delivery.guid}.json"
        s3_backends[ACCOUNT]["aws"].put_object(self.site.name, key, b'{"rules":[]}')

    def times(self) -> Counter[str]:
        """How often GitHub was asked to repeat each delivery."""
        return Counter(each.guid for each in self.hook.redelivered)

    def starts(self) -> int:
        return len(self.site.started(self.pipeline))


@pytest.fixture
def recovery(site: Site, tmp_path: Path):
    recovery = Recovery(site, tmp_path, Authority(tmp_path, "github"))
    with recovery.api, site.webhook(MAX_EVENT_AGE_DAYS="0") as webhook, site.evaluate() as evaluate:
        recovery.webhook, recovery.evaluate = webhook, evaluate
        yield recovery
    assert recovery.api.violations == []
    assert max(recovery.times().values(), default=0) <= MOST_OF_A_DELIVERY


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


# A long outage.


def test_what_was_missed_among_three_thousand_is_started_once(recovery):
    missed, never = [], []
    for number in range(3000):
        ago = 60 * HOUR - number * timedelta(seconds=70)
        if number % 25 == 7:
            missed.append(recovery.missed([503, 0, 429, 500][number // 25 % 4], ago))
        else:
            recovery.decided(recovery.missed(202, ago))
    assert len(missed) == 120
    for delivery in missed[10:14]:
        recovery.broken[delivery.guid] = 503
        never.append(delivery.guid)
    recovery.api.faults.plan(12, Fault.ERROR_502, times=3, only=LIST)
    recovery.api.faults.plan(20, Fault.TOO_FAST, only=AGAIN)
    recovery.api.faults.plan(31, Fault.ERROR_503, times=2, only=AGAIN)
    totals: Counter[str] = Counter()
    for _ in range(10):
        before = len(recovery.hook.redelivered)
        answer = recovery.run()
        assert len(recovery.hook.redelivered) - before <= MOST_IN_A_RUN
        if not answer.failed:
            (counts,) = answer.json["hooks"]
            totals["givenUp"] += counts["givenUp"]
    times = recovery.times()
    assert set(times) == {delivery.guid for delivery in missed}
    assert {guid: times[guid] for guid in never} == dict.fromkeys(never, MOST_OF_A_DELIVERY)
    assert all(times[each.guid] == 1 for each in missed if each.guid not in never)
    assert recovery.starts() == 116
    commits = [json.loads(each.body)["after"] for each in missed if each.guid not in never]
    runs = Counter(
        recovery.site.object(key)["change"]["after"]
        for key in recovery.site.keys("decisions")
        if key.rsplit("/", 1)[1].removesuffix(".json") in times
    )
    assert runs == Counter(commits)
    assert totals["givenUp"] >= 4
    assert recovery.counts() == {
        HOOK: {"deliveries": ANY_NUMBER, "missed": 0, "redelivered": 0, "givenUp": 0}
    }


class _AnyNumber:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, int)


ANY_NUMBER = _AnyNumber()


def test_the_oldest_comes_first(recovery):
    missed = [recovery.missed(503, ago * HOUR) for ago in range(5, 0, -1)]
    assert recovery.counts()[HOOK]["redelivered"] == 5
    assert recovery.received == [delivery.guid for delivery in missed]


# Which are missed.


@pytest.mark.parametrize("code", [0, 401, 408, 429, 500, 502, 503, 504])
def test_what_was_not_taken_is_delivered_again(recovery, code):
    delivery = recovery.missed(code, HOUR)
    assert recovery.counts()[HOOK] == {
        "deliveries": 1,
        "missed": 1,
        "redelivered": 1,
        "givenUp": 0,
    }
    assert recovery.times() == {delivery.guid: 1}
    assert recovery.starts() == 1
    assert delivery.guid in recovery.log
    assert recovery.counts()[HOOK]["redelivered"] == 0


@pytest.mark.parametrize("code", [200, 400, 404, 413, 415])
def test_what_was_answered_for_good_is_left(recovery, code):
    recovery.missed(code, HOUR)
    assert recovery.counts()[HOOK] == {"deliveries": 1, "missed": 0, "redelivered": 0, "givenUp": 0}
    assert recovery.times() == {}


@pytest.mark.parametrize("event", ["ping", "star", "workflow_run", "check_run"])
def test_an_event_that_nothing_handles_is_left(recovery, event):
    recovery.missed(503, HOUR, event=event)
    assert recovery.counts()[HOOK]["redelivered"] == 0


def test_what_somebody_has_redelivered_with_success_is_left(recovery):
    first = recovery.missed(503, 2 * HOUR)
    at = datetime.now(UTC) - HOUR
    again = recovery.hook.has_delivered("push", first.body, 202, at, first.guid, redelivery=True)
    recovery.decided(again)
    assert recovery.counts()[HOOK]["redelivered"] == 0


def test_attempts_by_hand_count(recovery):
    first = recovery.missed(503, 3 * HOUR)
    for ago in (2.5, 2):
        at = datetime.now(UTC) - ago * HOUR
        recovery.hook.has_delivered("push", first.body, 503, at, first.guid, redelivery=True)
    recovery.broken[first.guid] = 503
    recovery.counts()
    assert recovery.counts()[HOOK]["redelivered"] == 0
    assert recovery.times() == {first.guid: 1}


@pytest.mark.parametrize(
    ("ago", "days", "redelivered"),
    [(14 * MINUTE, None, 0), (20 * MINUTE, None, 1), (HOUR, 0, 0), (HOUR, 1, 0)],
)
def test_what_was_taken_and_never_decided_is_delivered_again(recovery, ago, days, redelivered):
    delivery = recovery.missed(202, ago)
    if days is not None:
        recovery.decided(delivery, days)
    assert recovery.counts()[HOOK]["redelivered"] == redelivered
    assert recovery.starts() == redelivered


def test_what_github_does_not_keep_is_not_asked_for(recovery):
    recovery.missed(503, 73 * HOUR)
    assert recovery.counts()[HOOK]["deliveries"] == 0


# How far it has come.


def test_the_second_run_reads_what_is_new(recovery):
    for number in range(450):
        recovery.decided(recovery.missed(202, 30 * HOUR - number * MINUTE))
    assert recovery.counts()[HOOK]["deliveries"] == 450
    pages = recovery.api.seen.count(LIST)
    assert pages >= 5
    recovery.counts()
    assert recovery.api.seen.count(LIST) == pages + 1
    (key,) = recovery.site.keys("recover")
    assert key == f"pointsman/recover/{HOOK.replace('/', '-')}.json"


def test_no_checkpoint_moves_past_what_was_not_read(recovery):
    oldest = recovery.missed(503, 40 * HOUR)
    for number in range(250):
        recovery.decided(recovery.missed(202, 30 * HOUR - number * MINUTE))
    recovery.api.faults.plan(2, Fault.ERROR_500, times=1000, only=LIST)
    assert recovery.run(seconds=20).failed
    recovery.api.faults.clear()
    assert recovery.counts()[HOOK]["redelivered"] == 1
    assert recovery.times() == {oldest.guid: 1}


def test_a_run_that_dies_has_nothing_delivered_too_often(recovery):
    missed = [recovery.missed(503, ago * HOUR) for ago in range(5, 0, -1)]
    for delivery in missed:
        recovery.broken[delivery.guid] = 503
    for number in (2, 4, 1, 3):
        recovery.api.faults.plan(number, Fault.TIMED_OUT, only=AGAIN)
        before = recovery.api.seen.count(AGAIN)
        dies = recovery.running()
        with ThreadPoolExecutor(1) as pool, dies as function:
            run = pool.submit(lambda function=function: function.invoke({}, seconds=30))
            while recovery.api.seen.count(AGAIN) < before + number and not run.done():
                time.sleep(0.01)
            function.kill()
        recovery.api.faults.clear()
    assert recovery.hook.redelivered, "some were made before the end"
    recovery.broken.clear()
    for _ in range(3):
        recovery.run()
    times = recovery.times()
    assert max(times.values()) <= MOST_OF_A_DELIVERY


# Several hooks.


def test_a_hook_that_fails_leaves_the_others_alone(recovery):
    other = recovery.add_hook("orgs/octo-org/hooks/9")
    push = github.push("services/a", after="d" * 40)
    other.has_delivered("push", push, 503, datetime.now(UTC) - HOUR)
    recovery.api.faults.plan(1, Fault.FORBIDDEN, times=1000, only=LIST)
    answer = recovery.run(f"{HOOK},orgs/octo-org/hooks/9")
    assert answer.failed
    assert HOOK in answer.json["errorMessage"]
    assert len(other.redelivered) == 1 and recovery.starts() == 1


def test_a_hook_that_is_not_there_fails_the_run(recovery):
    recovery.missed(503, HOUR)
    answer = recovery.run(f"repos/{REPOSITORY}/hooks/8,{HOOK}")
    assert answer.failed and "404" in answer.json["errorMessage"]
    assert recovery.starts() == 1


def test_the_limit_of_a_run_is_for_all_hooks(recovery):
    other = recovery.add_hook("orgs/octo-org/hooks/9")
    for number in range(40):
        recovery.missed(503, HOUR - number * timedelta(seconds=30))
        push = github.push("services/a", after=f"{number + 1:040x}")
        other.has_delivered("push", push, 503, datetime.now(UTC) - HOUR)
    both = f"{HOOK},orgs/octo-org/hooks/9"
    assert sum(each["redelivered"] for each in recovery.counts(both).values()) == MOST_IN_A_RUN
    assert sum(each["redelivered"] for each in recovery.counts(both).values()) == 30
    assert recovery.starts() == 80


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.NOT_FOUND])
def test_an_attempt_that_is_refused_is_final(recovery, fault):
    recovery.missed(503, 2 * HOUR)
    recovery.missed(503, HOUR)
    recovery.api.faults.plan(1, fault, only=AGAIN)
    assert recovery.counts()[HOOK]["redelivered"] == 1
    assert recovery.starts() == 1


def test_what_is_given_up_is_counted_and_logged(recovery):
    delivery = recovery.missed(503, HOUR)
    recovery.broken[delivery.guid] = 503
    given_up = sum(recovery.counts()[HOOK]["givenUp"] for _ in range(5))
    assert given_up >= 1
    assert recovery.times() == {delivery.guid: MOST_OF_A_DELIVERY}


def test_an_app_asks_for_its_own_hook(site, tmp_path):
    recovery = Recovery(site, tmp_path, Authority(tmp_path, "github"))
    app = recovery.api.add_app(12345, repository_hooks="write", organization_hooks="write")
    app.install("octo-org")
    site.secrets.put_secret_value(SecretId=recovery.token, SecretString=app.secret(form="PKCS8"))
    hooks = [
        recovery.hook,
        *(recovery.add_hook(name) for name in ("orgs/octo-org/hooks/9", "app/hook")),
    ]
    for number, hook in enumerate(hooks):
        push = github.push("services/a", after=f"{number + 1:040x}")
        hook.has_delivered("push", push, 503, datetime.now(UTC) - HOUR)
    with recovery.api, site.webhook(MAX_EVENT_AGE_DAYS="0") as webhook, site.evaluate() as evaluate:
        recovery.webhook, recovery.evaluate = webhook, evaluate
        counts = recovery.counts(f"{HOOK},orgs/octo-org/hooks/9,app/hook")
        assert {each["redelivered"] for each in counts.values()} == {1}
        assert recovery.starts() == 3
        assert recovery.api.violations == []
        asked = [body for _, body in recovery.api.access.created]
        assert {
            "repositories": ["mono-repo"],
            "permissions": {"repository_hooks": "write"},
        } in asked
        assert {"permissions": {"organization_hooks": "write"}} in asked
        assert not re.search(r"ghs_|PRIVATE KEY", recovery.log)


# By hand.


def test_the_tool_does_the_same(recovery, tool):
    delivery = recovery.missed(503, HOUR)
    environment = recovery.site.environment | {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_API_URL": recovery.api.url,
        "AWS_CA_BUNDLE": str(recovery.bundle),
    }
    arguments = ["--bucket", recovery.site.name, "--prefix", recovery.site.prefix]
    for dry_run, status, times in (True, 1, {}), (False, 0, {delivery.guid: 1}):
        ended = subprocess.run(
            [tool, "recover", HOOK, *arguments, *(["--dry-run"] if dry_run else [])],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == status, ended
        assert delivery.guid in ended.stdout
        assert recovery.times() == times
