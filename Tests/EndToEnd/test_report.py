"""What became of it, at the commit: statuses of what was started and of what was skipped."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import re
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

import pytest

import github
from github_api import Fault
from local_aws import ACCOUNT, REGION, LocalAWS
from local_aws import Fault as AWSFault
from local_aws.codepipeline import Execution, FailedAction
from local_aws.lambda_function import LambdaFunction
from reporting import ROOT, TOKEN, Reporting
from site_under_test import SECRET, Site, keys_of

HEAD, SECOND, THIRD = github.AFTER, "b" * 40, "c" * 40
CREATE = "repos/create-commit-status"
FAILED = FailedAction(
    "Build", "Test", "JobFailed", f"arn:aws:codebuild:eu:{ACCOUNT}:build/x failed"
)


@pytest.fixture
def reporting(site: Site, tmp_path):
    with Reporting(site, tmp_path) as reporting:
        reporting.commit(ROOT, None, "README.md")
        reporting.commit(github.BEFORE, ROOT, "lib/a")
        reporting.commit(HEAD, github.BEFORE, "services/00/a.go")
        reporting.pull_request(7, github.BEFORE, HEAD)
        yield reporting
        assert reporting.api.violations == []
        nothing_is_told_that_is_not_public(reporting)


def nothing_is_told_that_is_not_public(reporting: Reporting) -> None:
    """A repository's page may be public."""
    for status in reporting.api.statuses.all():
        shown = f"{status.context} {status.description} {status.target_url}"
        # An execution's id may end with twelve digits too.
        rest = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", shown)
        assert not re.search(r"arn:aws|\d{12}", rest.replace(status.sha, "")), shown
        assert TOKEN not in shown and SECRET not in shown
        assert len(status.description or "") <= 140
        assert status.target_url is None or status.target_url.startswith("https://")
    for log in (reporting.report.log, reporting.evaluate.log):
        assert TOKEN not in log and "ghs_" not in log and "PRIVATE KEY" not in log


def rule(reporting: Reporting, name: str, path: str | None = None, **properties: Any) -> str:
    """A rule with a pipeline and a status of its own; the pipeline's name."""
    site = reporting.site
    pipeline = site.pipeline(name)
    defaults = {"Events": ["pull_request"], "Status": f"ci/{name}"}
    if path:
        defaults["Paths"] = [path]
    target = properties.pop("Target", {"CodePipeline": {"Name": pipeline}})
    site.put_rule(name, target, **defaults | properties)
    return pipeline


def run_of(reporting: Reporting, pipeline: str) -> Execution:
    return reporting.site.started(pipeline)[-1]


def end(reporting: Reporting, pipeline: str, state: str, failed: FailedAction | None = None):
    reporting.site.aws.codepipeline.change(run_of(reporting, pipeline), state, failed)


# A pull request with twenty rules.


def twenty_rules(reporting: Reporting) -> list[str]:
    """Twenty rules, of which a change to services/00 concerns the first two."""
    site = reporting.site
    pipelines = [rule(reporting, "00", "services/00/**"), rule(reporting, "01", "services/*/a.go")]
    target = {"CodePipeline": {"Name": pipelines[0]}}
    for number in range(2, 20):
        name = f"{number:02}"
        site.put_rule(
            name,
            target,
            Events=["pull_request"],
            Paths=[f"services/{name}/**"],
            Status=f"ci/{name}",
        )
    return pipelines


def test_every_rule_of_a_pull_request_has_a_status(reporting):
    twenty_rules(reporting)
    record = reporting.decide(github.pull_request(), delivery="d-1")
    assert record["counts"] == {"started": 2, "skipped": 18}
    (asked,) = reporting.asked()
    (key,) = reporting.site.keys("decisions")
    assert asked == {"report": {"record": key}}
    reporting.tell_all([asked])
    states = reporting.states(HEAD)
    assert len(states) == 20
    assert [states.pop("ci/00"), states.pop("ci/01")] == ["pending", "pending"]
    assert set(states.values()) == {"success"}
    said = reporting.descriptions(HEAD)
    site = reporting.site.name
    assert said["ci/00"] == f"started CodePipeline {site}-00"
    reasons = {each["rule"][-7:-5]: each["reason"] for each in record["rules"]}
    assert said["ci/19"] == f"skipped: {reasons['19']}"
    assert {each["status"] for each in record["rules"]} == {f"ci/{n:02}" for n in range(20)}
    link = reporting.api.statuses.of(HEAD)["ci/00"].target_url
    assert run_of(reporting, f"{site}-00").execution_id in link


def test_what_was_told_is_not_set_again(reporting):
    twenty_rules(reporting)
    reporting.decide(github.pull_request())
    asked = reporting.asked()
    reporting.tell_all(asked * 3)
    assert len(reporting.api.statuses.all()) == 20
    reporting.decide(github.pull_request(), delivery="again")
    reporting.tell_all(reporting.asked())
    assert len(reporting.api.statuses.all()) == 20


@pytest.mark.parametrize("seed", range(5))
def test_ends_may_come_in_any_order_and_twice(reporting, seed):
    first, second = twenty_rules(reporting)
    reporting.decide(github.pull_request())
    asked = reporting.asked()
    end(reporting, first, "SUCCEEDED")
    end(reporting, second, "FAILED", FAILED)
    events = asked + reporting.site.aws.state_changes.take()
    assert len(events) == 5
    events = events * 2
    random.Random(seed).shuffle(events)
    reporting.tell_all(events)
    states = reporting.states(HEAD)
    assert len(states) == 20
    assert (states["ci/00"], states["ci/01"]) == ("success", "failure")
    said = reporting.descriptions(HEAD)["ci/01"]
    assert "Build" in said and "Test" in said
    for context in ("ci/00", "ci/01"):
        history = [each.state for each in reporting.api.statuses.history(HEAD, context)]
        assert history.count("pending") <= 1, "what was pending stays so, or is over"
        assert len(history) == len(set(history)), history


def test_all_orders_of_a_run_that_is_retried_come_to_the_same(reporting):
    pipeline = rule(reporting, "00", "services/00/**")
    for turn, order in enumerate(itertools.permutations(range(5))):
        if turn % 12:
            continue
        sha = reporting.commit(f"{turn:040x}", github.BEFORE, "services/00/a.go")
        reporting.pull_request(100 + turn, github.BEFORE, sha)
        reporting.decide(github.pull_request(100 + turn, after=sha))
        events = reporting.asked()
        for state in ("FAILED", "RESUMED", "SUCCEEDED"):
            end(reporting, pipeline, state, FAILED if state == "FAILED" else None)
        events += reporting.site.aws.state_changes.take()
        reporting.tell_all([events[index] for index in order])
        assert reporting.states(sha) == {"ci/00": "success"}, order


@pytest.mark.parametrize("seed", range(3))
def test_invocations_at_the_same_time_come_to_the_same(reporting, seed):
    """Lambda runs as many of `report` as there are events."""
    first, second = twenty_rules(reporting)
    reporting.decide(github.pull_request())
    asked = reporting.asked()
    end(reporting, first, "FAILED", FAILED)
    end(reporting, first, "RESUMED")
    end(reporting, first, "SUCCEEDED")
    end(reporting, second, "STOPPED")
    events = (asked + reporting.site.aws.state_changes.take()) * 2
    random.Random(seed).shuffle(events)
    reporting.site.aws.latency = 0.02
    with contextlib.ExitStack() as cleanup:
        functions: Queue[LambdaFunction] = Queue()
        for _ in range(4):
            report = reporting.site.report(**reporting.environment)
            functions.put(cleanup.enter_context(report))

        def tell(event: dict[str, Any]) -> None:
            for _ in range(3):  # Lambda's attempts
                function = functions.get()
                answer = function.invoke(event, 30)
                functions.put(function)
                if not answer.failed:
                    return
            raise AssertionError(answer)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(tell, events))
    states = reporting.states(HEAD)
    assert len(states) == 20
    assert (states["ci/00"], states["ci/01"]) == ("success", "error")
    for context in ("ci/00", "ci/01"):
        history = [each.state for each in reporting.api.statuses.history(HEAD, context)]
        assert len(history) <= 4, history


# What is said of the states of runs.


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("STARTED", "pending"),
        ("RESUMED", "pending"),
        ("SUCCEEDED", "success"),
        ("FAILED", "failure"),
        ("STOPPING", "error"),
        ("STOPPED", "error"),
        ("CANCELED", "error"),
        ("SUPERSEDED", "error"),
    ],
)
def test_each_state_of_a_pipeline_has_a_status(reporting, state, expected):
    pipeline = rule(reporting, "00")
    reporting.decide(github.pull_request())
    reporting.tell_all()
    end(reporting, pipeline, state)
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/00": expected}
    said = reporting.descriptions(HEAD)["ci/00"]
    if state == "SUPERSEDED":
        assert said == "superseded by a newer run"
    if state == "RESUMED":
        assert "2" in said


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("SUCCEEDED", "success"),
        ("FAILED", "failure"),
        ("FAULT", "failure"),
        ("TIMED_OUT", "failure"),
        ("STOPPED", "error"),
    ],
)
def test_each_end_of_a_build_has_a_status(reporting, status, expected):
    project = reporting.site.project("unit")
    rule(reporting, "unit", Target={"CodeBuild": {"Project": project}})
    reporting.decide(github.pull_request())
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/unit": "pending"}
    codebuild = reporting.site.aws.codebuild
    (build,) = [each for each in codebuild.builds if each.project == project]
    codebuild.finish(build, status, "BUILD" if status == "FAILED" else "")
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/unit": expected}
    if status == "FAILED":
        assert "BUILD" in reporting.descriptions(HEAD)["ci/unit"]


def test_the_first_run_of_a_pull_request_s_own_pipeline_is_known_by_its_name(reporting):
    connection = {"ConnectionArn": "connection", "FullRepositoryId": "octo-org/mono-repo"}
    template = reporting.site.pipeline("api", stages=stages(connection | {"BranchName": "main"}))
    reporting.site.put_rule(
        "api",
        {"PullRequestPipeline": {"Template": template, "SourceAction": "Source"}},
        Events=["pull_request"],
        Status="ci/api",
    )
    reporting.site.aws.state_changes.take()
    reporting.decide(github.pull_request())
    pipelines = reporting.site.aws.codepipeline
    (first,) = [run for run in pipelines.first_runs if run.pipeline.startswith(f"{template}@")]
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/api": "pending"}
    by_hand = Execution(
        first.pipeline, "00000000-0000-4000-8000-000000000000", {}, {}, None, first.caller
    )
    pipelines.change(by_hand, "FAILED")
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/api": "pending"}, "the first that was seen is bound"
    pipelines.change(first, "SUCCEEDED")
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/api": "success"}


def stages(configuration: dict[str, str]) -> list[dict[str, Any]]:
    def kind(category: str, provider: str) -> dict[str, Any]:
        return {"category": category, "owner": "AWS", "provider": provider, "version": "1"}

    source = {"actionTypeId": kind("Source", "CodeStarSourceConnection")}
    source["configuration"] = configuration
    build = {"actionTypeId": kind("Build", "CodeBuild"), "configuration": {"ProjectName": "b"}}
    return [
        {"name": name, "actions": [{"name": name} | action]}
        for name, action in (("Source", source), ("Build", build))
    ]


# An older run and a newer one.


@pytest.mark.parametrize("seed", range(4))
def test_a_superseded_run_is_no_success_and_the_newer_one_decides(reporting, seed):
    pipeline = rule(reporting, "00")
    reporting.decide(github.pull_request())
    older = run_of(reporting, pipeline)
    reporting.commit(SECOND, HEAD, "services/00/b.go")
    reporting.pull_request(7, github.BEFORE, SECOND)
    reporting.decide(
        github.pull_request(
            action="synchronize", after=SECOND, updated_at="2026-11-20T15:21:41Z", before=HEAD
        )
    )
    newer = run_of(reporting, pipeline)
    assert newer is not older
    change = reporting.site.aws.codepipeline.change
    change(older, "SUPERSEDED")
    change(newer, "SUCCEEDED")
    events = (reporting.asked() + reporting.site.aws.state_changes.take()) * 2
    random.Random(seed).shuffle(events)
    reporting.tell_all(events)
    assert reporting.states(HEAD) == {"ci/00": "error"}
    assert reporting.descriptions(HEAD) == {"ci/00": "superseded by a newer run"}
    assert reporting.states(SECOND) == {"ci/00": "success"}


@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_started_earlier_changes_nothing_of_a_later_one(reporting, seed):
    pipeline = rule(reporting, "00", Order="every")
    reporting.decide(github.pull_request())
    older = run_of(reporting, pipeline)
    # Closed and opened again: the same commit, another body.
    reporting.decide(github.pull_request(action="reopened", updated_at="2026-11-20T16:00:00Z"))
    newer = run_of(reporting, pipeline)
    assert newer is not older
    change = reporting.site.aws.codepipeline.change
    change(newer, "SUCCEEDED")
    change(older, "FAILED", FAILED)
    events = reporting.asked() + reporting.site.aws.state_changes.take()
    random.Random(seed).shuffle(events)
    reporting.tell_all(events)
    assert reporting.states(HEAD) == {"ci/00": "success"}


# What is skipped, refused and wrong.


def test_a_push_that_skips_a_rule_sets_nothing(reporting):
    rule(reporting, "00", "services/**", Events=["push"])
    reporting.decide(github.push("docs/a"), event="push")
    reporting.tell_all()
    assert reporting.states(HEAD) == {}
    reporting.decide(github.push("services/00/a"), event="push", delivery="second")
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/00": "pending"}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"Paths": ["docs/**"]}, "success"),
        ({"ExcludePaths": ["services/**"]}, "success"),
        ({"PathExpressions": ["docs/.*"]}, "success"),
        ({"Branches": ["release/*"]}, None),
        ({"Actors": ["hubot"]}, None),
        ({"Events": ["push"]}, None),
        ({"Paths": ["[z-a]"]}, "error"),
        ({"Paths": ["[z-a]"], "Branches": ["release/*"]}, None),
        ({"Paths": ["[z-a]"], "Status": "x" * 101}, None),
    ],
    ids=json.dumps,
)
def test_a_rule_that_starts_nothing_says_so_or_nothing(reporting, properties, expected):
    rule(reporting, "00", **properties)
    record = reporting.decide(github.pull_request())
    reporting.tell_all()
    assert list(reporting.states(HEAD).values()) == ([expected] if expected else [])
    if expected == "success":
        assert reporting.descriptions(HEAD)["ci/00"] == f"skipped: {record['rules'][0]['reason']}"


def test_paths_that_are_unknown_are_no_pass(reporting):
    rule(reporting, "00", "docs/**", WhenPathsUnknown="skip")
    reporting.api.faults.plan(1, Fault.FORBIDDEN, only="pulls/list-files")
    record = reporting.decide(github.pull_request())
    assert record["rules"][0]["clause"] == "WhenPathsUnknown"
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/00": "error"}


def test_a_fork_is_not_reported(reporting):
    rule(reporting, "00")
    payload = github.pull_request()
    payload["pull_request"]["head"] |= {"repo": {"id": 1, "full_name": "mallory/mono-repo"}}
    record = reporting.decide(payload)
    assert record["rules"][0]["clause"] == "Forks"
    reporting.tell_all()
    assert reporting.states(HEAD) == {}


def test_a_target_that_refuses_says_why_without_its_account(reporting):
    rule(reporting, "00", Target={"CodePipeline": {"Name": "missing"}})
    record = reporting.decide(github.pull_request())
    assert ACCOUNT in record["rules"][0]["answer"]
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/00": "error"}
    assert "missing" in reporting.descriptions(HEAD)["ci/00"]
    assert ACCOUNT not in reporting.descriptions(HEAD)["ci/00"]


def test_a_rule_without_a_status_asks_for_no_report(reporting):
    pipeline = reporting.site.pipeline("silent")
    reporting.site.put_rule("silent", {"CodePipeline": {"Name": pipeline}}, Events=["pull_request"])
    reporting.decide(github.pull_request())
    assert reporting.asked() == []
    assert reporting.site.keys("runs") == []


def test_a_run_that_is_not_ours_costs_one_read(reporting):
    other = reporting.site.pipeline("other")
    reporting.site.aws.client("codepipeline").start_pipeline_execution(name=other)
    reporting.site.aws.calls.clear()
    events = reporting.site.aws.state_changes.take()
    reporting.tell_all(events[-1:])
    assert [call.name for call in reporting.site.aws.calls.all()] == ["s3:GetObject"]
    assert reporting.api.requests == []


# GitHub's limits, refusals and faults.


def test_what_is_too_much_for_a_minute_is_waited_for(reporting):
    twenty_rules(reporting)
    content = reporting.api.limits.content
    content.most, content.seconds = 8, 3.0
    reporting.decide(github.pull_request())
    reporting.tell_all(reporting.asked())
    assert len(reporting.states(HEAD)) == 20
    assert len(reporting.api.statuses.all()) == 20


def test_a_limit_that_lasts_fails_and_what_was_set_is_not_set_again(reporting):
    twenty_rules(reporting)
    reporting.decide(github.pull_request())
    (asked,) = reporting.asked()
    reporting.api.faults.plan(11, Fault.USED_UP_FOR_LONG, times=1000, only=CREATE)
    answer = reporting.tell(asked, seconds=10)
    assert answer.failed and len(reporting.api.statuses.all()) == 10
    reporting.api.faults.clear()
    reporting.tell_all([asked])
    assert len(reporting.states(HEAD)) == len(reporting.api.statuses.all()) == 20


@pytest.mark.parametrize("fault", [Fault.USED_UP, Fault.TOO_FAST, Fault.TOO_MANY])
def test_a_limit_that_ends_soon_is_waited_for(reporting, fault):
    rule(reporting, "00")
    reporting.decide(github.pull_request())
    reporting.api.faults.plan(1, fault, only=CREATE)
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/00": "pending"}


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.NOT_FOUND])
def test_a_refusal_is_final_and_logged(reporting, fault):
    rule(reporting, "00", "services/**")
    rule(reporting, "01", "services/**")
    reporting.decide(github.pull_request())
    reporting.api.faults.plan(1, fault, only=CREATE)
    (answer,) = [reporting.tell(each) for each in reporting.asked()]
    assert not answer.failed
    assert len(reporting.api.statuses.all()) == 1
    assert fault.value in reporting.report.log


def test_a_commit_that_is_gone_is_final(reporting):
    rule(reporting, "00")
    reporting.decide(github.pull_request())
    del reporting.api.commits[HEAD]
    reporting.tell_all()
    assert reporting.api.statuses.all() == []
    assert "No commit found for SHA" in reporting.report.log


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_500, Fault.ERROR_502, Fault.ERROR_503, Fault.RESET, Fault.NOT_JSON]
)
def test_a_fault_passes(reporting, fault):
    pipeline = rule(reporting, "00")
    reporting.decide(github.pull_request())
    end(reporting, pipeline, "SUCCEEDED")
    events = reporting.asked() + reporting.site.aws.state_changes.take()
    for event in events:
        reporting.api.faults.plan(1, fault, only=CREATE)
        if reporting.tell(event).failed:  # Lambda tries again
            reporting.tell_all([event])
        reporting.api.faults.clear()
    assert reporting.states(HEAD) == {"ci/00": "success"}


def test_an_answer_that_is_lost_does_no_harm(reporting):
    rule(reporting, "00")
    reporting.decide(github.pull_request())
    reporting.api.faults.plan(1, Fault.ANSWER_LOST, only=CREATE)
    (asked,) = reporting.asked()
    if reporting.tell(asked).failed:
        reporting.tell_all([asked])
    assert reporting.states(HEAD) == {"ci/00": "pending"}
    assert len(reporting.api.statuses.all()) <= 2


@pytest.mark.parametrize("fault", [AWSFault.ERROR_500, AWSFault.RESET, AWSFault.ANSWER_LOST])
@pytest.mark.parametrize("number", range(1, 8))
def test_each_call_to_aws_may_fail(reporting, fault, number):
    pipeline = rule(reporting, "00")
    reporting.decide(github.pull_request())
    end(reporting, pipeline, "FAILED", FAILED)
    events = reporting.asked() + reporting.site.aws.state_changes.take()
    for event in events:
        reporting.site.aws.faults.plan(number, fault, times=2)
        if reporting.tell(event).failed:
            reporting.site.aws.faults.clear()
            reporting.tell_all([event])
        reporting.site.aws.faults.clear()
    assert reporting.states(HEAD) == {"ci/00": "failure"}


def test_no_start_depends_on_report(reporting):
    pipeline = rule(reporting, "00")
    reporting.site.aws.faults.plan(1, AWSFault.THROTTLED, times=1000, only="lambda:Invoke")
    # What webhook hands over is not to fail.
    payload = github.pull_request()
    body = github.encode(payload)
    reporting.site.aws.faults.clear()
    before = len(reporting.site.handed_over())
    reporting.webhook.invoke(github.http_event(body, github.headers(body, SECRET, "pull_request")))
    (handed_over,) = reporting.site.handed_over()[before:]
    reporting.site.aws.faults.plan(1, AWSFault.DENIED, times=1000, only="lambda:Invoke")
    answer = reporting.evaluate.invoke(handed_over)
    assert not answer.failed, answer
    assert len(reporting.site.started(pipeline)) == 1
    assert '"ReportFailed"' in reporting.evaluate.log
    assert reporting.asked() == []


# Where it runs.


def test_a_run_in_another_region_is_reported_by_events_that_are_forwarded(bootstrap, tmp_path):
    with LocalAWS(regions={REGION, "us-west-2"}) as aws:
        site = Site(aws, bootstrap)
        with Reporting(site, tmp_path) as reporting:
            reporting.commit(github.BEFORE, None, "lib/a")
            reporting.commit(HEAD, github.BEFORE, "services/00/a.go")
            reporting.pull_request(7, github.BEFORE, HEAD)
            pipeline = site.pipeline("there", region="us-west-2")
            rule(
                reporting, "00", Target={"CodePipeline": {"Name": pipeline, "Region": "us-west-2"}}
            )
            reporting.decide(github.pull_request())
            end(reporting, pipeline, "FAILED", FAILED)
            reporting.tell_all()
            assert reporting.states(HEAD) == {"ci/00": "failure"}
            status = reporting.api.statuses.of(HEAD)["ci/00"]
            assert "Test" in status.description
            assert status.target_url.startswith("https://us-west-2.console.aws.amazon.com/")
            assert status.target_url.endswith("?region=us-west-2")
        assert not aws.calls.refused()


# Who reports.


def test_an_app_reports_by_tokens_for_one_repository_and_one_purpose(site, tmp_path):
    with Reporting(site, tmp_path, app=True) as reporting:
        reporting.commit(github.BEFORE, None, "lib/a")
        reporting.commit(HEAD, github.BEFORE, "services/00/a.go")
        reporting.pull_request(7, github.BEFORE, HEAD)
        twenty_rules(reporting)
        reporting.decide(github.pull_request())
        reporting.tell_all()
        assert len(reporting.states(HEAD)) == 20
        asked = [body for _, body in reporting.api.access.created]
        assert {"repositories": ["mono-repo"], "permissions": {"statuses": "write"}} in asked
        read = {"contents": "read", "pull_requests": "read"}
        assert {"repositories": ["mono-repo"], "permissions": read} in asked
        assert len(asked) == 2, "a token is kept"
        reporting.api.access.revoke_tokens()
        end(reporting, reporting.site.started()[0].pipeline, "SUCCEEDED")
        for event in reporting.site.aws.state_changes.take():
            reporting.tell(event)
        assert reporting.api.violations == []
        nothing_is_told_that_is_not_public(reporting)


def test_a_role_of_another_account_is_assumed_to_say_what_failed(reporting):
    role = "arn:aws:iam::210987654321:role/deployer"
    pipeline = reporting.site.pipeline("there", credentials=keys_of(role))
    target = {"CodePipeline": {"Name": pipeline, "RoleArn": role}}
    rule(reporting, "00", Target=target)
    reporting.decide(github.pull_request())
    end(reporting, pipeline, "FAILED", FAILED)
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/00": "failure"}
    assert "Test" in reporting.descriptions(HEAD)["ci/00"]
