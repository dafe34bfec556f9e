"""A process that is killed with SIGKILL at each point of a start, and Lambda's retry after it.

docs/architecture.md has the same table, and is held against what is seen here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import github
from local_aws import Fault, LocalAWS
from local_aws.calls import Call
from local_aws.event_buses import EventBuses
from local_aws.faults import Faults
from site_under_test import Site, start_identity

PAGE = Path(__file__).parents[2] / "docs/architecture.md"
# Seconds that an invocation has; the lease ends with it.
GIVEN = 5.0
# What is sent together with the call at which the process is killed is done by then.
TOGETHER = 0.4
STARTS = ("codepipeline:StartPipelineExecution", "events:PutEvents")


@dataclass(frozen=True)
class Point:
    """A moment of a start: a call that reached AWS, and whether its work was done."""

    calls: tuple[str, ...]
    is_done: bool


POINTS = {
    "before the claim": Point(("claim",), False),
    "after the claim": Point(("claim",), True),
    "before the request reaches the target": Point(("start",), False),
    "before the target's response arrives": Point(("start",), True),
    "after the response, before anything is written down": Point(("conclusion", "record"), False),
    "after the conclusion, before the record": Point(("record",), False),
    "after the record, before the conclusion": Point(("conclusion",), False),
    "after both, before the answer": Point(("record",), True),
}


class Killer(Faults):
    """Ends the process that makes a call, once."""

    def __init__(self, point: Point) -> None:
        super().__init__()
        self.point = point
        self.kill: Callable[[], None] = lambda: None
        self.killed = False
        self._entries_written = 0
        self._names: dict[int, str] = {}

    def _name(self, call: Call) -> str:
        key = call.parameters.get("Key", "")
        if call.name in STARTS:
            return "start"
        if call.name == "s3:PutObject" and "/ledger/" in key:
            self._entries_written += 1
            return "claim" if self._entries_written == 1 else "conclusion"
        return "record" if call.name == "s3:PutObject" and "/decisions/" in key else ""

    def next(self, call: Call) -> Fault | None:
        name = self._names[call.number] = self._name(call)
        if self.killed or self.point.is_done or name not in self.point.calls:
            return None
        self._kill()
        return Fault.RESET

    def done(self, call: Call) -> None:
        if self.killed or not self.point.is_done:
            return
        if self._names[call.number] in self.point.calls:
            self._kill()

    def _kill(self) -> None:
        time.sleep(TOGETHER)
        self.kill()
        self.killed = True


@dataclass(frozen=True)
class Seen:
    """What was there after the kill, and after the retry."""

    ledger: str
    starts: int
    record: str
    ledger_then: str
    starts_then: int
    is_in_doubt: bool

    @property
    def retried(self) -> str:
        doubt = ", in doubt" if self.is_in_doubt else ""
        return f"{self.starts_then} in all{doubt}"


def state(site: Site) -> str:
    keys = site.keys("ledger")
    return site.object(keys[0])["state"] if keys else "none"


def kill_at(bootstrap: Path, point: Point, kind: str) -> Seen:
    with LocalAWS() as aws:
        buses, killer = EventBuses(), Killer(point)
        aws.stand_ins["events"] = buses.handle
        site = Site(aws, bootstrap)
        pipeline = site.pipeline("api")
        target = {"CodePipeline": {"Name": pipeline}} if kind == "CodePipeline" else {kind: {}}
        rule = site.put_rule("api", target)
        push = github.push("services/api/main.go")
        (event,) = site.send(push)
        aws.faults = killer

        def starts() -> int:
            return len(site.started()) if kind == "CodePipeline" else len(buses.events())

        began = time.monotonic()
        with site.evaluate() as evaluate:
            killer.kill = evaluate.kill
            assert evaluate.run(event, GIVEN) is None, "it was not killed"
        after_kill = state(site), starts(), "written" if site.keys("decisions") else "none"
        time.sleep(max(0.0, began + GIVEN + 0.1 - time.monotonic()))
        with site.evaluate() as evaluate:
            answer = evaluate.invoke(event)
        assert not answer.failed, answer
        (said,) = answer.json["rules"]
        assert said["outcome"] in ("started", "already-started"), said
        (record,) = site.keys("decisions")
        (kept,) = site.object(record)["rules"]
        assert kept["outcome"] in ("started", "already-started"), kept
        identity = start_identity(github.encode(push), rule)
        assert site.keys("ledger") == [f"{site.prefix}/ledger/{identity}"]
        assert not aws.calls.refused(), aws.calls.refused()
        in_doubt = "an attempt whose end is unknown may have started it before" in kept["answer"]
        return Seen(*after_kill, state(site), starts(), in_doubt)


@pytest.fixture(scope="module")
def seen(bootstrap) -> dict[tuple[str, str], Seen]:
    """Each point with a target that takes a client token, and one that takes none."""
    with ThreadPoolExecutor(16) as pool:
        cases = {
            (name, kind): pool.submit(kill_at, bootstrap, point, kind)
            for name, point in POINTS.items()
            for kind in ("CodePipeline", "EventBridge")
        }
        return {case: future.result() for case, future in cases.items()}


@pytest.mark.parametrize("name", POINTS)
def test_nothing_is_lost_and_what_is_started_twice_says_so(seen, name):
    with_token, without = seen[name, "CodePipeline"], seen[name, "EventBridge"]
    assert with_token.ledger_then == without.ledger_then == "started"
    assert (with_token.starts_then, with_token.is_in_doubt) == (1, False)
    assert without.starts_then in (1, 2)
    assert without.starts_then == 1 or without.is_in_doubt


@pytest.mark.parametrize("name", POINTS)
def test_the_page_says_what_is_seen(seen, name):
    with_token, without = seen[name, "CodePipeline"], seen[name, "EventBridge"]
    for one in (with_token, without):
        assert (one.ledger, one.starts, one.record) == (
            with_token.ledger, with_token.starts, with_token.record
        )  # fmt: skip
    row = (
        f"| {name} | `{with_token.ledger}` | {with_token.starts} | {with_token.record} "
        f"| {with_token.retried} | {without.retried} |"
    ).replace("`none`", "no entry")
    assert row in PAGE.read_text().splitlines(), row
