"""Drafts and labels of pull requests: what starts a rule that has not started the head."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import github
from reporting import Reporting
from site_under_test import SECRET, Site

SECOND = "b" * 40


@pytest.fixture
def reporting(site: Site, tmp_path):
    with Reporting(site, tmp_path) as reporting:
        yield reporting


def rule(site: Site, **properties) -> str:
    pipeline = site.pipeline("api")
    target = {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}}
    site.put_rule("api", target, Events=["pull_request"], **properties)
    return pipeline


def at(minute: int) -> str:
    return f"2026-11-20T15:{minute:02}:00Z"


def outcome(record: dict) -> tuple[str, str]:
    (each,) = record["rules"]
    return each["outcome"], each["clause"]


@pytest.mark.parametrize("order", ["newest", "every"])
def test_a_label_starts_a_head_once(reporting, order):
    rule(reporting.site, Labels=["ci", "ci/*"], Order=order)
    steps = [
        ({"action": "opened", "labels": ("bug",)}, ("skipped", "Labels")),
        ({"action": "labeled", "labels": ("bug", "x"), "added": "x"}, ("skipped", "Labels")),
        ({"action": "labeled", "labels": ("bug", "ci"), "added": "ci"}, ("started", "Labels")),
        # Taken away and added again.
        (
            {"action": "labeled", "labels": ("bug", "ci"), "added": "ci"},
            ("already-started", "Labels"),
        ),
        (
            {"action": "synchronize", "labels": ("ci",), "after": SECOND},
            ("started", "Labels"),
        ),
        (
            {"action": "labeled", "labels": ("ci", "ci/2"), "added": "ci/2", "after": SECOND},
            ("already-started", "Labels"),
        ),
    ]
    for minute, (event, expected) in enumerate(steps):
        record = reporting.decide(github.pull_request(updated_at=at(minute), **event))
        assert outcome(record) == expected, event
    assert [run.revision for run in reporting.site.started()] == [github.AFTER, SECOND]


def test_a_label_starts_no_rule_without_labels(reporting):
    rule(reporting.site, ExcludeLabels=["wip"])
    event = github.pull_request(action="labeled", labels=("ci",), added="ci")
    assert outcome(reporting.decide(event)) == ("skipped", "Labels")
    opened = github.pull_request(labels=("ci", "wip"))
    assert outcome(reporting.decide(opened)) == ("skipped", "ExcludeLabels")
    assert reporting.site.started() == []


def test_the_end_of_a_draft_starts_what_it_held_back(reporting):
    rule(reporting.site, Drafts="skip")
    steps = [
        ({"action": "opened", "draft": True}, ("skipped", "Drafts")),
        ({"action": "ready_for_review"}, ("started", "Events")),
        ({"action": "ready_for_review"}, ("already-started", "Events")),
        ({"action": "synchronize", "draft": True, "after": SECOND}, ("skipped", "Drafts")),
        ({"action": "ready_for_review", "after": SECOND}, ("started", "Events")),
    ]
    for minute, (event, expected) in enumerate(steps):
        record = reporting.decide(github.pull_request(updated_at=at(minute), **event))
        assert outcome(record) == expected, event


def test_the_end_of_a_draft_starts_no_head_twice(reporting):
    rule(reporting.site)
    assert outcome(reporting.decide(github.pull_request(draft=True)))[0] == "started"
    ready = github.pull_request(action="ready_for_review", updated_at=at(30))
    assert outcome(reporting.decide(ready))[0] == "already-started"
    assert len(reporting.site.started()) == 1


def test_labels_and_the_opening_at_the_same_moment_start_once(reporting):
    site = reporting.site
    rule(site, Labels=["ci/*"])
    labels = ("ci/a", "ci/b")
    events = [github.pull_request(labels=labels)] + [
        github.pull_request(action="labeled", labels=labels, added=label) for label in labels
    ]
    for event in events:
        body = github.encode(event)
        fields = github.headers(body, SECRET, event="pull_request")
        assert reporting.webhook.invoke(github.http_event(body, fields)).json["statusCode"] == 202
    with site.evaluate() as one, site.evaluate() as two, ThreadPoolExecutor(3) as pool:
        site.aws.latency = 0.05
        functions = (reporting.evaluate, one, two)
        answers = list(
            pool.map(
                lambda function, event: function.invoke(event, seconds=15),
                functions,
                site.handed_over(),
            )
        )
    assert not any(answer.failed for answer in answers), answers
    assert sorted(outcome(answer.json)[0] for answer in answers) == [
        "already-started",
        "already-started",
        "started",
    ]
    assert len(site.started()) == 1
