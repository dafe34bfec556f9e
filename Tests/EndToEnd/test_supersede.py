"""Supersede: a newer run for a pull request stops the rule's earlier one."""

from __future__ import annotations

from typing import Any

import pytest

import github
from local_aws import Fault
from reporting import ROOT, Reporting
from site_under_test import SECRET, Site

ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"
FIRST, SECOND, THIRD = github.AFTER, "b" * 40, "c" * 40


@pytest.fixture
def reporting(site: Site, tmp_path):
    with Reporting(site, tmp_path) as reporting:
        reporting.commit(ROOT, None, "README.md")
        for sha in (FIRST, SECOND, THIRD):
            reporting.commit(sha, ROOT, f"services/{sha[:1]}.go")
        yield reporting
        assert reporting.api.violations == []


def rule(reporting: Reporting, target: dict[str, Any], **properties: Any) -> None:
    defaults = {"Events": ["pull_request"], "Supersede": True, "Status": "ci/api"}
    reporting.site.put_rule("api", target, **defaults | properties)


def event(action: str, after: str, minute: int) -> dict[str, Any]:
    time = f"2026-11-20T15:{minute:02}:00Z"
    return github.pull_request(7, action, after=after, updated_at=time)


def superseded(record: dict[str, Any]) -> list[tuple[str, str]]:
    (decided,) = record["rules"]
    return [(each["run"], each["result"]) for each in decided.get("superseded", [])]


def test_a_newer_run_of_a_pipeline_stops_the_earlier_one_and_has_the_status(reporting):
    pipeline = reporting.site.pipeline("api")
    rule(reporting, {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}})
    reporting.decide(event("opened", FIRST, 1))
    (first,) = reporting.site.started(pipeline)
    record = reporting.decide(event("synchronize", SECOND, 2))
    _, second = reporting.site.started(pipeline)
    assert superseded(record) == [(f"codepipeline/{first.execution_id}", "stopped")]
    assert (first.state, second.state) == ("STOPPED", "STARTED")
    assert first.stop_reason == f"Pointsman: superseded by {SECOND}, pull request 7"
    reporting.tell_all()
    assert reporting.states(FIRST) == {"ci/api": "error"}
    assert reporting.descriptions(FIRST) == {"ci/api": f"CodePipeline {pipeline} was stopped"}
    assert reporting.states(SECOND) == {"ci/api": "pending"}


def test_of_one_commit_the_newer_run_has_the_status(reporting):
    pipeline = reporting.site.pipeline("api")
    rule(reporting, {"CodePipeline": {"Name": pipeline}})
    reporting.decide(event("opened", FIRST, 1))
    reporting.decide(event("reopened", FIRST, 2))
    first, second = reporting.site.started(pipeline)
    assert (first.state, second.state) == ("STOPPED", "STARTED")
    reporting.tell_all()
    assert reporting.states(FIRST) == {"ci/api": "pending"}
    reporting.site.aws.codepipeline.change(second, "SUCCEEDED")
    reporting.tell_all()
    assert reporting.states(FIRST) == {"ci/api": "success"}


def test_a_build_of_another_account_is_stopped_as_the_role_that_started_it(reporting):
    project = reporting.site.project("api", role=ROLE)
    rule(reporting, {"CodeBuild": {"Project": project, "RoleArn": ROLE}})
    reporting.decide(event("opened", FIRST, 1))
    record = reporting.decide(event("synchronize", SECOND, 2))
    first, second = reporting.site.aws.codebuild.builds
    assert superseded(record) == [(f"codebuild/{first.build_id}", "stopped")]
    assert (first.status, second.status) == ("STOPPED", "IN_PROGRESS")
    (stop,) = reporting.site.aws.seen("codebuild:StopBuild")
    assert stop.parameters == {"id": first.build_id}


def test_when_it_is_closed_what_runs_is_stopped(reporting):
    pipeline = reporting.site.pipeline("api")
    rule(reporting, {"CodePipeline": {"Name": pipeline}})
    reporting.decide(event("opened", FIRST, 1))
    record = reporting.decide(event("closed", FIRST, 2))
    (only,) = reporting.site.started(pipeline)
    assert only.state == "STOPPED"
    (decided,) = record["rules"]
    assert decided["answer"] == f"stopped {only.execution_id}"
    reporting.tell_all()
    assert reporting.states(FIRST) == {"ci/api": "error"}


def test_what_has_ended_keeps_nothing_from_starting(reporting):
    pipeline = reporting.site.pipeline("api")
    rule(reporting, {"CodePipeline": {"Name": pipeline}})
    reporting.decide(event("opened", FIRST, 1))
    (first,) = reporting.site.started(pipeline)
    reporting.site.aws.codepipeline.change(first, "SUCCEEDED")
    record = reporting.decide(event("synchronize", SECOND, 2))
    assert superseded(record) == [(f"codepipeline/{first.execution_id}", "ended before")]
    assert [each.state for each in reporting.site.started(pipeline)] == ["SUCCEEDED", "STARTED"]


def test_what_may_not_be_stopped_is_told_and_not_tried_again(reporting):
    pipeline = reporting.site.pipeline("api")
    rule(reporting, {"CodePipeline": {"Name": pipeline}})
    reporting.decide(event("opened", FIRST, 1))
    reporting.site.aws.faults.plan(1, Fault.DENIED, only="codepipeline:StopPipelineExecution")
    ((_, result),) = superseded(reporting.decide(event("synchronize", SECOND, 2)))
    words = f"not stopped: codepipeline:StopPipelineExecution of {pipeline}: 403 AccessDenied"
    assert result.startswith(words)
    reporting.decide(event("synchronize", THIRD, 3))
    states = [each.state for each in reporting.site.started(pipeline)]
    assert states == ["STARTED", "STOPPED", "STARTED"]


def test_what_cannot_be_stopped_yet_is_stopped_by_the_next_attempt(reporting):
    pipeline = reporting.site.pipeline("api")
    rule(reporting, {"CodePipeline": {"Name": pipeline}})
    reporting.decide(event("opened", FIRST, 1))
    body = github.encode(event("synchronize", SECOND, 2))
    fields = github.headers(body, SECRET, event="pull_request")
    reporting.webhook.invoke(github.http_event(body, fields))
    handed_over = reporting.site.handed_over()[-1]
    reporting.site.aws.faults.plan(
        1, Fault.THROTTLED, times=9, only="codepipeline:StopPipelineExecution"
    )
    answer = reporting.evaluate.invoke(handed_over)
    assert answer.failed
    assert answer.json["errorType"] == "Function.StopsPending"
    assert [each.state for each in reporting.site.started(pipeline)] == ["STARTED", "STARTED"]
    reporting.site.aws.faults.clear()
    answer = reporting.evaluate.invoke(handed_over)
    assert not answer.failed, answer
    assert [each.state for each in reporting.site.started(pipeline)] == ["STOPPED", "STARTED"]
    (key,) = [key for key in reporting.site.keys("heads")]
    (run,) = reporting.site.object(key)["runs"]
    assert run["after"] == SECOND
