"""The stand-in for the API of Gitea and Forgejo itself: what it takes, refuses and answers."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from gitea_api import Fault, GiteaAPI
from provider_api.client import Answer, named, send

# No program is tested here.
pytestmark = pytest.mark.release_only("the stand-in is the same for both builds")

REPOSITORY = "acme/mono-repo"
TOKEN = "5b2c8e0f4a9d7361c0e5b8d2f7a4c6913e8d0b57"  # noqa: S105 - the token of a stand-in
ONE, TWO, THREE, OTHER = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)
ROOT = "/api/v1"
STATUSES = f"{ROOT}/repos/{REPOSITORY}/statuses/{TWO}"
PENDING = {"state": "pending", "context": "ci/api"}


@pytest.fixture(params=[False, True], ids=["gitea", "forgejo"])
def api(request):
    with GiteaAPI(REPOSITORY, TOKEN, None, is_forgejo=request.param) as api:
        api.set(ONE, None, {"README.md": "1", "old.go": "2"})
        api.set(TWO, ONE, {"README.md": "3"})
        api.set(THREE, TWO, {"old.go": None, "new.go": "2", "README.md": "1"})
        api.set(OTHER, None, {"README.md": "4"})
        yield api


def ask(
    api: GiteaAPI, method: str, target: str, body: Any = None, token: str = TOKEN, **headers: Any
) -> Answer:
    """Sends a request as it should be, but for the headers that are given; none leaves one out."""
    fields = {"Accept": "application/json", "Authorization": f"token {token}"}
    return send(api, method, target, body, fields | named(headers))


def compare(api: GiteaAPI, base: str, head: str, query: str = "") -> Answer:
    return ask(api, "GET", f"{ROOT}/repos/{REPOSITORY}/compare/{base}...{head}{query}")


# What every request has.


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Authorization": f"Bearer {TOKEN}"}, 201),
        ({"Accept": None}, 201),
        ({"Authorization": f"Basic {TOKEN}"}, 400),
        ({"Authorization": None}, 400),
        ({"Accept": "text/html"}, 400),
        ({"Content_Type": "text/plain"}, 400),
    ],
    ids=str,
)
def test_a_header_that_is_missing_or_wrong_is_a_violation(api, headers, status):
    assert ask(api, "POST", STATUSES, PENDING, **headers).status == status
    assert len(api.violations) == (status == 400)


@pytest.mark.parametrize(
    ("method", "target", "body", "reason"),
    [
        ("GET", STATUSES, None, "the method is POST"),
        ("POST", f"/repos/{REPOSITORY}/statuses/{TWO}", PENDING, "the API lies below /api/v1"),
        ("POST", f"{STATUSES}/", PENDING, "no endpoint that is known here"),
        ("POST", f"{STATUSES}?token={TOKEN}", PENDING, "a token does not belong into an address"),
        ("POST", f"{STATUSES}?a=1", PENDING, "repoCreateStatus has no such query: a=1"),
        ("POST", STATUSES, PENDING | {"sha": "1"}, "repoCreateStatus has no members ['sha']"),
        ("POST", STATUSES, b"{", "Problems parsing JSON"),
        ("POST", STATUSES[:-1], PENDING, "a status is of a whole commit id"),
        ("POST", STATUSES, {"context": "a"}, "state is None"),
        ("POST", STATUSES, PENDING | {"state": "running"}, "state is 'running'"),
        ("POST", STATUSES, {"state": "error"}, "a status without a context replaces"),
        ("POST", STATUSES, PENDING | {"description": 1}, "description is not text"),
    ],
)
def test_what_no_client_should_send_is_kept(api, method, target, body, reason):
    assert ask(api, method, target, body).status == 400
    assert api.violations[0].startswith(f"{method} {target}: {reason}")
    assert api.statuses.all() == []


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("main...feature", "a comparison is of two whole commit ids"),
        (f"{ONE}..{TWO}", "a comparison is of two whole commit ids"),
        (f"{ONE}...{TWO}?files=false", "without files a comparison says nothing of paths"),
    ],
)
def test_a_comparison_is_of_commits_and_has_files(api, target, reason):
    assert ask(api, "GET", f"{ROOT}/repos/{REPOSITORY}/compare/{target}").status == 400
    assert api.violations[0].endswith(reason)


# Tokens.


@pytest.mark.parametrize(
    ("scopes", "repositories", "status", "message"),
    [
        (["write:repository"], None, 201, None),
        (["all"], None, 201, None),
        (["write:repository"], {"acme/mono-repo": "write"}, 201, None),
        (
            ["read:repository"],
            None,
            403,
            "token does not have at least one of required scope(s): [write:repository]",
        ),
        (
            ["write:issue"],
            None,
            403,
            "token does not have at least one of required scope(s): [write:repository]",
        ),
        (
            ["write:repository"],
            {"acme/mono-repo": "read"},
            403,
            "user should have a permission to write to a repo",
        ),
        (["write:repository"], {"acme/other": "write"}, 404, "The target couldn't be found."),
    ],
)
def test_a_token_may_do_what_it_says(api, scopes, repositories, status, message):
    api.access.add("other", *scopes, repositories=repositories)
    ended = ask(api, "POST", STATUSES, PENDING, token="other")  # noqa: S106
    assert (ended.status, ended.json.get("message")) == (status, message)
    assert api.violations == []


def test_a_token_to_read_compares(api):
    api.access.add("reader", "read:repository")
    target = f"{ROOT}/repos/{REPOSITORY}/compare/{ONE}...{TWO}"
    assert ask(api, "GET", target, token="reader").status == 200  # noqa: S106


def test_a_token_that_nobody_gave_out_is_refused(api):
    ended = ask(api, "POST", STATUSES, PENDING, token="nobody")  # noqa: S106
    assert (ended.status, ended.json["message"]) == (401, "invalid username, password or token")
    api.access.revoke(TOKEN)
    assert ask(api, "POST", STATUSES, PENDING).status == 401


def test_a_repository_that_is_archived_takes_no_status(api):
    api.main.archived = True
    assert ask(api, "POST", STATUSES, PENDING).status == 423
    assert compare(api, ONE, TWO).status == 200


# Comparisons.


def test_a_comparison_lists_the_commits_with_their_files_the_newest_first(api):
    ended = compare(api, ONE, THREE, "?verification=false")
    assert ended.status == 200
    assert ended.json["total_commits"] == 2
    assert [each["sha"] for each in ended.json["commits"]] == [THREE, TWO]
    files = [
        [(file["filename"], file["status"]) for file in each["files"]]
        for each in ended.json["commits"]
    ]
    # A renamed file has both names; what was changed and changed back counts.
    assert files == [
        [("README.md", "modified"), ("new.go", "added"), ("old.go", "removed")],
        [("README.md", "modified")],
    ]
    assert ended.json["commits"][0]["commit"]["verification"] is None


def test_forgejo_alone_lists_the_files_again(api):
    value = compare(api, ONE, THREE).json
    assert ("files" in value) == api.is_forgejo
    if api.is_forgejo:
        names = [file["filename"] for file in value["files"]]
        assert names == ["README.md", "new.go", "old.go", "README.md"]


@pytest.mark.parametrize(("base", "head"), [(THREE, ONE), (TWO, TWO), (ONE, OTHER), (OTHER, ONE)])
def test_nothing_in_between_and_no_history_in_common_look_the_same(api, base, head):
    assert compare(api, base, head).json["commits"] == []
    assert compare(api, base, head).json["total_commits"] == 0


def test_a_commit_that_is_gone_is_not_found(api):
    ended = compare(api, "5" * 40, TWO)
    assert (ended.status, ended.json["message"]) == (404, "The target couldn't be found.")
    elsewhere = f"{ROOT}/repos/acme/nothing/compare/{ONE}...{TWO}"
    assert ask(api, "GET", elsewhere).status == 404


def test_the_name_of_a_repository_may_be_in_another_case(api):
    target = f"{ROOT}/repos/Acme/Mono-Repo/compare/{ONE}...{TWO}"
    assert ask(api, "GET", target).status == 200


# Pull requests.

FILES = f"{ROOT}/repos/{REPOSITORY}/pulls/7/files"


def test_a_pull_request_s_files_are_those_from_the_merge_base_on(api):
    api.pull_requests[7] = (ONE, THREE)
    found = ask(api, "GET", FILES).json
    assert [
        (each["filename"], each["status"], each.get("previous_filename")) for each in found
    ] == [("new.go", "renamed", "old.go")]
    api.knows_old_names = False
    assert "previous_filename" not in ask(api, "GET", FILES).json[0]
    assert ask(api, "GET", FILES.replace("7", "8")).status == 404


def test_a_pull_request_is_shown_as_it_is_now(api):
    api.pull_requests[7] = (ONE, THREE)
    pull = ask(api, "GET", FILES.removesuffix("/files")).json
    assert (pull["number"], pull["state"], pull["head"]["sha"]) == (7, "open", THREE)
    assert ask(api, "GET", f"{ROOT}/repos/{REPOSITORY}/pulls/8").status == 404


@pytest.mark.parametrize(("limit", "size"), [("", 30), ("limit=20", 20), ("limit=100", 50)])
def test_files_come_in_pages_of_the_server_s_choice(api, limit, size):
    api.set("6" * 40, ONE, {f"f{n:03}": "1" for n in range(120)})
    api.pull_requests[7] = (ONE, "6" * 40)
    names, page = [], 1
    while True:
        ended = ask(api, "GET", f"{FILES}?page={page}&{limit}".rstrip("&"))
        names += [each["filename"] for each in ended.json]
        assert ended.headers["X-Total-Count"] == "120"
        assert ended.headers["X-PerPage"] == str(size)
        links = ended.headers.get("Link", "")
        has_more = ended.headers["X-HasMore"] == "true"
        assert has_more == ('rel="next"' in links)
        if not has_more:
            break
        assert f"<{api.url.removesuffix(ROOT)}{FILES}?" in links
        page += 1
    assert names == [f"f{n:03}" for n in range(120)]
    assert page == -(-120 // size) == int(ended.headers["X-PageCount"])


def test_an_administrator_may_make_pages_smaller(api):
    api.most_items = 10
    api.set("6" * 40, ONE, {f"f{n:03}": "1" for n in range(12)})
    api.pull_requests[7] = (ONE, "6" * 40)
    assert len(ask(api, "GET", f"{FILES}?limit=50").json) == 10
    assert ask(api, "GET", f"{FILES}?page=3").json == []


# Statuses.


def test_a_status_is_set_and_can_be_read_back(api):
    whole = PENDING | {"description": " started CodePipeline api ", "target_url": "https://a/b"}
    ended = ask(api, "POST", STATUSES, whole)
    assert ended.status == 201
    assert ended.json["status"] == "pending" and "state" not in ended.json
    assert ended.json["description"] == "started CodePipeline api"
    assert ask(api, "POST", STATUSES, PENDING | {"state": "success"}).status == 201
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    assert ask(api, "POST", STATUSES, PENDING | {"context": "CI/api"}).status == 201
    newest = {name: status.state for name, status in api.statuses.of(TWO).items()}
    assert newest == {"ci/api": "pending", "CI/api": "pending"}
    states = [each.state for each in api.statuses.history(TWO, "ci/api")]
    assert states == ["pending", "success", "pending"]


def test_a_commit_that_is_not_there_has_no_status(api):
    ended = ask(api, "POST", STATUSES.replace(TWO, "5" * 40), PENDING)
    known = (404, "The target couldn't be found.") if api.is_forgejo else (500, "")
    assert (ended.status, ended.json["message"]) == known
    assert api.violations == []


# What goes wrong.


def test_a_fault_happens_where_it_was_planned(api):
    api.faults.plan(2, Fault.TOO_MANY, only="repoCreateStatus")
    api.faults.plan(3, Fault.ANSWER_LOST, only="repoCreateStatus")
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    ended = ask(api, "POST", STATUSES, PENDING)
    assert (ended.status, ended.headers["Retry-After"]) == (429, "1")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(api, "POST", STATUSES, PENDING)
    assert len(api.statuses.all()) == 2, "what was lost was done"
    assert api.seen == ["repoCreateStatus"] * 3


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.ERROR_500, 500),
        (Fault.ERROR_502, 502),
        (Fault.ERROR_503, 503),
        (Fault.NOT_JSON, 200),
        (Fault.UNAUTHORIZED, 401),
        (Fault.FORBIDDEN, 403),
        (Fault.NOT_FOUND, 404),
        (Fault.TOO_MANY, 429),
        (Fault.USED_UP_FOR_LONG, 429),
    ],
)
def test_what_fails_is_not_done(api, fault, status):
    api.faults.plan(1, fault)
    assert ask(api, "POST", STATUSES, PENDING).status == status
    assert api.statuses.all() == []
