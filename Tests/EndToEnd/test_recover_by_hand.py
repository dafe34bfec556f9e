"""`pointsman recover`: what GitHub could not deliver, delivered again by hand."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import github
from certificates import Authority
from github_api import GitHubAPI, Hook
from site_under_test import REPOSITORY, SECRET, Site

TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example
HOOK = f"repos/{REPOSITORY}/hooks/7"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def api(tmp_path: Path):
    authority = Authority(tmp_path, "authority")
    with GitHubAPI(REPOSITORY, TOKEN, authority.context()) as api:
        yield api
        assert api.violations == []


@pytest.fixture
def hook(api: GitHubAPI) -> Hook:
    return api.add_hook(HOOK, SECRET, lambda *_: 202)


@pytest.fixture
def run(tool: Path, site: Site, api: GitHubAPI, tmp_path: Path):
    """Runs `pointsman recover`; standard output's lines, or all of it where it fails."""

    def run(*arguments: str, status: int = 0, token: str = TOKEN) -> str:
        environment = site.environment | {
            "GITHUB_TOKEN": token,
            "GITHUB_API_URL": api.url,
            "AWS_CA_BUNDLE": str(tmp_path / "authority.pem"),
        }
        ended = subprocess.run(
            [tool, "recover", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == status, ended
        assert token not in ended.stdout + ended.stderr
        return ended.stdout if status < 2 else ended.stderr

    return run


def test_the_tool_shows_what_is_missed_and_has_it_delivered_again(run, hook):
    at = datetime.now(UTC) - 90 * MINUTE
    guid = hook.has_delivered("push", github.push("a"), 503, at).guid
    row = f"{at:%Y-%m-%dT%H:%M:%SZ}  push   {guid}  answered 503  "
    shown = run(HOOK, "--dry-run", status=1).splitlines()
    assert shown[0].startswith(f"{HOOK}: 1 delivery since ")
    assert shown[1:3] == [
        "",
        "delivered             event  delivery                              why           "
        "what is done",
    ]
    assert shown[3:] == [
        f"{row}would be delivered again", "", "1 missed: 1 would be delivered again"
    ]  # fmt: skip
    assert hook.redelivered == []
    assert run(HOOK).splitlines()[3:] == [
        f"{row}delivered again", "", "1 missed: 1 delivered again"
    ]  # fmt: skip
    assert run(HOOK).splitlines()[1:] == ["nothing is missed"]
    assert len(hook.redelivered) == 1


def test_the_tool_looks_back_as_far_as_it_is_told_and_at_decisions_of_a_bucket(run, site, hook):
    now = datetime.now(UTC)
    hook.has_delivered("push", github.push("a"), 503, now - 90 * MINUTE)
    hook.has_delivered("push", github.push("a"), 202, now - 30 * MINUTE, guid="accepted")
    assert run(HOOK, "--since", "45m").splitlines()[1:] == ["nothing is missed"]
    place = ("--bucket", site.name, "--prefix", site.prefix)
    found = json.loads(run(HOOK, "--since", "45m", "--dry-run", "--json", *place, status=1))
    (missed,) = found["missed"]
    assert missed["delivery"] == "accepted"
    assert missed["reason"] == "accepted and not decided"
    assert missed["outcome"] == "waiting"


def test_the_tool_says_what_keeps_it_from_looking(run, api, hook):
    said = run(f"repos/{REPOSITORY}/hooks/8", status=2)
    call = f"github:ListDeliveries of repos/{REPOSITORY}/hooks/8"
    assert said == f"pointsman: reading the deliveries: {call}: 404: Not Found\n"
    app = api.add_app(12345, repository_hooks="write")
    app.install(REPOSITORY.partition("/")[0])
    assert run(HOOK, token=app.secret()).splitlines()[1:] == ["nothing is missed"]


def test_what_is_not_delivered_again_shows_in_the_status(run, api, hook):
    at = datetime.now(UTC) - 90 * MINUTE
    first = hook.has_delivered("push", github.push("a"), 503, at)
    for minutes in (1, 2, 3):
        later = at + minutes * MINUTE
        hook.has_delivered("push", first.body, 503, later, first.guid, redelivery=True)
    shown = run(HOOK, status=1).splitlines()
    assert shown[3].endswith("  answered 503  given up: it was delivered again 3 times")
    assert shown[-1] == "1 missed: 1 given up"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            [REPOSITORY],
            "expected repos/OWNER/NAME/hooks/ID, orgs/NAME/hooks/ID or app/hook, "
            f"found '{REPOSITORY}'",
        ),
        ([HOOK, "--since", "3"], "--since: expected a time such as 3d, 12h or 45m, found '3'"),
        ([HOOK, "--since", "8d"], "--since: expected a time such as 3d, 12h or 45m, found '8d'"),
        ([HOOK, "--since", "0h"], "--since: expected a time such as 3d, 12h or 45m, found '0h'"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(run, arguments, said):
    assert f"pointsman: {said}\n" in run(*arguments, status=64)
