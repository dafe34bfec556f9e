"""What must hold after a soak, whatever has gone wrong: each property names what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .deliveries import Delivery
from .evidence import Evidence
from .rules import RULES, Rule, concerned

TOKEN_SECONDS = {"CodePipeline": float("inf"), "CodeBuild": 300.0, "EventBridge": 0.0}
"""For how long a service knows a client token."""
PRESIGNED = ("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token")
STATES = {"SUCCEEDED": "success", "FAILED": "failure"}


def answered(evidence: Evidence) -> Iterator[str]:
    """Every delivery is answered as it must be; 5xx may come before, while something is away."""
    for delivery in evidence.deliveries:
        responses = evidence.responses.get(delivery.key, [])
        final = [status for status in responses if status < 500]
        if not final:
            yield f"{delivery.key} ({delivery.kind}): no response but {responses}"
        elif set(final) != {delivery.status}:
            yield f"{delivery.key} ({delivery.kind}): {responses}, expected {delivery.status}"


def recorded(evidence: Evidence) -> Iterator[str]:
    """What is accepted has one decision record; what is not has none."""
    wanted = {each.key: each for each in evidence.deliveries}
    for delivery in evidence.deliveries:
        number = len(evidence.records.get(delivery.key, []))
        if number != (1 if delivery.is_recorded else 0):
            yield f"{delivery.key} ({delivery.kind}): {number} records"
    for key in evidence.records:
        if key not in wanted:
            yield f"{key}: a record, and nothing was sent"


def decided(evidence: Evidence) -> Iterator[str]:
    """The record says of each rule what the change must come to."""
    for delivery in evidence.deliveries:
        for record in evidence.records.get(delivery.key, []):
            outcomes = {each["rule"]: each for each in record["rules"]}
            for rule in concerned(delivery.change):
                if problem := _wrong(rule, delivery, outcomes.pop(rule.key, {})):
                    yield f"{delivery.key}: rule {rule.name}: {problem}"
            for key in outcomes:
                yield f"{delivery.key}: {key} does not concern it"


def _wrong(rule: Rule, delivery: Delivery, said: dict[str, Any]) -> str | None:
    outcome, clause = said.get("outcome"), said.get("clause")
    if rule.is_broken:
        return None if outcome == "invalid" else f"{outcome}, expected invalid"
    if rule not in delivery.rules:
        expected = rule.clause(delivery.change)
        if (outcome, clause) == ("skipped", expected):
            return None
        return f"{outcome} by {clause}, expected skipped by {expected}"
    if outcome in ("started", "already-started"):
        return None
    if rule.newest and (outcome, clause) == ("skipped", "Order"):
        return None
    return f"{outcome} by {clause}, expected started: {said.get('reason')} {said.get('answer')}"


def _expected(evidence: Evidence) -> dict[tuple[str, str], tuple[Delivery, Rule]]:
    return {
        (rule.target, delivery.change.mark): (delivery, rule)
        for delivery in evidence.deliveries
        for rule in delivery.rules
    }


def held_back(evidence: Evidence, delivery: Delivery, rule: Rule) -> bool:
    """Whether the ledger says that a newer change was started in its place."""
    entry = evidence.ledger.get(delivery.identity(rule), {})
    return rule.newest and entry.get("state") == "skipped"


def never_lost(evidence: Evidence) -> Iterator[str]:
    """Everything that must start was started, by the service's own list."""
    for mark, (delivery, rule) in _expected(evidence).items():
        if not evidence.starts.get(mark) and not held_back(evidence, delivery, rule):
            yield f"{delivery.key} ({delivery.kind}): {rule.name} never started {mark[0]}"


def at_most_once(evidence: Evidence) -> Iterator[str]:
    """Nothing is started twice, unless the contract allows it and it was said."""
    for mark, (delivery, rule) in _expected(evidence).items():
        times = sorted(evidence.starts.get(mark, []))
        if len(times) < 2:
            continue
        words = (
            f"{delivery.key} ({delivery.kind}): {rule.name} started {mark[0]} {len(times)} times"
        )
        if times[1] - times[0] < TOKEN_SECONDS[rule.kind]:
            yield f"{words}, and its token was known"
        elif len(times) > 1 + evidence.unknown.get(mark, 0):
            yield f"{words}, and only {evidence.unknown.get(mark, 0)} responses were lost"
        elif rule.key not in evidence.said.get(delivery.key, set()):
            yield f"{words}, and no record says that it may have been"


def nothing_else(evidence: Evidence) -> Iterator[str]:
    """Nothing was started that nobody asked for: by a forged delivery, or another rule."""
    expected = _expected(evidence)
    for mark, times in evidence.starts.items():
        if times and mark not in expected:
            yield f"{mark[0]} was started for {mark[1]}, which no delivery calls for"


def in_the_ledger(evidence: Evidence) -> Iterator[str]:
    """The ledger has an entry for each start, which says that it was started, and no other."""
    expected = {}
    for delivery, rule in _expected(evidence).values():
        expected[delivery.identity(rule)] = (delivery, rule)
    for identity, (delivery, rule) in expected.items():
        state = evidence.ledger.get(identity, {}).get("state")
        if state != "started" and not held_back(evidence, delivery, rule):
            yield f"{delivery.key}: the ledger says {state} of {rule.name}"
        if evidence.ledger.get(identity, {}).get("attempts", 0) > 2:
            yield f"{delivery.key}: more than two requests without a token for {rule.name}"
    for identity in evidence.ledger.keys() - expected.keys():
        yield f"ledger/{identity}: nothing that was sent has this identity"


def newest_started(evidence: Evidence) -> Iterator[str]:
    """A rule that starts the newest has started the newest, and held back only what is older."""
    for rule in (each for each in RULES if each.newest):
        ours = [each for each in evidence.deliveries if rule in each.rules]
        if not ours:
            continue
        newest = max(ours, key=lambda each: each.change.moment)
        if not evidence.starts.get((rule.target, newest.change.mark)):
            yield f"{newest.key}: {rule.name} has not started the newest change"
        for delivery in ours:
            is_started = evidence.starts.get((rule.target, delivery.change.mark))
            # It may be held back once an attempt has started it that could not write that down.
            in_doubt = rule.key in evidence.said.get(delivery.key, set())
            if is_started and held_back(evidence, delivery, rule) and not in_doubt:
                yield f"{delivery.key}: {rule.name} was started, and the ledger says skipped"


def reported(evidence: Evidence) -> Iterator[str]:
    """What each run of a rule with a status belongs to is kept, and its end is on the commit."""
    for delivery in evidence.deliveries:
        for rule in (each for each in delivery.rules if each.status):
            mark = delivery.change.mark
            run = evidence.run_of.get((rule.target, mark), "")
            if evidence.runs.get(run, {}).get("sha") != mark:
                yield f"{delivery.key}: runs/ does not know run {run} of {rule.name}"
            expected = STATES.get(evidence.ends.get(run, ""))
            state = evidence.statuses.get(mark, {}).get(rule.status)
            if state != expected:
                yield f"{delivery.key}: status {rule.status} is {state}, expected {expected}"


def declared(evidence: Evidence) -> Iterator[str]:
    """A stack that declares a rule is answered; CloudFormation goes by the first answer."""
    for request, answers in evidence.stacks.items():
        if not answers:
            yield f"{request}: the stack was not answered"
            continue
        status, key = answers[0]
        if status == "SUCCESS" and key not in evidence.rule_keys:
            yield f"{request}: {status}, and there is no rule {key}"
        if status not in ("SUCCESS", "FAILED"):
            yield f"{request}: {status}"


def secret(evidence: Evidence) -> Iterator[str]:
    """No log has a secret or a presigned URL."""
    for log in evidence.logs:
        for word in (*evidence.secrets, *PRESIGNED):
            if word in log:
                line = next(each for each in log.splitlines() if word in each)
                place = line.index(word) - 60
                yield f"a log has a secret ({word[:4]}…) after: {line[max(place, 0) : place + 60]}"


def well_behaved(evidence: Evidence) -> Iterator[str]:
    """Each call was right, each event was answered once, and nothing was left undone."""
    yield from evidence.refused_calls
    yield from evidence.misdeeds
    yield from evidence.open_work
    if evidence.dead_letters:
        yield f"{evidence.dead_letters} dead letters are left"


PROPERTIES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "every delivery is answered": answered,
    "every accepted delivery has one record, no other has any": recorded,
    "the record says what each rule came to": decided,
    "nothing is lost": never_lost,
    "nothing is started twice": at_most_once,
    "nothing else is started": nothing_else,
    "the ledger agrees with the services": in_the_ledger,
    "the newest change is started": newest_started,
    "statuses say how runs ended": reported,
    "stacks that declare rules are answered": declared,
    "no log has a secret": secret,
    "every call and every answer is right": well_behaved,
}


def compare(evidence: Evidence) -> dict[str, list[str]]:
    """What breaks each property."""
    return {name: list(check(evidence)) for name, check in PROPERTIES.items()}
