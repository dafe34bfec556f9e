"""The comparison of a soak must be able to fail: each property, by a result that was doctored."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from soak.comparison import PROPERTIES, compare
from soak.deliveries import Delivery, Plan
from soak.evidence import Evidence
from soak.rules import RULES, Rule, concerned

# No program is tested here.
pytestmark = pytest.mark.release_only("what compares is the same for both builds")
NUMBER, SEED = 300, 3
SECRET = "a-secret-that-no-log-may-have"


def right() -> Evidence:
    """The evidence of a soak in which everything went as it must."""
    plan = Plan(NUMBER, SEED)
    evidence = Evidence(plan.deliveries, secrets=[SECRET], logs=["decided"])
    evidence.stacks = {"1": [("SUCCESS", "rules/one"), ("FAILED", "rules/one")]}
    evidence.stacks["2"] = [("FAILED", "rules/two")]
    evidence.rule_keys = {"rules/one"}
    for delivery in plan.deliveries:
        evidence.responses[delivery.key] = [503, delivery.status]
        if not delivery.is_recorded:
            continue
        said = []
        for rule in concerned(delivery.change):
            outcome: dict[str, Any] = {"rule": rule.key, "outcome": "skipped"}
            outcome["clause"] = rule.clause(delivery.change)
            if rule.is_broken:
                outcome["outcome"] = "invalid"
            elif rule in delivery.rules:
                outcome["outcome"] = "started"
                begin(evidence, delivery, rule)
            said.append(outcome)
        evidence.records[delivery.key] = [{"rules": said}]
    return evidence


def begin(evidence: Evidence, delivery: Delivery, rule: Rule) -> None:
    mark = rule.target, delivery.change.mark
    evidence.starts[mark].append(1.0)
    evidence.ledger[delivery.identity(rule)] = {"state": "started", "attempts": 1}
    if rule.kind == "CodePipeline":
        evidence.run_of[mark] = run = f"run-of-{delivery.change.mark}"
        if rule.status:
            evidence.runs[run] = {"sha": delivery.change.mark}
            evidence.ends[run] = "FAILED"
            evidence.statuses[delivery.change.mark] = {rule.status: "failure"}


RIGHT = right()


def first(kind: str = "", **wanted: Any) -> tuple[Delivery, Rule]:
    """The first delivery that starts a rule of that target, and the rule."""
    for delivery in RIGHT.deliveries:
        for rule in delivery.rules:
            is_wanted = all(getattr(rule, name) == value for name, value in wanted.items())
            if kind in ("", rule.kind) and is_wanted:
                return delivery, rule
    raise AssertionError((kind, wanted))


def mark_of(kind: str = "", **wanted: Any) -> tuple[str, str]:
    delivery, rule = first(kind, **wanted)
    return rule.target, delivery.change.mark


def of_kind(kind: str) -> Delivery:
    return next(each for each in RIGHT.deliveries if each.kind == kind)


def outcome(evidence: Evidence, delivery: Delivery, rule: Rule) -> dict[str, Any]:
    (record,) = evidence.records[delivery.key]
    return next(each for each in record["rules"] if each["rule"] == rule.key)


def twice(evidence: Evidence, kind: str, after: float, unknown: int, is_said: bool) -> None:
    """Something that was started a second time, so much later."""
    delivery, rule = first(kind)
    mark = rule.target, delivery.change.mark
    evidence.starts[mark].append(1.0 + after)
    evidence.unknown[mark] = unknown
    if is_said:
        evidence.said[delivery.key].add(rule.key)


def newest() -> Delivery:
    rule = next(rule for rule in RULES if rule.newest)
    ours = [each for each in RIGHT.deliveries if rule in each.rules]
    return max(ours, key=lambda each: each.change.moment)


ANSWERED, RECORDED, DECIDED, LOST, TWICE, ELSE, *_MORE = PROPERTIES
LEDGER, NEWEST, REPORTED, STACKS, SECRETS, RIGHTS = _MORE
Doctor = Callable[[Evidence], Any]
DOCTORED: dict[str, tuple[str, Doctor]] = {
    "a delivery without a response": (
        ANSWERED, lambda e: e.responses.pop(of_kind("push").key)),
    "a delivery that was never answered but 503": (
        ANSWERED, lambda e: e.responses.update({of_kind("push").key: [503, 502]})),
    "a forged delivery that was let in": (
        ANSWERED, lambda e: e.responses.update({of_kind("forged").key: [202]})),
    "a malformed delivery that was accepted at last": (
        ANSWERED, lambda e: e.responses.update({of_kind("malformed").key: [400, 202]})),
    "an accepted delivery without a record": (
        RECORDED, lambda e: e.records.pop(of_kind("tag").key)),
    "a forged delivery with a record": (
        RECORDED, lambda e: e.records.update({of_kind("forged").key: [{"rules": []}]})),
    "a record of nothing that was sent": (
        RECORDED, lambda e: e.records.update({"unheard-of": [{"rules": []}]})),
    "two records of one delivery": (
        RECORDED, lambda e: e.records[of_kind("push").key].append({"rules": []})),
    "a rule that a record leaves out": (
        DECIDED, lambda e: e.records.update({first()[0].key: [{"rules": []}]})),
    "a rule skipped by another clause": (
        DECIDED, lambda e: outcome(e, *first()).update(outcome="skipped", clause="Actors")),
    "a start that failed for good": (
        DECIDED, lambda e: outcome(e, *first()).update(outcome="failed")),
    "an invalid rule that was started": (
        DECIDED, lambda e: [
            each.update(outcome="started")
            for each in e.records[first(repository="octo-org/mono-repo")[0].key][0]["rules"]
            if each["outcome"] == "invalid"
        ]),
    "a pipeline that was never started": (
        LOST, lambda e: e.starts.pop(mark_of("CodePipeline", status=""))),
    "an event that was never put": (LOST, lambda e: e.starts[mark_of("EventBridge")].clear()),
    "a pipeline that was started twice": (
        TWICE, lambda e: twice(e, "CodePipeline", 400, 1, True)),
    "a build whose token was known": (TWICE, lambda e: twice(e, "CodeBuild", 200, 1, True)),
    "an event put twice of which no response was lost": (
        TWICE, lambda e: twice(e, "EventBridge", 5, 0, True)),
    "an event put twice of which no record tells": (
        TWICE, lambda e: twice(e, "EventBridge", 5, 1, False)),
    "a start that a forged delivery made": (
        ELSE, lambda e: e.starts[RULES[0].target, of_kind("forged").change.mark].append(1.0)),
    "a start by a rule that must skip": (
        ELSE, lambda e: e.starts[RULES[-1].target, first()[0].change.mark].append(1.0)),
    "a ledger that says lost": (
        LEDGER, lambda e: e.ledger.update({first()[0].identity(first()[1]): {"state": "lost"}})),
    "a ledger without an entry": (
        LEDGER, lambda e: e.ledger.pop(first()[0].identity(first()[1]))),
    "an entry of nothing that was sent": (
        LEDGER, lambda e: e.ledger.update({"f" * 64: {"state": "started"}})),
    "three requests without a token": (
        LEDGER, lambda e: e.ledger[first()[0].identity(first()[1])].update(attempts=3)),
    "the newest change held back": (
        NEWEST, lambda e: (
            e.starts[newest().rules[0].target, newest().change.mark].clear(),
            [e.starts.pop((rule.target, newest().change.mark)) for rule in newest().rules],
        )),
    "an older change started and called skipped": (
        NEWEST, lambda e: e.ledger[first(newest=True)[0].identity(first(newest=True)[1])].update(
            state="skipped")),
    "a run of which nothing is kept": (REPORTED, lambda e: e.runs.clear()),
    "a status that is still pending": (
        REPORTED, lambda e: e.statuses.update(
            {mark_of(status="ci/tool")[1]: {"ci/tool": "pending"}})),
    "a stack without an answer": (STACKS, lambda e: e.stacks["2"].clear()),
    "a stack that was told of a rule which is not there": (
        STACKS, lambda e: e.rule_keys.clear()),
    "a secret in a log": (SECRETS, lambda e: e.logs.append(f"decided\nwith {SECRET} today")),
    "a presigned URL in a log": (SECRETS, lambda e: e.logs.append("PUT /?X-Amz-Signature=1f")),
    "a call that was wrong": (RIGHTS, lambda e: e.refused_calls.append("s3:PutObject: no body")),
    "two answers to one event": (RIGHTS, lambda e: e.misdeeds.append("2 answers to one event")),
    "a dead letter that is left": (RIGHTS, lambda e: setattr(e, "dead_letters", 1)),
    "time that was up": (RIGHTS, lambda e: e.open_work.append("12 deliveries were not sent")),
}  # fmt: skip


def test_a_result_that_is_right_breaks_nothing():
    assert not any(compare(RIGHT).values())


def test_what_the_contract_allows_to_happen_twice_breaks_nothing():
    evidence = copy.deepcopy(RIGHT)
    twice(evidence, "EventBridge", 5, 1, True)
    twice(evidence, "CodeBuild", 301, 1, True)
    assert not any(compare(evidence).values())


def test_every_property_is_doctored():
    assert {name for name, _ in DOCTORED.values()} == set(PROPERTIES)


@pytest.mark.parametrize("what", DOCTORED)
def test_it_complains_of(what):
    name, doctor = DOCTORED[what]
    evidence = copy.deepcopy(RIGHT)
    doctor(evidence)
    broken = compare(evidence)
    assert broken[name], f"{what} broke nothing, but {broken}"
