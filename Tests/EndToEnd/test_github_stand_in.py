"""The stand-in for GitHub's API itself: what it takes, refuses and answers."""

from __future__ import annotations

import base64
import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

import github
from github_api import App, Fault, GitHubAPI
from provider_api.client import Answer, named, send

# No program is tested here.
pytestmark = pytest.mark.release_only("the stand-in is the same for both builds")

REPOSITORY = "octo-org/mono-repo"
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example
STATUSES = f"/repos/{REPOSITORY}/statuses/{github.AFTER}"
PENDING = {"state": "pending", "context": "ci/api"}
HOOK = f"repos/{REPOSITORY}/hooks/7"


@pytest.fixture
def api():
    with GitHubAPI(REPOSITORY, TOKEN, None) as api:
        api.set(github.AFTER, None, {"README.md": "1"})
        yield api


def ask(
    api: GitHubAPI, method: str, target: str, body: Any = None, token: str = TOKEN, **headers: Any
) -> Answer:
    """Sends a request as it should be, but for the headers that are given; none leaves one out."""
    fields = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "User-Agent": "pointsman/1.0.0",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return send(api, method, target, body, fields | named(headers))


# What every request has.


@pytest.mark.parametrize(
    "headers",
    [
        {"User_Agent": None},
        {"Accept": None},
        {"Accept": "application/json"},
        {"X_GitHub_Api_Version": None},
        {"X_GitHub_Api_Version": "2021-01-01"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"token {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN} "},
        {"Authorization": None},
    ],
    ids=str,
)
def test_a_header_that_is_missing_or_wrong_is_a_violation(api, headers):
    headers.setdefault("Authorization", f"Bearer {TOKEN}")
    ended = ask(api, "POST", STATUSES, PENDING, **headers)
    # A space at the end of a header is not part of it.
    if headers["Authorization"] and headers["Authorization"].endswith(" "):
        assert (ended.status, api.violations) == (201, [])
    else:
        assert (ended.status, len(api.violations)) == (400, 1)


@pytest.mark.parametrize(
    ("method", "target", "body", "reason"),
    [
        ("GET", STATUSES, None, "the method is POST"),
        ("POST", f"/{STATUSES}", PENDING, "no endpoint that is known here"),
        ("POST", f"{STATUSES}?a=1", PENDING, "repos/create-commit-status has no such query: a=1"),
        ("POST", STATUSES, PENDING | {"sha": "1"}, "repos/create-commit-status has no members"),
        ("POST", STATUSES, b"{", "Problems parsing JSON"),
        ("POST", STATUSES, [], "Body should be a JSON object"),
        ("GET", f"/{HOOK}/deliveries", {"a": 1}, "repos/list-webhook-deliveries has no body"),
    ],
)
def test_what_no_client_should_send_is_kept(api, method, target, body, reason):
    assert ask(api, method, target, body).status == 400
    assert api.violations[0].startswith(f"{method} {target}: {reason}")


def test_a_body_says_what_it_is(api):
    assert ask(api, "POST", STATUSES, PENDING, Content_Type="text/plain").status == 400


# Statuses.


def test_a_status_is_set_and_can_be_read_back(api):
    whole = PENDING | {"description": "started CodePipeline api", "target_url": "https://a/b"}
    ended = ask(api, "POST", STATUSES, whole)
    assert ended.status == 201
    assert {name: ended.json[name] for name in whole} == whole
    assert ask(api, "POST", STATUSES, PENDING | {"state": "success"}).status == 201
    assert ask(api, "POST", STATUSES, {"state": "error"}).status == 201
    newest = api.statuses.of(github.AFTER)
    assert {name: status.state for name, status in newest.items()} == {
        "ci/api": "success",
        "default": "error",
    }
    states = [each.state for each in api.statuses.history(github.AFTER, "CI/API")]
    assert states == ["pending", "success"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"context": "a"}, "state is not included in the list"),
        ({"state": "done"}, "state is not included in the list"),
        ({"state": "error", "context": 1}, "context is not text"),
        (
            {"state": "error", "description": "é" * 141},
            "description is too long (maximum is 140 characters)",
        ),
        ({"state": "error", "target_url": "s3://a"}, "target_url must use http(s) scheme"),
    ],
)
def test_a_status_that_is_not_one_is_refused(api, body, message):
    ended = ask(api, "POST", STATUSES, body)
    assert (ended.status, ended.json["message"]) == (422, "Validation Failed")
    assert ended.json["errors"][0]["message"] == message
    assert api.statuses.all() == []


def test_a_description_of_140_characters_is_taken(api):
    assert ask(api, "POST", STATUSES, PENDING | {"description": "é" * 140}).status == 201


def test_a_commit_that_is_not_there_has_no_status(api):
    ended = ask(api, "POST", STATUSES[:-1] + "f", PENDING)
    assert ended.status == 422
    assert ended.json["message"] == f"No commit found for SHA: {github.AFTER[:-1]}f"


def test_a_context_takes_a_thousand_statuses_of_a_commit(api):
    for _ in range(1000):
        api.statuses.create(REPOSITORY, github.AFTER, PENDING, datetime.now(UTC), "somebody")
    ended = ask(api, "POST", STATUSES, PENDING | {"context": "CI/api"})
    assert ended.status == 422
    assert "maximum number of statuses" in ended.json["message"]
    assert ask(api, "POST", STATUSES, PENDING | {"context": "ci/web"}).status == 201


# Tokens.


@pytest.mark.parametrize(
    ("permissions", "repositories", "status", "message"),
    [
        ({"statuses": "write"}, [REPOSITORY], 201, None),
        ({"statuses": "write"}, ["Octo-Org/Mono-Repo"], 201, None),
        (
            {"statuses": "read"},
            [REPOSITORY],
            403,
            "Resource not accessible by personal access token",
        ),
        ({}, [REPOSITORY], 403, "Resource not accessible by personal access token"),
        ({"statuses": "write"}, ["octo-org/other"], 404, "Not Found"),
    ],
)
def test_a_fine_grained_token_may_do_what_it_says(api, permissions, repositories, status, message):
    api.access.add_token("github_pat_1", permissions, *repositories)
    ended = ask(api, "POST", STATUSES, PENDING, token="github_pat_1")  # noqa: S106
    assert (ended.status, ended.json.get("message")) == (status, message)


def test_a_token_that_nobody_gave_out_is_refused(api):
    ended = ask(api, "POST", STATUSES, PENDING, token="ghp_other")  # noqa: S106
    assert (ended.status, ended.json["message"]) == (401, "Bad credentials")


# Apps.


def encoded(part: bytes | dict) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt(app: App, algorithm: str = "RS256", signer: App | None = None, **claims: Any) -> str:
    """An app's JSON Web Token as it should be, but for the claims that are given. Times that are
    numbers are seconds from now."""
    known = {"iat": -60, "exp": 540, "iss": app.app_id} | claims
    for name in ("iat", "exp"):
        if isinstance(known[name], int | float):
            known[name] += int(time.time())
    signed = f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(known)}"
    pem = (signer or app).private_key("PKCS8").encode()
    key = serialization.load_pem_private_key(pem, None)
    return f"{signed}.{encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


INSTALLATION = f"/repos/{REPOSITORY}/installation"


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({}, 200, None),
        ({"iss": "12345"}, 200, None),
        ({"iss": "Iv23li00000000012345"}, 200, None),
        ({"iss": 54321}, 404, "Integration not found"),
        ({"algorithm": "HS256"}, 401, "A JSON web token could not be decoded"),
        ({"exp": 700}, 401, "'Expiration time' claim ('exp') is too far in the future"),
        (
            {"iat": -120, "exp": 590},
            401,
            "'Expiration time' claim ('exp') is too far in the future",
        ),
        ({"exp": -1}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": "soon"}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"iat": 100}, 401, "'Issued at' claim ('iat') must be an Integer"),
        ({"iat": None}, 401, "'Issued at' claim ('iat') must be an Integer"),
        ({"iat": -0.5}, 401, "'Issued at' claim ('iat') must be an Integer"),
    ],
    ids=str,
)
def test_a_json_web_token_is_verified(api, changed, status, message):
    app = api.add_app(12345, statuses="write")
    app.install("octo-org", "mono-repo")
    ended = ask(api, "GET", INSTALLATION, token=jwt(app, **changed))
    assert ended.status == status
    assert message is None or ended.json["message"].startswith(message)


def test_a_signature_of_another_key_is_refused(api):
    app, other = api.add_app(12345), api.add_app(54321)
    app.install("octo-org")
    token = jwt(app, signer=other)
    assert ask(api, "GET", INSTALLATION, token=token).status == 401
    assert ask(api, "GET", INSTALLATION, token=jwt(app)[:-4]).status == 401
    assert ask(api, "GET", INSTALLATION, token=jwt(app) + "==").status == 401


def test_an_app_s_token_is_for_what_it_asked_for(api):
    api.add_repository("octo-org/other").set(github.AFTER, None, {})
    app = api.add_app(12345, statuses="write", contents="read")
    installation = app.install("octo-org", "mono-repo", "other")
    found = ask(api, "GET", INSTALLATION, token=jwt(app)).json
    assert found["id"] == installation.installation_id
    ended = ask(
        api,
        "POST",
        f"/app/installations/{found['id']}/access_tokens",
        {"repositories": ["mono-repo"], "permissions": {"statuses": "write"}},
        token=jwt(app),
    )
    assert ended.status == 201
    assert ended.json["token"].startswith("ghs_12345_") and len(ended.json["token"]) > 400
    expires = datetime.fromisoformat(ended.json["expires_at"])
    assert timedelta(minutes=59) < expires - datetime.now(UTC) <= timedelta(hours=1)
    token = ended.json["token"]
    assert ask(api, "POST", STATUSES, PENDING, token=token).status == 201
    elsewhere = STATUSES.replace("mono-repo", "other")
    assert ask(api, "POST", elsewhere, PENDING, token=token).status == 404
    compare = f"/repos/{REPOSITORY}/compare/{github.AFTER}...{github.AFTER}"
    ended = ask(api, "GET", compare, token=token)
    assert (ended.status, ended.json["message"]) == (403, "Resource not accessible by integration")
    assert ask(api, "GET", INSTALLATION, token=token).status == 401
    api.now = lambda: datetime.now(UTC) + timedelta(minutes=61)
    assert ask(api, "POST", STATUSES, PENDING, token=token).status == 401
    assert api.violations == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 201),
        ({"permissions": {"statuses": "read"}}, 201),
        ({"permissions": {"statuses": "admin"}}, 422),
        ({"permissions": {"contents": "read"}}, 422),
        ({"repositories": ["other"]}, 422),
        ({"repositories": ["nowhere"]}, 422),
        ({"repositories": []}, 422),
    ],
    ids=str,
)
def test_a_token_is_for_no_more_than_the_installation_is(api, body, status):
    api.add_repository("octo-org/other")
    app = api.add_app(12345, statuses="write")
    target = f"/app/installations/{app.install('octo-org', 'mono-repo').installation_id}"
    assert ask(api, "POST", f"{target}/access_tokens", body, token=jwt(app)).status == status


def test_an_app_that_is_not_installed_or_is_suspended_gets_nothing(api):
    app = api.add_app(12345)
    assert ask(api, "GET", INSTALLATION, token=jwt(app)).status == 404
    app.install("octo-org", "other")
    assert ask(api, "GET", INSTALLATION, token=jwt(app)).status == 404
    assert ask(api, "GET", "/orgs/octo-org/installation", token=jwt(app)).status == 200
    installation = app.install("octo-org")
    installation.suspended = True
    target = f"/app/installations/{installation.installation_id}/access_tokens"
    assert ask(api, "POST", target, {}, token=jwt(app)).status == 403
    assert ask(api, "POST", "/app/installations/1/access_tokens", {}, token=jwt(app)).status == 404


def test_an_app_s_own_token_is_good_for_apps_alone(api):
    app = api.add_app(12345, statuses="write")
    app.install("octo-org")
    assert ask(api, "POST", STATUSES, PENDING, token=jwt(app)).status == 401


# Limits.


def test_a_limit_on_content_says_how_long_to_wait(api):
    api.limits.content.most, api.limits.content.seconds = 2, 1.2
    answers = [ask(api, "POST", STATUSES, PENDING) for _ in range(3)]
    assert [each.status for each in answers] == [201, 201, 403]
    wait = int(answers[2].headers["Retry-After"])
    assert "secondary rate limit" in answers[2].json["message"]
    time.sleep(wait)
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    assert len(api.statuses.all()) == 3


def test_requests_are_counted(api):
    api.limits.per_hour = 2
    answers = [ask(api, "POST", STATUSES, PENDING) for _ in range(3)]
    assert [each.status for each in answers] == [201, 201, 403]
    left = [each.headers["X-RateLimit-Remaining"] for each in answers]
    assert left == ["1", "0", "0"]
    assert int(answers[2].headers["X-RateLimit-Reset"]) > time.time()


# Deliveries.


def test_deliveries_are_listed_in_pages_the_newest_first(api):
    hook = api.add_hook(HOOK, "secret", lambda *_: 202)
    made = [hook.deliver("push", github.push(f"{n}")) for n in range(250)]
    assert made[0].delivery_id > 2**53
    seen, target, pages = [], f"/{HOOK}/deliveries?per_page=100", 0
    while target:
        ended = ask(api, "GET", target)
        seen += [each["id"] for each in ended.json]
        link = ended.headers.get("Link", "")
        target = link.removeprefix(f"<{api.url}").partition(">")[0]
        assert not link or link.endswith('rel="next"')
        pages += 1
    assert (pages, seen) == (3, [each.delivery_id for each in reversed(made)])
    assert len(ask(api, "GET", f"/{HOOK}/deliveries").json) == 30
    assert len(ask(api, "GET", f"/{HOOK}/deliveries?per_page=200").json) == 100
    assert ask(api, "GET", f"/{HOOK}/deliveries?cursor=2").status == 400


def test_deliveries_are_kept_for_three_days(api):
    hook = api.add_hook(HOOK, "secret", lambda *_: 202)
    now = datetime.now(UTC)
    for hours in (80, 73, 71, 1):
        hook.has_delivered("push", github.push("a"), 202, now - timedelta(hours=hours))
    found = ask(api, "GET", f"/{HOOK}/deliveries").json
    assert len(found) == 2
    gone = found[-1]["id"] - 1
    assert ask(api, "POST", f"/{HOOK}/deliveries/{gone}/attempts").status == 404


def test_the_outcomes_that_can_be_asked_for_leave_out_what_had_no_answer(api):
    hook = api.add_hook(HOOK, "secret", lambda *_: 202)
    for code in (0, 202, 401, 503):
        hook.has_delivered("push", github.push("a"), code, datetime.now(UTC))
    codes = {
        status: [
            each["status_code"]
            for each in ask(api, "GET", f"/{HOOK}/deliveries?status={status}").json
        ]
        for status in ("success", "failure")
    }
    assert codes == {"success": [202], "failure": [503, 401]}


def test_a_redelivery_is_the_same_delivery_again(api):
    received = []

    def receive(event: str, headers: dict[str, str], body: bytes) -> int:
        received.append((event, headers, body))
        return [0, 503, 202][len(received) - 1]

    hook = api.add_hook(HOOK, "secret", receive)
    first = hook.deliver("push", github.push("a"), guid="g-1")
    for _ in range(2):
        ended = ask(api, "POST", f"/{HOOK}/deliveries/{first.delivery_id}/attempts")
        assert (ended.status, ended.json) == (202, {})
    found = ask(api, "GET", f"/{HOOK}/deliveries").json
    assert [(each["guid"], each["status_code"], each["redelivery"]) for each in found] == [
        ("g-1", 202, True),
        ("g-1", 503, True),
        ("g-1", 0, False),
    ]
    assert [each["status"] for each in found][::2] == ["OK", "failed to connect to host"]
    assert received[0] == received[1] == received[2]
    assert [each.status_code for each in hook.redelivered] == [503, 202]
    event, headers, body = received[0]
    assert (event, headers["X-GitHub-Delivery"]) == ("push", "g-1")
    assert headers["X-Hub-Signature-256"] == github.signature(body, "secret")


@pytest.mark.parametrize(
    ("path", "permission"),
    [(HOOK, "repository_hooks"), ("orgs/octo-org/hooks/9", "organization_hooks")],
)
def test_to_read_deliveries_is_less_than_to_repeat_them(api, path, permission):
    hook = api.add_hook(path, "secret", lambda *_: 202)
    number = hook.deliver("push", github.push("a")).delivery_id
    for level, listed, repeated in (("read", 200, 403), ("write", 200, 202)):
        api.access.add_token(f"github_pat_{level}", {permission: level}, REPOSITORY)
        token = f"github_pat_{level}"
        assert ask(api, "GET", f"/{path}/deliveries", token=token).status == listed
        attempts = f"/{path}/deliveries/{number}/attempts"
        assert ask(api, "POST", attempts, token=token).status == repeated


def test_an_app_s_hook_is_asked_about_by_the_app(api):
    app = api.add_app(12345)
    number = api.add_hook("app/hook", "s", lambda *_: 202).deliver("push", b"{}").delivery_id
    for method, target, status in (
        ("GET", "/app/hook/deliveries", 200),
        ("POST", f"/app/hook/deliveries/{number}/attempts", 202),
    ):
        assert ask(api, method, target).status == 401
        assert ask(api, method, target, token=jwt(app)).status == status


# What goes wrong.


def test_a_fault_happens_where_it_was_planned(api):
    create = "repos/create-commit-status"
    api.faults.plan(2, Fault.TOO_FAST, only=create)
    api.faults.plan(3, Fault.ANSWER_LOST, only=create)
    assert ask(api, "POST", STATUSES, PENDING).status == 201
    ended = ask(api, "POST", STATUSES, PENDING)
    assert (ended.status, ended.headers["Retry-After"]) == (403, "1")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(api, "POST", STATUSES, PENDING)
    assert len(api.statuses.all()) == 2, "what was lost was done"
    assert api.seen == [create] * 3


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
        (Fault.USED_UP, 403),
        (Fault.USED_UP_FOR_LONG, 403),
        (Fault.TOO_FAST, 403),
        (Fault.TOO_MANY, 429),
    ],
)
def test_what_fails_is_not_done(api, fault, status):
    api.faults.plan(1, fault)
    ended = ask(api, "POST", STATUSES, PENDING)
    assert ended.status == status
    limited = {"Retry-After", "X-RateLimit-Reset"} & set(ended.headers)
    names = (Fault.USED_UP, Fault.USED_UP_FOR_LONG, Fault.TOO_FAST, Fault.TOO_MANY)
    assert bool(limited) == (fault in names)
    assert api.statuses.all() == []


# Held against others' models of GitHub's answers.


def test_answers_are_what_octokit_s_models_expect(api):
    """githubkit's models are made of GitHub's description of its API."""
    try:
        from githubkit_schemas.v2022_11_28 import models
    except ImportError:
        pytest.skip("githubkit is not installed")
    app = api.add_app(12345, statuses="write", repository_hooks="write")
    installation = app.install("octo-org", "mono-repo")
    hook = api.add_hook(HOOK, "secret", lambda *_: 0)
    hook.deliver("push", github.push("a"))
    api.set("b" * 40, github.AFTER, {"b": "1"})
    api.pull_requests[1] = (github.AFTER, "b" * 40)
    target = f"/app/installations/{installation.installation_id}/access_tokens"
    [delivery] = ask(api, "GET", f"/{HOOK}/deliveries").json
    [file] = ask(api, "GET", f"/repos/{REPOSITORY}/pulls/1/files").json
    for model, value in (
        (models.Status, ask(api, "POST", STATUSES, PENDING).json),
        (models.Installation, ask(api, "GET", INSTALLATION, token=jwt(app)).json),
        (models.InstallationToken, ask(api, "POST", target, {}, token=jwt(app)).json),
        (models.HookDeliveryItem, delivery),
        (models.DiffEntry, file),
        (models.BasicError, ask(api, "GET", f"/{HOOK[:-1]}8/deliveries").json),
        (models.ValidationError, ask(api, "POST", STATUSES, {"state": "x"}).json),
    ):
        model.model_validate(value)


# Pull requests, and who may push.


def test_a_pull_request_says_where_it_is(api):
    api.main.pull_requests[7] = (github.BEFORE, github.AFTER)
    pull = ask(api, "GET", f"/repos/{REPOSITORY}/pulls/7").json
    assert (pull["state"], pull["head"]["sha"]) == ("open", github.AFTER)
    assert pull["head"]["repo"] == pull["base"]["repo"] == {"full_name": REPOSITORY}
    api.main.closed.add(7)
    api.main.forks[7] = None
    pull = ask(api, "GET", f"/repos/{REPOSITORY}/pulls/7").json
    assert (pull["state"], pull["head"]["repo"]) == ("closed", None)
    assert ask(api, "GET", f"/repos/{REPOSITORY}/pulls/8").status == 404


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("admin", "admin"), ("maintain", "write"), ("write", "write"), ("triage", "read"),
        ("read", "read"), ("none", "none"), ("releaser", "write"),
    ],
)  # fmt: skip
def test_a_role_is_told_by_what_it_is_based_on(api, role, permission):
    api.main.roles["mona"] = role
    said = ask(api, "GET", f"/repos/{REPOSITORY}/collaborators/Mona/permission").json
    assert (said["permission"], said["role_name"]) == (permission, role)


def test_a_user_who_is_unknown_is_not_found(api):
    assert ask(api, "GET", f"/repos/{REPOSITORY}/collaborators/nobody/permission").status == 404


def test_every_token_may_read_metadata(api):
    api.main.roles["mona"] = "write"
    api.access.add_token("github_pat_1", {"statuses": "write"}, REPOSITORY)
    path = f"/repos/{REPOSITORY}/collaborators/mona/permission"
    assert ask(api, "GET", path, token="github_pat_1").status == 200
    assert ask(api, "GET", f"/repos/{REPOSITORY}/pulls/7", token="github_pat_1").status == 403
