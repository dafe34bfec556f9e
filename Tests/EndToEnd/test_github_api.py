"""Paths that GitHub's events do not list, read from its API over TLS."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

import github
from certificates import Authority
from github_api import GitHubAPI, refusal_of
from site_under_test import REPOSITORY, SECRET, Site

TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example
ROOT = "0" * 39 + "1"
INCOMPLETE = "a pull request's event carries no paths"


def truncated(**members) -> dict:
    """A push whose event has no commits although the branch has moved."""
    return github.push() | {"commits": []} | members


@pytest.fixture
def api(tmp_path: Path):
    authority = Authority(tmp_path, "authority")
    with GitHubAPI(REPOSITORY, TOKEN, authority.context()) as api:
        api.set(ROOT, None, {"README.md": "1", "services/api/old.go": "2"})
        api.set(github.BEFORE, ROOT, {"services/api/main.go": "3"})
        api.set(github.AFTER, github.BEFORE, {"services/web/index.html": "4"})
        api.pull_requests[7] = (github.BEFORE, github.AFTER)
        yield api


class Decided:
    """What came of a delivery."""

    def __init__(self, answer, log: str, seconds: float):
        assert not answer.failed, answer
        self.change = answer.json["change"]
        self.log = log
        self.seconds = seconds
        self.outcomes = {
            each["rule"].rsplit("/", 1)[-1].removesuffix(".json"): each["outcome"]
            for each in answer.json["rules"]
        }
        assert TOKEN not in log
        assert TOKEN not in json.dumps(answer.json)


@pytest.fixture
def decide(site: Site, api: GitHubAPI, tmp_path: Path):
    """Delivers an event to a site with a rule for either service and returns what came of it."""
    token = site.secrets.create_secret(Name=f"{site.name}-token", SecretString=f"{TOKEN}\n")["ARN"]
    for name, unknown in {"api": "start", "web": "skip"}.items():
        site.put_rule(
            name,
            {"CodePipeline": {"Name": site.pipeline(name)}},
            Events=["push", "pull_request"],
            Paths=[f"services/{name}/**"],
            WhenPathsUnknown=unknown,
        )

    def decide(payload: dict, **environment: str) -> Decided:
        event = "pull_request" if "pull_request" in payload else "push"
        body = github.encode(payload)
        given = {
            "GITHUB_TOKEN_ARN": token,
            "GITHUB_API_URL": api.url,
            "AWS_CA_BUNDLE": str(tmp_path / "authority.pem"),
        }
        with site.webhook(MAX_EVENT_AGE_DAYS="0") as webhook:
            request = github.http_event(body, github.headers(body, SECRET, event=event))
            assert webhook.invoke(request).json["statusCode"] == 202
        with site.evaluate(**given | environment) as evaluate:
            began = time.monotonic()
            answer = evaluate.invoke(site.handed_over()[-1], seconds=60)
            return Decided(answer, evaluate.log, time.monotonic() - began)

    return decide


ONLY_WEB = {"api": "skipped", "web": "started"}
UNKNOWN = {"api": "started", "web": "skipped"}


def test_a_pull_request_starts_what_its_files_concern(decide, api):
    decided = decide(github.pull_request())
    assert decided.outcomes == ONLY_WEB
    assert decided.change["pathCount"] == 1
    assert "pathsIncomplete" not in decided.change
    assert api.targets == [
        f"/repos/{REPOSITORY}/pulls/7/files?per_page=100&page=1",
        f"/repos/{REPOSITORY}/pulls/7",
    ]


def test_files_of_another_head_than_the_event_s_leave_it_open(decide, api):
    api.set("later", github.AFTER, {"docs/a": "1"})
    api.pull_requests[7] = (github.AFTER, "later")
    decided = decide(github.pull_request())
    assert decided.outcomes == UNKNOWN
    assert decided.change["pathsIncomplete"].endswith("the pull request is at later by now")


@pytest.mark.parametrize(("count", "pages"), [(99, 1), (100, 2), (450, 5)])
def test_all_of_its_pages_are_read(decide, api, count, pages):
    api.set("many", github.AFTER, {f"docs/{index:04}": str(index) for index in range(count)})
    api.pull_requests[7] = (github.BEFORE, "many")
    decided = decide(github.pull_request(after="many"))
    assert decided.outcomes == ONLY_WEB
    assert decided.change["pathCount"] == count + 1
    assert len(api.requests) == pages + 1  # the last for the head that they are of


def test_more_files_than_github_lists_leave_it_open(decide, api):
    api.set("many", github.AFTER, {f"docs/{index:04}": str(index) for index in range(3100)})
    api.pull_requests[7] = (github.BEFORE, "many")
    decided = decide(github.pull_request(after="many"))
    assert decided.outcomes == UNKNOWN
    assert decided.change["pathCount"] == 3000
    assert decided.change["pathsIncomplete"] == (
        "GitHub lists no more than 3000 files of a pull request"
    )


def test_a_truncated_push_is_compared(decide, api):
    decided = decide(truncated())
    assert decided.outcomes == ONLY_WEB
    assert api.targets == [
        f"/repos/{REPOSITORY}/compare/{github.BEFORE}...{github.AFTER}?per_page=1&page=1"
    ]


def test_a_renamed_file_counts_under_both_of_its_names(decide, api):
    changes = {"services/api/old.go": None, "lib/new.go": "2"}
    api.set(github.AFTER, github.BEFORE, changes)
    decided = decide(truncated())
    assert decided.outcomes == {"api": "started", "web": "skipped"}
    assert decided.change["pathCount"] == 2
    assert "pathsIncomplete" not in decided.change


def test_what_a_forced_push_took_away_counts(decide, api):
    api.set(github.BEFORE, ROOT, {"services/web/gone.html": "5"})
    api.set(github.AFTER, ROOT, {"README.md": "2"})
    decided = decide(github.push("README.md") | {"forced": True})
    assert decided.outcomes == ONLY_WEB
    assert decided.change["pathCount"] == 2
    assert len(api.requests) == 2


def test_a_comparison_at_its_limit_leaves_it_open(decide, api):
    api.set(github.AFTER, github.BEFORE, {f"docs/{index:04}": "1" for index in range(301)})
    decided = decide(truncated())
    assert decided.outcomes == UNKNOWN
    assert decided.change["pathsIncomplete"] == (
        "GitHub lists no more than 300 files of a comparison"
    )


def test_a_commit_that_is_gone_leaves_it_open(decide, api):
    del api.commits[github.BEFORE]
    decided = decide(truncated())
    assert decided.outcomes == UNKNOWN
    assert decided.change["pathsIncomplete"] == (
        "the event lists no commits although the ref has moved, and GitHub could not be asked for "
        f"them: github:CompareCommits of {REPOSITORY}: 404: Not Found"
    )


def test_a_branch_that_was_created_is_not_compared(decide, api):
    assert decide(truncated(before=github.ZERO, created=True)).outcomes == UNKNOWN
    assert api.requests == []


def test_what_an_event_lists_is_not_asked_for(decide, api):
    assert decide(github.push("services/web/a")).outcomes == ONLY_WEB
    assert api.requests == []


def test_an_enterprise_server_has_its_own_address(decide, api):
    api.root = "/api/v3"
    assert decide(github.pull_request()).outcomes == ONLY_WEB
    assert api.targets == [
        f"/api/v3/repos/{REPOSITORY}/pulls/7/files?per_page=100&page=1",
        f"/api/v3/repos/{REPOSITORY}/pulls/7",
    ]


REFUSALS = {
    "401: Bad credentials": lambda: refusal_of(401, "Bad credentials"),
    "403: Resource not accessible": lambda: refusal_of(403, "Resource not accessible"),
    "404: Not Found": lambda: refusal_of(404, "Not Found"),
    "403 RateLimited: the token's requests are used up until 2026-09-21T14:13:20Z": lambda: (
        refusal_of(403, "no", X_RateLimit_Remaining="0", X_RateLimit_Reset="1790000000")
    ),
    "429 RateLimited: the token's requests are too many, for 60 s": lambda: refusal_of(
        429, "no", Retry_After="60"
    ),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_leaves_it_open_and_is_not_repeated(decide, api, reason):
    api.refusals = [REFUSALS[reason]()]
    decided = decide(github.pull_request())
    assert decided.outcomes == UNKNOWN
    assert decided.change["pathsIncomplete"] == (
        f"{INCOMPLETE}, and GitHub could not be asked for them: "
        f"github:ListPullRequestFiles of {REPOSITORY}#7: {reason}"
    )
    assert len(api.requests) == 1


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("fault", [500, 502, 503, None])
def test_what_passes_is_outlived(decide, api, fault, times):
    api.refusals = [fault and refusal_of(fault, "Server Error") for _ in range(times)]
    assert decide(github.pull_request()).outcomes == ONLY_WEB


@pytest.mark.parametrize("fault", [502, None])
def test_while_github_is_away_evaluations_go_on(decide, api, fault):
    api.refusals = [fault and refusal_of(fault, "Server Error") for _ in range(100)]
    decided = decide(github.pull_request())
    assert decided.outcomes == UNKNOWN
    assert decided.change["pathsIncomplete"].startswith(INCOMPLETE)
    assert decided.seconds < 30


def test_a_server_that_nobody_vouches_for_is_not_told_the_token(decide, api, tmp_path):
    other = Authority(tmp_path, "other")
    decided = decide(github.pull_request(), AWS_CA_BUNDLE=str(other.bundle))
    assert decided.outcomes == UNKNOWN
    assert re.search("certificate", decided.change["pathsIncomplete"], re.IGNORECASE)
    assert api.requests == []


def test_without_a_token_nobody_is_asked(decide, api):
    assert decide(github.pull_request(), GITHUB_TOKEN_ARN="").outcomes == UNKNOWN
    assert api.requests == []
