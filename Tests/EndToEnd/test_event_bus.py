"""A change as an event on an EventBridge bus: what arrives where the bus delivers to."""

from __future__ import annotations

import json
from typing import Any

import pytest

import github
from local_aws import ACCOUNT, REGION, Fault
from site_under_test import Site, administration, start_identity


class Bus:
    """An event bus that delivers the changes of one repository's branch to a queue."""

    def __init__(self, name: str, pattern: dict[str, Any]):
        self.name = name
        events = administration().client("events")
        self.arn = events.create_event_bus(Name=name)["EventBusArn"]
        events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps(pattern))
        self._sqs = administration().client("sqs")
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        events.put_targets(
            Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": queue_arn}]
        )

    def take(self) -> list[dict[str, Any]]:
        """The events that have arrived in the queue, taken from it."""
        found = []
        while messages := self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10
        ).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self._sqs.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"]
                )
        return found


@pytest.fixture
def bus(site: Site) -> Bus:
    pattern = {"source": ["pointsman"], "detail": {"branch": ["main"], "kind": ["push"]}}
    return Bus(site.name, pattern)


def decision(answer) -> dict[str, Any]:
    assert not answer.failed, answer
    (rule,) = answer.json["rules"]
    return rule


def test_the_bus_delivers_the_change(site, bus):
    key = site.put_rule("events", {"EventBridge": {"EventBus": bus.arn}}, Paths=["services/**"])
    payload = github.push("services/api/main.go", "docs/a.md", message="Grüße")
    (answer,) = site.deliver(payload, delivery="d-1")
    (event,) = bus.take()
    assert decision(answer)["outcome"] == "started"
    assert decision(answer)["answer"] == event["id"]
    assert (event["source"], event["detail-type"]) == ("pointsman", "Repository Change")
    detail = event["detail"]
    change = answer.json["change"]
    assert {name: detail[name] for name in change} == change
    assert detail["rule"] == key
    assert detail["start"] == start_identity(github.encode(payload), key)
    assert detail["after"] == github.AFTER
    assert detail["message"] == "Grüße"
    assert detail["paths"] == ["docs/a.md", "services/api/main.go"]
    assert "pathsIncomplete" not in detail


def test_the_bus_sees_only_what_its_pattern_asks_for(site, bus):
    site.put_rule("events", {"EventBridge": {"EventBus": bus.name}})
    (answer,) = site.deliver(github.push("a", ref="refs/heads/other"))
    assert decision(answer)["outcome"] == "started"
    assert bus.take() == []


def test_a_redelivery_puts_no_second_event(site, bus):
    site.put_rule("events", {"EventBridge": {"EventBus": bus.name}})
    payload = github.push("a")
    site.deliver(payload)
    (answer,) = site.deliver(payload)
    assert decision(answer)["outcome"] == "already-started"
    assert len(bus.take()) == 1


def test_source_and_detail_type_are_the_rules_own(site):
    bus = Bus(site.name, {"source": ["git.octo-org/mono-repo"], "detail-type": ["push by mona"]})
    target = {
        "EventBus": bus.name,
        "Source": "git.#{repository}",
        "DetailType": "push by #{actor}",
    }
    site.put_rule("events", {"EventBridge": target})
    site.deliver(github.push("a"))
    assert len(bus.take()) == 1


def test_another_account_s_bus_is_called_as_its_role(site, bus):
    role = f"arn:aws:iam::{ACCOUNT}:role/events"
    site.put_rule("events", {"EventBridge": {"EventBus": bus.arn, "RoleArn": role}})
    site.deliver(github.push("a"))
    (event,) = bus.take()
    (put,) = site.aws.seen("events:PutEvents")
    assert put.access_key_id.startswith("ASIA")
    assert event["detail"]["branch"] == "main"


def test_a_push_of_very_many_paths_is_still_an_event(site, bus):
    site.put_rule("events", {"EventBridge": {"EventBus": bus.name}})
    paths = [f"services/{'a-rather-long-folder-name-' * 4}/{index:05}" for index in range(2900)]
    site.deliver(github.push(*paths))
    (event,) = bus.take()
    listed = event["detail"]["paths"]
    assert listed == paths[: len(listed)]
    assert event["detail"]["pathCount"] == 2900
    assert event["detail"]["pathsIncomplete"] == (
        f"an event has room for {len(listed)} of 2900 paths"
    )
    (put,) = site.aws.seen("events:PutEvents")
    (entry,) = put.parameters["Entries"]
    size = sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
    assert 230_000 < size < 256 * 1024


def test_an_event_whose_answer_was_lost_may_come_twice_and_the_record_says_so(site, bus):
    site.put_rule("events", {"EventBridge": {"EventBus": bus.name}})
    site.aws.faults.plan(1, Fault.ANSWER_LOST, only="events:PutEvents")
    (lost,) = site.deliver(github.push("a"))
    assert lost.failed
    with site.evaluate() as evaluate:
        answer = evaluate.invoke(site.handed_over()[0])
    first, second = bus.take()
    assert first["detail"]["start"] == second["detail"]["start"]
    assert "may have started it before" in decision(answer)["answer"]
