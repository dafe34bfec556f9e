"""The stand-in for GitLab's API itself: what it takes, refuses and answers."""

from __future__ import annotations

import http.client
import time
from typing import Any
from urllib.parse import quote

import pytest

from gitlab_api import Fault, GitLabAPI, MergeRequest
from provider_api.client import Answer, named, send

# No program is tested here.
pytestmark = pytest.mark.release_only("the stand-in is the same for both builds")

PROJECT = "acme/platform/storefront"
TOKEN = "glpat-aXk3vQ7mT2pL9sWd5yRb"  # noqa: S105 - the token of a stand-in
ONE, TWO, THREE, OTHER = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)
BASE = f"/api/v4/projects/{quote(PROJECT, safe='')}"
STATUSES = f"{BASE}/statuses/{TWO}"
PENDING = {"state": "pending", "ref": "main", "name": "ci/api"}


@pytest.fixture
def api():
    with GitLabAPI(PROJECT, TOKEN, None) as api:
        api.set(ONE, None, {"README.md": "1", "old.go": "2"})
        api.set(TWO, ONE, {"README.md": "3"})
        api.set(THREE, TWO, {"old.go": None, "new.go": "2"})
        api.set(OTHER, ONE, {"LICENSE": "4"})
        yield api


def ask(
    api: GitLabAPI, method: str, target: str, body: Any = None, token: str = TOKEN, **headers: Any
) -> Answer:
    """Sends a request as it should be, but for the headers that are given; none leaves one out."""
    return send(api, method, target, body, {"PRIVATE-TOKEN": token} | named(headers))


def compare(api: GitLabAPI, base: str, head: str) -> Answer:
    return ask(api, "GET", f"{BASE}/repository/compare?from={base}&to={head}&straight=true")


# What every request has.


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"PRIVATE-TOKEN": None, "Authorization": f"Bearer {TOKEN}"}, 201),
        ({"Authorization": f"Bearer {TOKEN}"}, 400),
        ({"PRIVATE-TOKEN": None, "Authorization": f"token {TOKEN}"}, 400),
        ({"PRIVATE-TOKEN": None}, 400),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 400),
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
        (
            "POST",
            f"/api/v4/projects/{PROJECT}/statuses/{TWO}",
            PENDING,
            "no endpoint that is known here",
        ),
        ("POST", STATUSES[4:], PENDING, "the API lies below /api/v4"),
        ("POST", f"{STATUSES}?private_token={TOKEN}", PENDING, "a token does not belong into"),
        ("POST", f"{STATUSES}?ref=main", PENDING, "set status has no such query: ref=main"),
        ("POST", STATUSES, PENDING | {"coverage": 1}, "set status has no members ['coverage']"),
        ("POST", STATUSES, b"{", "Problems parsing JSON"),
        ("POST", STATUSES[:-1], PENDING, "a status is of a whole commit id"),
        ("POST", STATUSES, PENDING | {"state": "error"}, "state is 'error'"),
        ("POST", STATUSES, {"state": "pending", "name": "a"}, "without a ref GitLab takes"),
        ("POST", STATUSES, PENDING | {"ref": "refs/heads/main"}, "a ref is the name of a branch"),
        ("POST", STATUSES, PENDING | {"context": "a"}, "a status has one name"),
        ("POST", STATUSES, {"state": "pending", "ref": "main"}, "a status has one name"),
        ("POST", STATUSES, PENDING | {"description": 1}, "description is not text"),
        (
            "GET",
            f"{BASE}/repository/compare?from=main&to={TWO}&straight=true",
            None,
            "a comparison is of two whole commit ids",
        ),
        (
            "GET",
            f"{BASE}/repository/compare?from={ONE}&to={TWO}",
            None,
            "from the merge base on, what a forced push took away is not seen",
        ),
    ],
)
def test_what_no_client_should_send_is_kept(api, method, target, body, reason):
    assert ask(api, method, target, body).status == 400
    assert api.violations[0].startswith(f"{method} {target}: {reason}")
    assert api.statuses.all() == []


# Tokens.


@pytest.mark.parametrize(
    ("scopes", "roles", "status", "message"),
    [
        (["api"], None, 201, None),
        (["api"], {PROJECT: "developer"}, 201, None),
        (["api"], {PROJECT: "reporter"}, 403, "403 Forbidden"),
        (["api"], {"acme/other": "maintainer"}, 404, "404 Project Not Found"),
        (["read_api"], None, 403, None),
    ],
)
def test_a_token_may_do_what_it_says(api, scopes, roles, status, message):
    api.access.add("other", *scopes, roles=roles)
    ended = ask(api, "POST", STATUSES, PENDING, token="other")  # noqa: S106
    assert (ended.status, ended.json.get("message")) == (status, message)
    if scopes == ["read_api"]:
        assert ended.json["error"] == "insufficient_scope"
    assert api.violations == []


@pytest.mark.parametrize(("role", "status"), [("reporter", 200), ("guest", 403)])
def test_a_token_to_read_compares(api, role, status):
    api.access.add("reader", "read_api", roles={PROJECT: role})
    target = f"{BASE}/repository/compare?from={ONE}&to={TWO}&straight=true"
    assert ask(api, "GET", target, token="reader").status == status  # noqa: S106


def test_a_token_that_is_not_good_is_refused(api):
    ended = ask(api, "POST", STATUSES, PENDING, token="nobody")  # noqa: S106
    assert (ended.status, ended.json) == (401, {"message": "401 Unauthorized"})
    api.access.add("old", "api").expired = True
    ended = ask(api, "POST", STATUSES, PENDING, token="old")  # noqa: S106
    assert (ended.status, ended.json["error"]) == (401, "invalid_token")
    api.access.revoke(TOKEN)
    assert ask(api, "POST", STATUSES, PENDING).status == 401


def test_a_protected_branch_s_statuses_are_its_maintainers(api):
    api.main.protected.add("main")
    api.access.add("developer", "api", roles={PROJECT: "developer"})
    assert ask(api, "POST", STATUSES, PENDING, token="developer").status == 403  # noqa: S106
    other = PENDING | {"ref": "feature"}
    assert ask(api, "POST", STATUSES, other, token="developer").status == 201  # noqa: S106
    assert ask(api, "POST", STATUSES, PENDING).status == 201


# Projects.


@pytest.mark.parametrize(
    "name", ["15", "acme%2Fplatform%2Fstorefront", "Acme%2FPlatform%2Fstorefront"]
)
def test_a_project_has_a_number_and_a_path(api, name):
    assert ask(api, "POST", f"/api/v4/projects/{name}/statuses/{TWO}", PENDING).status == 201
    missing = f"/api/v4/projects/{name}1/statuses/{TWO}"
    ended = ask(api, "POST", missing, PENDING)
    assert (ended.status, ended.json["message"]) == (404, "404 Project Not Found")


# Comparisons.


def test_a_comparison_has_both_names_of_a_renamed_file(api):
    ended = compare(api, ONE, THREE)
    assert ended.status == 200
    paths = [(each["old_path"], each["new_path"]) for each in ended.json["diffs"]]
    assert paths == [("README.md", "README.md"), ("old.go", "new.go")]
    assert [each["id"] for each in ended.json["commits"]] == [TWO, THREE]
    assert (ended.json["compare_timeout"], ended.json["compare_same_ref"]) == (False, False)


def test_a_straight_comparison_sees_what_a_forced_push_took_away(api):
    ended = compare(api, THREE, OTHER)
    paths = {path for each in ended.json["diffs"] for path in (each["old_path"], each["new_path"])}
    assert paths == {"LICENSE", "README.md", "new.go", "old.go"}
    assert compare(api, TWO, TWO).json["compare_same_ref"]
    assert compare(api, THREE, ONE).json["commits"] == []


def test_a_commit_that_is_gone_is_not_found(api):
    ended = compare(api, "5" * 40, TWO)
    assert (ended.status, ended.json["message"]) == (404, "404 Ref Not Found")


@pytest.mark.parametrize(("files", "is_cut"), [(4, False), (5, True)])
def test_a_comparison_that_exceeds_the_limit_says_timeout(api, files, is_cut):
    api.most_files = 4
    api.set("6" * 40, ONE, {f"f{n}": "1" for n in range(files)})
    value = compare(api, ONE, "6" * 40).json
    assert (len(value["diffs"]), value["compare_timeout"]) == (4, is_cut)


# Merge requests.

ITSELF = f"{BASE}/merge_requests/12"
DIFFS = f"{ITSELF}/diffs"


def test_a_merge_request_says_how_much_it_changes_and_which_commit_that_is_of(api):
    api.merge_requests[12] = MergeRequest(OTHER, THREE)
    value = ask(api, "GET", ITSELF).json
    assert (value["changes_count"], value["sha"]) == ("2", THREE)
    refs = {"base_sha": ONE, "head_sha": THREE, "start_sha": OTHER}
    assert value["diff_refs"] == refs
    paths = [(each["old_path"], each["new_path"]) for each in ask(api, "GET", DIFFS).json]
    assert paths == [("README.md", "README.md"), ("old.go", "new.go")]
    api.most_files = 1
    assert ask(api, "GET", ITSELF).json["changes_count"] == "1+"
    assert len(ask(api, "GET", DIFFS).json) == 1
    assert ask(api, "GET", ITSELF.replace("12", "13")).status == 404


def test_a_merge_request_that_is_new_does_not_know_yet(api):
    api.merge_requests[12] = MergeRequest(ONE, TWO, is_prepared=False)
    value = ask(api, "GET", ITSELF).json
    assert (value["changes_count"], value["diff_refs"]) == (None, None)
    assert ask(api, "GET", DIFFS).json == []
    api.merge_requests[12].is_prepared = True
    assert ask(api, "GET", ITSELF).json["changes_count"] == "1"


@pytest.mark.parametrize(
    ("per_page", "size"), [("", 20), ("&per_page=30", 30), ("&per_page=200", 100)]
)
def test_diffs_come_in_pages(api, per_page, size):
    api.set("6" * 40, ONE, {f"f{n:03}": "1" for n in range(110)})
    api.merge_requests[12] = MergeRequest(ONE, "6" * 40)
    names, page = [], "1"
    while page:
        ended = ask(api, "GET", f"{DIFFS}?page={page}{per_page}")
        names += [each["new_path"] for each in ended.json]
        assert ended.headers["X-Per-Page"] == str(size)
        assert ended.headers["X-Total"] == "110"
        page = ended.headers["X-Next-Page"]
        assert bool(page) == ('rel="next"' in ended.headers["Link"])
    assert names == [f"f{n:03}" for n in range(110)]
    api.counts = False
    assert "X-Total" not in ask(api, "GET", DIFFS).headers


def test_an_older_gitlab_cannot_make_large_pages(api):
    api.merge_requests[12] = MergeRequest(ONE, TWO)
    api.largest_page = 30
    assert ask(api, "GET", f"{DIFFS}?per_page=30").status == 200
    assert ask(api, "GET", f"{DIFFS}?per_page=31").status == 500


# Statuses.


def test_a_status_is_set_and_can_be_read_back(api):
    whole = PENDING | {"description": "started CodePipeline api", "target_url": "https://a/b"}
    ended = ask(api, "POST", STATUSES, whole)
    assert ended.status == 201
    assert {key: ended.json[key] for key in whole if key != "state"} == {
        key: value for key, value in whole.items() if key != "state"
    }
    assert ended.json["status"] == "pending"
    done = {"state": "success", "ref": "main", "context": "ci/api"}
    assert ask(api, "POST", STATUSES, done).json["id"] == ended.json["id"]
    status = api.statuses.of(TWO)["ci/api"]
    assert (status.state, status.target_url) == ("success", "https://a/b")
    states = [each.state for each in api.statuses.history(TWO, "ci/api")]
    assert states == ["pending", "success"]


@pytest.mark.parametrize(
    ("states", "refusal"),
    [
        (["pending", "running", "success"], None),
        (["running", "failed"], None),
        (["success", "pending", "canceled", "pending"], None),
        (["failed", "failed"], None),
        (["success", "success"], None),
        (["pending", "pending"], "enqueue from :pending"),
        (["running", "pending"], "enqueue from :running"),
        (["running", "running"], "run from :running"),
        (["running", "skipped"], "skip from :running"),
    ],
    ids=str,
)
def test_a_state_follows_on_some_alone(api, states, refusal):
    answers = [ask(api, "POST", STATUSES, PENDING | {"state": state}) for state in states]
    assert [each.status for each in answers[:-1]] == [201] * (len(states) - 1)
    if refusal is None:
        assert answers[-1].status == 201
    else:
        event = refusal.partition(" ")[0]
        assert (answers[-1].status, answers[-1].json) == (
            400,
            {
                "message": f"Cannot transition status via :{refusal} "
                f'(Reason(s): Status cannot transition via "{event}")'
            },
        )
    assert len(api.statuses.all()) == len(states) - (refusal is not None)


@pytest.mark.parametrize("other", [{"ref": "feature"}, {"name": "ci/web"}])
def test_another_ref_or_name_is_another_status(api, other):
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    assert ask(api, "POST", STATUSES, PENDING | other).status == 201
    numbers = [each.number for each in api.statuses.all()]
    assert numbers == [1, 2]


def test_another_user_s_status_is_another_one(api):
    api.access.add("other", "api")
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    assert ask(api, "POST", STATUSES, PENDING, token="other").status == 201  # noqa: S106


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"target_url": "https://a/" + "b" * 246},
            {"target_url": ["is too long (maximum is 255 characters)"]},
        ),
        (
            {"description": "é" * 256},
            {"description": ["is too long (maximum is 255 characters)"]},
        ),
        (
            {"target_url": "s3://a"},
            {"target_url": ["is blocked: Only allowed schemes are http, https"]},
        ),
        ({"name": "build"}, {"name": ["has already been taken"]}),
    ],
)
def test_a_status_that_is_not_one_is_refused(api, body, message):
    api.main.jobs.add((TWO, "build"))
    ended = ask(api, "POST", STATUSES, PENDING | body)
    assert (ended.status, ended.json) == (400, {"message": message})
    assert api.statuses.all() == [] and api.violations == []
    long = {"target_url": "https://a/" + "b" * 245, "description": "é" * 255}
    assert ask(api, "POST", STATUSES, PENDING | long).status == 201


def test_a_commit_that_is_not_there_has_no_status(api):
    ended = ask(api, "POST", STATUSES.replace(TWO, "5" * 40), PENDING)
    assert (ended.status, ended.json["message"]) == (404, "404 Commit Not Found")


# What goes wrong.


def test_a_limit_says_how_long_to_wait(api):
    api.limits.requests.most, api.limits.requests.seconds = 2, 1.2
    answers = [ask(api, "POST", STATUSES, PENDING | {"name": f"n{n}"}) for n in range(3)]
    assert [each.status for each in answers] == [201, 201, 429]
    assert answers[2].body == b"Retry later\n"
    assert answers[2].headers["RateLimit-Remaining"] == "0"
    time.sleep(int(answers[2].headers["Retry-After"]))
    assert ask(api, "POST", STATUSES, PENDING).status == 201


def test_a_fault_happens_where_it_was_planned(api):
    api.faults.plan(2, Fault.TOO_MANY, only="set status")
    api.faults.plan(3, Fault.ANSWER_LOST, only="set status")
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    ended = ask(api, "POST", STATUSES, PENDING)
    assert (ended.status, ended.headers["Retry-After"]) == (429, "1")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(api, "POST", STATUSES, PENDING | {"state": "success"})
    assert len(api.statuses.all()) == 2, "what was lost was done"
    assert api.seen == ["set status"] * 3


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
