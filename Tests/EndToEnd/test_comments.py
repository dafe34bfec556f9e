"""Comments on pull requests: /retest and /test, by those who may push, on what they have seen."""

from __future__ import annotations

from typing import Any

import pytest

import github
from github_api import Fault
from reporting import ROOT, TOKEN, Reporting
from site_under_test import SECRET, Site

HEAD, SECOND = github.AFTER, "b" * 40


@pytest.fixture(params=["token", "app"])
def reporting(request, site: Site, tmp_path):
    with Reporting(site, tmp_path, app=request.param == "app") as reporting:
        reporting.commit(ROOT, None, "README.md")
        reporting.commit(HEAD, ROOT, "services/api/a.go")
        reporting.commit(SECOND, HEAD, "services/api/b.go")
        reporting.pull_request(7, ROOT, HEAD)
        reporting.api.main.roles = {"mona": "write", "mallory": "read", "monalisa": "maintain"}
        yield reporting
        assert reporting.api.violations == []
        for log in (reporting.evaluate.log, reporting.webhook.log):
            assert TOKEN not in log and "ghs_" not in log and "PRIVATE KEY" not in log


def rule(reporting: Reporting, name: str, **properties: Any) -> str:
    pipeline = reporting.site.pipeline(name)
    defaults = {"Events": ["pull_request"], "Status": f"ci/{name}"}
    reporting.site.put_rule(
        name,
        {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}},
        **defaults | properties,
    )
    return pipeline


def opened(reporting: Reporting, **members: Any) -> dict[str, Any]:
    record = reporting.decide(github.pull_request(after=HEAD, base=ROOT, **members))
    reporting.tell_all()
    return record


def comment(reporting: Reporting, text: str, **options: Any) -> dict[str, Any]:
    return reporting.decide(github.comment(text, **options), event="issue_comment")


def told(record: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each rule."""
    return {
        each["rule"].rsplit("/", 1)[-1].removesuffix(".json"): (each["outcome"], each["reason"])
        for each in record["rules"]
    }


def fail(reporting: Reporting, pipeline: str) -> None:
    execution = reporting.site.started(pipeline)[-1]
    reporting.site.aws.codepipeline.change(execution, "FAILED")
    reporting.tell_all()


@pytest.mark.parametrize("login", ["mona", "monalisa"])
def test_what_has_failed_runs_again_and_its_status_follows(reporting, login):
    api, web = rule(reporting, "api"), rule(reporting, "web", Paths=["services/web/**"])
    docs = rule(reporting, "docs")
    opened(reporting)
    fail(reporting, api)
    assert reporting.states(HEAD) == {
        "ci/api": "failure", "ci/web": "success", "ci/docs": "pending",
    }  # fmt: skip
    record = comment(reporting, "/retest\r\n\r\nThe runner had no disk left.", login=login)
    assert {name: outcome for name, (outcome, _) in told(record).items()} == {
        "api": "started", "web": "skipped", "docs": "skipped",
    }  # fmt: skip
    assert told(record)["api"][1] == (
        f"{login} asked for it by '/retest': its status ci/api is failure"
    )
    _, again = reporting.site.started(api)
    assert again.revision == HEAD
    assert len(reporting.site.started(web)) == 0 and len(reporting.site.started(docs)) == 1
    reporting.tell_all()
    assert reporting.states(HEAD)["ci/api"] == "pending"
    reporting.site.aws.codepipeline.change(again, "SUCCEEDED")
    reporting.tell_all()
    assert reporting.states(HEAD)["ci/api"] == "success"
    # Delivered once more it starts nothing.
    assert told(comment(reporting, "/retest\r\n\r\nThe runner had no disk left.", login=login))[
        "api"
    ][0] in ("already-started", "skipped")
    assert len(reporting.site.started(api)) == 2


def test_a_rule_is_tested_whatever_its_paths(reporting):
    web = rule(reporting, "web", Paths=["services/web/**"])
    opened(reporting)
    assert reporting.site.started(web) == []
    comment(reporting, "/test ci/web")
    (run,) = reporting.site.started(web)
    assert run.revision == HEAD
    reporting.tell_all()
    assert reporting.states(HEAD) == {"ci/web": "pending"}


@pytest.mark.parametrize("login", ["mallory", "nobody"])
def test_a_commenter_without_rights_gains_nothing(reporting, login):
    pipeline = rule(reporting, "api")
    rule(reporting, "broken", Bogus=1)
    opened(reporting)
    before = reporting.states(HEAD)
    record = comment(reporting, "/test ci/api", login=login)
    outcome, reason = told(record)["api"]
    assert outcome == "skipped"
    assert reason.startswith(
        f"{login} may not push to octo-org/mono-repo, and so not ask for a run"
    )
    assert len(reporting.site.started(pipeline)) == 1
    reporting.tell_all()
    assert reporting.states(HEAD) == before
    assert "pulls/get" not in reporting.api.seen


def test_a_fork_s_author_gains_nothing(reporting):
    """Neither by a comment of their own nor by what they push once somebody else has commented."""
    pipeline = rule(reporting, "api", Forks="allow")
    trusted = rule(reporting, "trusted")
    reporting.api.main.forks[7] = "mallory/mono-repo"
    payload = github.pull_request(after=HEAD, base=ROOT)
    payload["pull_request"]["head"] = {
        "sha": HEAD, "ref": "changes", "repo": {"full_name": "mallory/mono-repo"},
    }  # fmt: skip
    reporting.decide(payload)
    started = len(reporting.site.started(pipeline))
    comment(reporting, f"/test ci/api {HEAD[:7]}", login="mallory")
    record = comment(reporting, "/test ci/api")
    assert told(record)["api"][1].startswith("the pull request comes from a fork: the line has to")
    # What is pushed meanwhile is not what was looked at.
    reporting.pull_request(7, ROOT, SECOND)
    record = comment(reporting, f"/test ci/api {HEAD[:7]}", created_at="2026-11-20T15:31:00Z")
    assert told(record)["api"][1] == (
        f"the pull request is at {SECOND} by now, and not at {HEAD}: comment again"
    )
    assert len(reporting.site.started(pipeline)) == started
    reporting.pull_request(7, ROOT, HEAD)
    comment(reporting, f"/test ci/api {HEAD[:7]}", created_at="2026-11-20T15:32:00Z")
    assert len(reporting.site.started(pipeline)) == started + 1
    record = comment(reporting, f"/test ci/trusted {HEAD[:7]}")
    assert told(record)["trusted"][1].endswith("the rule does not say Forks: allow")
    assert reporting.site.started(trusted) == []


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        (endpoint, fault)
        for endpoint in ("repos/get-collaborator-permission-level", "pulls/get")
        for fault in (Fault.ERROR_500, Fault.RESET, Fault.USED_UP_FOR_LONG)
    ],
)
def test_if_the_api_is_away_the_invocation_fails_and_the_next_one_starts_it(
    reporting, endpoint, fault
):
    pipeline = rule(reporting, "api")
    opened(reporting)
    reporting.api.faults.plan(1, fault, times=50, only=endpoint)
    body = github.encode(github.comment("/test ci/api"))
    fields = github.headers(body, SECRET, event="issue_comment")
    reporting.webhook.invoke(github.http_event(body, fields))
    handed_over = reporting.site.handed_over()[-1]
    answer = reporting.evaluate.invoke(handed_over)
    assert answer.failed
    assert answer.json["errorType"] == "Function.CommentUnavailable"
    assert len(reporting.site.started(pipeline)) == 1
    reporting.api.faults.clear()
    assert not reporting.evaluate.invoke(handed_over).failed
    assert len(reporting.site.started(pipeline)) == 2


def test_without_a_token_nothing_starts(site):
    pipeline = site.pipeline("api")
    site.put_rule("api", {"CodePipeline": {"Name": pipeline}}, Events=["pull_request"])
    site.deliver(github.pull_request(), event="pull_request")
    (answer,) = site.deliver(github.comment("/test api"), event="issue_comment")
    (decided,) = answer.json["rules"]
    assert decided["clause"] == "Comment"
    assert decided["reason"].endswith("GITHUB_TOKEN_ARN is not set")
    assert len(site.started(pipeline)) == 1


def test_talk_is_ignored(reporting):
    body = github.encode(github.comment("Could somebody /retest this?"))
    fields = github.headers(body, SECRET, event="issue_comment")
    before = len(reporting.site.handed_over())
    answer = reporting.webhook.invoke(github.http_event(body, fields))
    assert answer.json["statusCode"] == 200
    assert len(reporting.site.handed_over()) == before
