"""The delivery page: a webhook that waits for the decisions and answers with them."""

from __future__ import annotations

import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

import github
from local_aws import Fault, LocalAWS
from local_aws.functions import Returned
from sandboxes import Sandboxes
from site_under_test import SECRET, Site

WAITS = {"RESPOND_WITH_DECISIONS": "true"}
# Seconds after which GitHub calls a delivery failed.
GITHUB_WAITS = 10
DELIVERY = "0a1b2c3d-0000-4000-8000-000000000000"
TRACE = "1-5759e988-bd862e3fe1be46a994272793"
FAULTS = [fault for fault in Fault if fault is not Fault.CONFLICT]


def rules(site: Site) -> str:
    """Two rules, of which one matches; returns the pipeline of that one."""
    api = site.pipeline("api")
    for name in ("api", "web"):
        target = {"CodePipeline": {"Name": api, "SourceAction": "Source"}}
        site.put_rule(name, target, Paths=[f"services/{name}/**"])
    return api


def event(delivery: str = DELIVERY, path: str = "services/api/main.go", **context) -> dict:
    body = github.encode(github.push(path))
    event = github.http_event(body, github.headers(body, SECRET, delivery=delivery))
    event["requestContext"] |= {"timeEpoch": int(time.time() * 1000)} | context
    return event


def deliver(webhook, event: dict) -> tuple[int, dict]:
    """Status and body of the answer, which comes while GitHub waits."""
    began = time.monotonic()
    answer = webhook.invoke(event, seconds=15)
    assert time.monotonic() - began < GITHUB_WAITS
    assert not answer.failed, answer
    return answer.json["statusCode"], json.loads(answer.json["body"])


def record_key(site: Site, delivery: str = DELIVERY) -> str:
    return f"{site.prefix}/decisions/{datetime.now(UTC):%Y-%m-%d}/{delivery}.json"


def finish(site: Site) -> None:
    """Runs what was handed over besides, as Lambda does."""
    with site.evaluate() as evaluate:
        for payload in site.handed_over():
            assert not evaluate.invoke(payload).failed


def test_the_decisions_are_the_answer(site):
    api = rules(site)
    with Sandboxes(site), site.webhook(**WAITS) as webhook:
        answer = webhook.invoke(event())
        body = answer.json["body"]
    page = json.loads(body)
    assert list(page) == ["outcome", "reason", "delivery", "record", "rules"]
    assert page["outcome"] == "accepted"
    assert page["reason"].endswith(": 1 started, 1 skipped")
    assert page["record"] == record_key(site)
    started, skipped = page["rules"]
    assert list(started)[:3] == ["clause", "outcome", "rule"]
    assert (started["clause"], started["outcome"]) == ("Paths", "started")
    assert (skipped["clause"], skipped["outcome"]) == ("Paths", "skipped")
    assert '\n    {\n      "clause": "Paths",' in body
    assert len(site.started(api)) == 1
    assert site.object(page["record"])["rules"]
    assert site.handed_over() == []


def test_docker_hub_is_answered_with_decisions_too(site):
    payload = {
        "push_data": {"tag": "1.0", "pusher": "p", "pushed_at": 1.79e9},
        "repository": {"repo_name": "acme/api"},
    }
    body = json.dumps(payload).encode()
    event = github.http_event(body, {"Content-Type": "application/json"}, "/dockerhub/token")
    with Sandboxes(site), site.webhook(**WAITS, DOCKERHUB_TOKEN="token") as webhook:
        status, page = deliver(webhook, event)
    assert status == 202
    assert page["reason"].endswith(": no rule is about it")
    assert page["rules"] == []


def test_what_is_not_accepted_is_answered_as_ever(site):
    rules(site)
    forged = event()
    forged["headers"] = {
        name: "sha256=00" if name.lower() == "x-hub-signature-256" else value
        for name, value in forged["headers"].items()
    }
    with site.webhook(**WAITS) as webhook:
        status, body = deliver(webhook, forged)
    assert (status, set(body)) == (401, {"outcome", "reason", "delivery"})
    assert site.aws.seen("lambda:Invoke") == []


def test_whoever_signs_is_told_of_no_rule_unless_the_stack_says_so(site):
    rules(site)
    with site.webhook() as webhook:
        status, body = deliver(webhook, event())
    assert (status, set(body)) == (202, {"outcome", "reason", "delivery"})
    assert body["reason"] == "push to main of octo-org/mono-repo, 1 path"


def test_an_evaluation_that_takes_long_goes_on(site):
    api = rules(site)
    answered = threading.Event()
    done = threading.Event()
    with Sandboxes(site) as sandboxes, site.webhook(**WAITS) as webhook:

        def slow(payload: bytes) -> Returned:
            answered.wait(60)
            returned = sandboxes.run(payload)
            done.set()
            return returned

        site.aws.functions.register(f"{site.name}-evaluate", answerer=slow)
        status, page = deliver(webhook, event())
        answered.set()
        assert done.wait(60)
    assert status == 202
    assert page["reason"].endswith(": the evaluation takes longer than can be waited for")
    assert page["record"] == record_key(site)
    assert len(site.handed_over()) == 1
    finish(site)
    assert len(site.started(api)) == 1
    assert site.object(page["record"])["counts"] == {"started": 1, "skipped": 1}


def test_an_evaluation_that_fails_is_made_again(site):
    api = rules(site)
    failure = json.dumps({"errorType": "Function.StartsPending", "errorMessage": "busy"}).encode()
    site.aws.functions.register(
        f"{site.name}-evaluate", answerer=lambda _: Returned(failure, failed=True)
    )
    with site.webhook(**WAITS) as webhook:
        status, page = deliver(webhook, event())
    assert status == 202
    assert page["reason"].endswith(": Function.StartsPending")
    finish(site)
    assert len(site.started(api)) == 1


def test_ten_thousand_rules_fit_into_the_answer(site):
    skipped = {"outcome": "skipped", "clause": "Paths", "reason": "r" * 400}
    rules = [{"rule": f"rules/{index}.json"} | skipped for index in range(10_000)]
    record = {
        "change": {},
        "counts": {"started": 1, "skipped": 10_000},
        "rules": [*rules, {"rule": "last", "outcome": "started", "clause": "Paths", "reason": ""}],
        "attempts": [],
    }
    site.aws.functions.register(
        f"{site.name}-evaluate", answerer=lambda _: Returned(json.dumps(record).encode())
    )
    with site.webhook(**WAITS) as webhook:
        status, page = deliver(webhook, event())
        assert len(webhook.answers[0].body) < 100_000
    assert status == 202
    assert page["rules"][0]["rule"] == "last"
    assert page["leftOut"] == {"skipped": 10_001 - len(page["rules"])}


def test_a_large_change_is_waited_for_by_way_of_s3(site):
    api = rules(site)
    body = github.encode(
        github.push(*[f"services/api/{'x' * 300}/{number}.txt" for number in range(2_900)])
    )
    large = github.http_event(body, github.headers(body, SECRET, delivery=DELIVERY))
    with Sandboxes(site), site.webhook(**WAITS) as webhook:
        status, page = deliver(webhook, large)
    assert status == 202
    assert page["rules"][0]["outcome"] == "started"
    assert len(site.keys("changes")) == 1
    assert len(site.started(api)) == 1


@pytest.mark.parametrize("age", [6.5, 9.0])
def test_a_request_that_came_late_is_handed_over_at_once(site, age):
    rules(site)
    with Sandboxes(site), site.webhook(**WAITS) as webhook:
        late = event(timeEpoch=int((time.time() - age) * 1000))
        status, page = deliver(webhook, late)
    assert status == 202
    assert page["reason"].endswith(": there is no time left to wait for decisions")
    assert len(site.handed_over()) == 1


def test_webhook_and_evaluate_are_one_trace_and_count(site):
    rules(site)
    with Sandboxes(site), site.webhook(**WAITS) as webhook:
        deliver(webhook, event())
        log = webhook.log
    (metrics,) = [json.loads(line) for line in log.splitlines() if '"_aws"' in line]
    assert metrics["Accepted"] == 1
    assert metrics["FunctionName"] == "webhook"
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Pointsman"
    (call,) = site.aws.seen("lambda:Invoke")
    assert call.trace_id.startswith(f"Root={TRACE}")


def test_many_deliveries_at_once_are_each_answered_and_started_once(site):
    """More than there are sandboxes: what is refused is handed over and done later."""
    api = rules(site)
    deliveries = [str(uuid.uuid4()) for _ in range(24)]

    def run(deliveries: list[str]) -> list[tuple[int, dict]]:
        with site.webhook(**WAITS) as webhook:
            return [
                deliver(webhook, event(delivery, f"services/api/{delivery}.go"))
                for delivery in deliveries
            ]

    with Sandboxes(site, 3), ThreadPoolExecutor(6) as pool:
        answers = [
            answer
            for answers in pool.map(run, [deliveries[start::6] for start in range(6)])
            for answer in answers
        ]
    assert [status for status, _ in answers] == [202] * len(deliveries)
    assert {page["delivery"] for _, page in answers} == set(deliveries)
    decided = [page for _, page in answers if "rules" in page]
    assert len(decided) + len(site.handed_over()) == len(deliveries)
    for page in decided:
        assert page["rules"][0]["outcome"] == "started"
    finish(site)
    assert len(site.started(api)) == len(deliveries)
    assert len(site.keys("decisions")) == len(deliveries)


@pytest.mark.parametrize("lasting", [1, 10_000], ids=["once", "for good"])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_invocation_that_fails_loses_nothing(bootstrap, fault, lasting):
    with LocalAWS() as aws:
        site = Site(aws, bootstrap)
        api = rules(site)
        aws.faults.plan(1, fault, times=lasting, only="lambda:Invoke")
        with Sandboxes(site), site.webhook(**WAITS) as webhook:
            status, page = deliver(webhook, event())
            aws.faults.clear()
            # A port that is closed for a while may outlast all that is tried in a row.
            expected = {202 if lasting == 1 else 503} | ({503} if fault is Fault.REFUSED else set())
            assert status in expected, page
            # The port opens again when it does: until then people redeliver.
            until = time.monotonic() + 60
            while status == 503 and time.monotonic() < until:
                status, _ = deliver(webhook, event())
            assert status == 202
        finish(site)
        assert len(site.started(api)) == 1
        assert not aws.calls.refused(), aws.calls.refused()
