"""Merge queues: what a merge group needs is reported, also of a rule that is skipped."""

from __future__ import annotations

import pytest

import github
from reporting import ROOT, Reporting
from site_under_test import SECRET, Site

HEAD = github.AFTER
QUEUE = f"refs/heads/gh-readonly-queue/main/pr-7-{github.BEFORE}"
EVENTS = ["pull_request", "merge_group"]


@pytest.fixture
def reporting(site: Site, tmp_path):
    with Reporting(site, tmp_path) as reporting:
        reporting.commit(ROOT, None, "README.md")
        reporting.commit(github.BEFORE, ROOT, "services/web/a.go")
        reporting.commit(HEAD, github.BEFORE, "services/api/a.go")
        yield reporting
        assert reporting.api.violations == []


def rule(reporting: Reporting, name: str, **properties) -> str:
    pipeline = reporting.site.pipeline(name)
    target = {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}}
    reporting.site.put_rule(name, target, **properties)
    return pipeline


def outcomes(record: dict) -> dict[str, str]:
    return {each["rule"].rsplit("/", 1)[-1][:-5]: each["outcome"] for each in record["rules"]}


def test_every_rule_has_a_status_on_the_groups_commit(reporting):
    pipelines = {
        name: rule(
            reporting,
            name,
            Events=EVENTS,
            Branches=["main"],
            Paths=[f"services/{name}/**"],
            Status=f"ci/{name}",
            SkipMessages=["[skip ci]"],
        )
        for name in ("api", "web")
    }
    rule(reporting, "other", Events=EVENTS, Branches=["release/*"], Status="ci/other")
    record = reporting.decide(github.merge_group(), event="merge_group")
    assert outcomes(record) == {"api": "started", "web": "skipped", "other": "skipped"}
    assert record["change"]["kind"] == "merge_group"
    (run,) = reporting.site.started()
    assert (run.pipeline, run.revision) == (pipelines["api"], HEAD)
    compared = [target for target in reporting.api.targets if "/compare/" in target]
    assert len(compared) == 1 and f"{github.BEFORE}...{HEAD}" in compared[0]
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/api": "pending", "ci/web": "success"}
    reporting.site.aws.codepipeline.change(run, "SUCCEEDED")
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/api": "success", "ci/web": "success"}
    assert reporting.site.keys("heads") == []


def test_a_group_that_comes_twice_starts_once(reporting):
    rule(reporting, "api", Events=EVENTS, Status="ci/api")
    group = github.merge_group()
    assert outcomes(reporting.decide(group, event="merge_group")) == {"api": "started"}
    assert outcomes(reporting.decide(group, event="merge_group")) == {"api": "already-started"}
    # An older group is not held back by a newer one.
    older = github.merge_group(after=github.BEFORE, base=ROOT)
    older["merge_group"]["head_commit"]["timestamp"] = "2026-11-20T15:00:00Z"
    assert outcomes(reporting.decide(older, event="merge_group")) == {"api": "started"}
    assert len(reporting.site.started()) == 2


def test_a_group_that_was_destroyed_is_not_handled(reporting):
    body = github.encode(github.merge_group(action="destroyed"))
    fields = github.headers(body, SECRET, event="merge_group")
    answer = reporting.webhook.invoke(github.http_event(body, fields)).json
    assert answer["statusCode"] == 200
    assert "the merge_group action destroyed is not handled" in answer["body"]


def test_a_queues_push_starts_only_what_names_its_branches(reporting):
    rule(reporting, "every")
    rule(reporting, "all", Branches=["**"])
    rule(reporting, "queue", Branches=["main", "gh-readonly-queue/main/*"])
    push = github.push("services/api/a.go", ref=QUEUE, before=github.ZERO)
    record = reporting.decide(push, event="push")
    assert outcomes(record) == {"every": "skipped", "all": "skipped", "queue": "started"}
    reasons = {each["clause"] for each in record["rules"]}
    assert reasons == {"Branches"}
