"""Every call that a function makes, failed in turn in every way a call can fail.

Whatever fails: one answer, before the deadline; no pipeline started twice; and the same
event, delivered again as Lambda or GitHub would, finishes the job.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import github
from local_aws import Fault, LocalAWS
from site_under_test import SECRET, Site

# Seconds that an invocation has; the lease of one that fails ends with it. `evaluate` keeps
# more than five of them for writing down what it started. One that is to succeed may be slow.
GIVEN = {"webhook": 4.0, "evaluate": 9.0}
PLENTY = 60.0
# A fault of one attempt, which a retry inside the invocation outlives; and one that lasts.
ONCE, FOR_GOOD = 1, 10_000
LASTING = {"once": ONCE, "until the invocation ends": FOR_GOOD}
# Any call can fail in these ways, and may succeed the next time.
FAULTS = [fault for fault in Fault if fault not in (Fault.CONFLICT, Fault.DENIED)]
# What takes so long that an invocation may not outlive it.
SLOW = {Fault.REFUSED, Fault.TIMED_OUT}
# The cases of one test wait more than they work.
AT_ONCE = 12

Case = Callable[[Site, int, Fault, int], None]


def new_site(aws: LocalAWS, bootstrap: Path) -> tuple[Site, list[str]]:
    """A site with two rules, one in each shape, that both match the push."""
    site = Site(aws, bootstrap)
    api, earlier = site.pipeline("api"), site.pipeline("earlier")
    target = {"CodePipeline": {"Name": api, "SourceAction": "Source"}}
    site.put_rule("api", target, Paths=["services/api/**"])
    site.put_mono_repo_rule(earlier, "services/")
    return site, [api, earlier]


def push_event() -> dict:
    body = github.encode(github.push("services/api/main.go"))
    return github.http_event(body, github.headers(body, SECRET, delivery="d-1"))


def number_of_calls(bootstrap: Path, act: Callable[[Site], None]) -> int:
    with LocalAWS() as aws:
        site, _ = new_site(aws, bootstrap)
        act(site)
        return len(aws.seen())


def run_evaluate(site: Site) -> None:
    with site.evaluate() as evaluate:
        assert not evaluate.invoke(github.push("services/api/main.go")).failed


def run_webhook(site: Site) -> None:
    with site.webhook() as webhook:
        assert webhook.invoke(push_event()).json["statusCode"] == 202


def fail_evaluate(bootstrap: Path, number: int, fault: Fault, times: int) -> None:
    """Fails calls of `evaluate`, then invokes it again until it succeeds, as Lambda does."""
    with LocalAWS() as aws:
        site, pipelines = new_site(aws, bootstrap)
        aws.faults.plan(number, fault, times=times)
        event = github.push("services/api/main.go")
        outlived = times == ONCE and fault not in SLOW
        given = PLENTY if outlived else GIVEN["evaluate"]
        with site.evaluate() as evaluate:
            for attempt in range(1, 4):
                began = time.monotonic()
                answer = evaluate.invoke(event, seconds=given)
                aws.faults.clear()
                if not answer.failed:
                    break
                # The first retry comes at once: it may find the lease of the run that failed.
                if attempt == 2:
                    time.sleep(max(0, began + given + 0.1 - time.monotonic()))
            assert not answer.failed, f"two retries did not finish the job: {answer}"
            if outlived:
                assert attempt == 1, f"one fault was not retried inside: {evaluate.answers[0]}"
        assert any(call.fault for call in aws.seen()), "no call failed"
        for pipeline in pipelines:
            assert len(site.started(pipeline)) == 1, (pipeline, site.started())
        assert len(site.keys("ledger")) == 2
        assert len(site.keys("decisions")) == 1
        assert not aws.calls.refused(), aws.calls.refused()


def fail_webhook(bootstrap: Path, number: int, fault: Fault, times: int) -> None:
    """Fails calls of `webhook`, then delivers again until it is accepted, as people do."""
    with LocalAWS() as aws:
        site, pipelines = new_site(aws, bootstrap)
        aws.faults.plan(number, fault, times=times)
        with site.webhook() as webhook:
            for _ in range(3):
                answer = webhook.invoke(push_event(), seconds=GIVEN["webhook"])
                aws.faults.clear()
                assert not answer.failed, answer
                assert answer.json["statusCode"] in (202, 503), answer
                if answer.json["statusCode"] == 202:
                    break
                # A secret store that has failed is left alone for a second.
                time.sleep(1)
            assert answer.json["statusCode"] == 202, answer
        assert any(call.fault for call in aws.seen()), "no call failed"
        with site.evaluate() as evaluate:
            for payload in site.handed_over():
                assert not evaluate.invoke(payload).failed
        for pipeline in pipelines:
            assert len(site.started(pipeline)) == 1, (pipeline, site.started())
        assert not aws.calls.refused(), aws.calls.refused()


@pytest.mark.release_only("FaultTests.swift fails the same calls of the debug build")
@pytest.mark.parametrize("lasting", LASTING)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("run", "fail"),
    [(run_webhook, fail_webhook), (run_evaluate, fail_evaluate)],
    ids=["webhook", "evaluate"],
)
def test_whichever_call_fails_the_job_is_done_once(bootstrap, run, fail, fault, lasting):
    calls = number_of_calls(bootstrap, run)
    assert calls > 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        cases = {
            number: pool.submit(fail, bootstrap, number, fault, LASTING[lasting])
            for number in range(1, calls + 1)
        }
    failures = [
        f"call {number} of {calls}: {error}"
        for number, case in cases.items()
        if (error := case.exception())
    ]
    assert not failures, "\n".join(failures)
