"""The webhook: what it answers, and what it hands over."""

from __future__ import annotations

import json
import time
import uuid

import pytest

import github
from local_aws import functions
from local_aws.faults import Fault
from site_under_test import SECRET


def answer_of(answer):
    """Status and body of the HTTP answer in an invocation's response."""
    assert answer.kind == "response", answer
    envelope = answer.json
    headers = {name.lower(): value for name, value in envelope["headers"].items()}
    assert headers["content-type"].startswith("application/json")
    body = json.loads(envelope["body"])
    assert set(body) == {"outcome", "reason", "delivery"}
    return envelope["statusCode"], body


@pytest.fixture
def webhook(site):
    with site.webhook() as function:
        yield function


ENVELOPES = [github.rest_event, github.http_event]


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("path", ["/github", "/live/github", "/ghorg/push"])
def test_a_signed_push_is_handed_over(site, webhook, envelope, path):
    body = github.encode(github.push("services/api/main.go"))
    headers = github.headers(body, SECRET, delivery="0a1b2c3d-0000-4000-8000-000000000000")
    status, answer = answer_of(webhook.invoke(envelope(body, headers, path)))
    assert (status, answer["outcome"]) == (202, "accepted")
    assert answer["delivery"] == "0a1b2c3d-0000-4000-8000-000000000000"
    (handed_over,) = site.handed_over()
    change = json.loads(handed_over)["change"]
    assert change["repository"] == "octo-org/mono-repo"
    assert change["after"] == github.AFTER
    assert SECRET not in webhook.log


def test_a_form_is_verified_as_it_was_sent(site, webhook):
    body = github.form(github.push("a ü/b+c.txt"))
    headers = github.headers(body, SECRET, content_type="application/x-www-form-urlencoded")
    assert answer_of(webhook.invoke(github.http_event(body, headers)))[0] == 202
    assert "a ü/b+c.txt" in site.handed_over()[0].decode()


def test_the_hand_over_is_reduced(site, webhook):
    payload = github.push("a.txt")
    payload["repository"]["description"] = "not needed by anyone"
    body = github.encode(payload)
    webhook.invoke(github.http_event(body, github.headers(body, SECRET)))
    assert b"not needed" not in site.handed_over()[0]


FORGERIES = {
    "of another secret": lambda body: {"X-Hub-Signature-256": github.signature(body, "wrong")},
    "of another body": lambda body: {"X-Hub-Signature-256": github.signature(b"{}", SECRET)},
    "that is cut short": lambda body: {"X-Hub-Signature-256": github.signature(body, SECRET)[:-1]},
    "without its algorithm": lambda body: {
        "X-Hub-Signature-256": github.signature(body, SECRET)[7:]
    },
    "that is empty": lambda body: {"X-Hub-Signature-256": ""},
    "of an empty secret": lambda body: {"X-Hub-Signature-256": github.signature(body, "")},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_signature_is_refused(site, webhook, forgery):
    body = github.encode(github.push("services/api/main.go"))
    headers = github.headers(body, SECRET) | FORGERIES[forgery](body)
    status, answer = answer_of(webhook.invoke(github.http_event(body, headers)))
    assert (status, answer["outcome"]) == (401, "unauthorized")
    assert answer["reason"] == "signature absent or wrong"
    assert site.handed_over() == []
    assert github.signature(body, SECRET)[7:] not in webhook.log + json.dumps(answer)


UNSIGNED = {
    "absent": {},
    "empty": {"X-Hub-Signature-256": ""},
    "too short": {"X-Hub-Signature-256": "sha256=" + "0" * 63},
    "of other digits": {"X-Hub-Signature-256": "sha256=" + "g" * 64},
    "of another algorithm": {"X-Hub-Signature-256": "sha1=" + "0" * 40},
    "SHA-1, which is not allowed": {"X-Hub-Signature": "sha1=" + "0" * 40},
}


@pytest.mark.parametrize("unsigned", UNSIGNED)
def test_without_a_signature_no_secret_is_read(site, webhook, unsigned):
    body = github.encode(github.push("services/api/main.go"))
    headers = github.headers(body, SECRET)
    del headers["X-Hub-Signature-256"]
    for envelope in ENVELOPES:
        status, answer = answer_of(webhook.invoke(envelope(body, headers | UNSIGNED[unsigned])))
        assert (status, answer["reason"]) == (401, "signature absent or wrong")
    assert site.aws.seen("secretsmanager:GetSecretValue") == []


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("X-Gitea-Event", "the request is Gitea's, whose route is POST …/gitea"),
        ("X-FORGEJO-EVENT", "the request is Forgejo's, whose route is POST …/gitea"),
        ("x-gogs-event", "the request is that of Gogs, which is not supported"),
    ],
)
def test_what_only_looks_like_github_is_told_its_route(site, webhook, header, reason):
    body = github.encode(github.push("services/api/main.go"))
    headers = github.headers(body, SECRET) | {header: "push"}
    for envelope in ENVELOPES:
        status, answer = answer_of(webhook.invoke(envelope(body, headers)))
        assert (status, answer["outcome"], answer["reason"]) == (400, "malformed", reason)
    assert site.aws.seen("secretsmanager:GetSecretValue") == site.handed_over() == []


def old_push(days: float) -> bytes:
    payload = github.push("services/api/main.go")
    payload["repository"]["pushed_at"] = round(time.time() - days * 86_400)
    return github.encode(payload)


def test_an_old_event_is_ignored_and_says_why(site, webhook):
    body = old_push(12.5)
    status, answer = answer_of(
        webhook.invoke(github.http_event(body, github.headers(body, SECRET)))
    )
    assert (status, answer["outcome"], answer["reason"]) == (
        200,
        "ignored",
        "the event is 12 days old; older than 7 days cannot be told from a replayed request",
    )
    forged = webhook.invoke(github.http_event(body, github.headers(body, "wrong")))
    assert answer_of(forged)[0] == 401
    assert site.handed_over() == []
    body = old_push(6.9)
    event = github.http_event(body, github.headers(body, SECRET))
    assert answer_of(webhook.invoke(event))[0] == 202


def test_the_limit_of_an_events_age_can_be_changed(site):
    body = old_push(12.5)
    event = github.http_event(body, github.headers(body, SECRET))
    for days, expected in (("0", 202), ("12", 200), ("13", 202)):
        with site.webhook(MAX_EVENT_AGE_DAYS=days) as webhook:
            assert answer_of(webhook.invoke(event))[0] == expected


def test_evaluate_itself_takes_an_old_push(site):
    pipeline = site.pipeline("api")
    site.put_rule("api", {"CodePipeline": {"Name": pipeline}})
    with site.evaluate() as evaluate:
        assert evaluate.invoke(old_push(1000)).kind == "response"
    assert len(site.started(pipeline)) == 1


def test_evaluate_itself_takes_a_push_that_is_too_large_for_the_webhook(site):
    pipeline = site.pipeline("api")
    site.put_rule("api", {"CodePipeline": {"Name": pipeline}}, Paths=["services/api/**"])
    payload = github.push()
    commit = payload["commits"][0] | {"added": [f"services/api/{n:030}.txt" for n in range(50)]}
    payload["commits"] = [commit] * 2_040
    body = github.encode(payload)
    event = json.dumps(github.http_event(body, github.headers(body, SECRET)))
    assert len(body) < functions.SYNCHRONOUS_LIMIT < len(event)
    with site.evaluate() as evaluate:
        assert evaluate.invoke(body).kind == "response"
    assert len(site.started(pipeline)) == 1


def test_an_absent_signature_is_refused(site, webhook):
    body = github.encode(github.push("services/api/main.go"))
    headers = github.headers(body, SECRET)
    del headers["X-Hub-Signature-256"]
    assert answer_of(webhook.invoke(github.http_event(body, headers)))[0] == 401
    assert site.handed_over() == []


@pytest.mark.parametrize("changed", ["body", "space"])
def test_a_body_that_was_touched_is_refused(site, webhook, changed):
    body = github.encode(github.push("services/api/main.go"))
    headers = github.headers(body, SECRET)
    touched = body.replace(b"main.go", b"main.rs") if changed == "body" else body + b" "
    assert answer_of(webhook.invoke(github.http_event(touched, headers)))[0] == 401
    assert site.handed_over() == []


def test_a_ping_is_answered_and_hands_nothing_over(site, webhook):
    body = github.encode(github.ping())
    headers = github.headers(body, SECRET, event="ping")
    status, answer = answer_of(webhook.invoke(github.http_event(body, headers)))
    assert (status, answer["outcome"]) == (200, "pong")
    assert site.handed_over() == []


def test_a_ping_warns_of_what_is_missing(webhook):
    body = github.encode(github.ping(events=["issues"]))
    headers = github.headers(body, SECRET, event="ping")
    assert "push" in answer_of(webhook.invoke(github.http_event(body, headers)))[1]["reason"]


@pytest.mark.parametrize(
    ("event", "payload"),
    [("issues", {"action": "opened"}), ("push", github.push(after=github.ZERO))],
    ids=["another event", "a deleted ref"],
)
def test_what_nothing_handles_is_ignored(site, webhook, event, payload):
    payload = {"repository": github.push()["repository"]} | payload
    body = github.encode(payload)
    headers = github.headers(body, SECRET, event=event)
    status, answer = answer_of(webhook.invoke(github.http_event(body, headers)))
    assert (status, answer["outcome"]) == (200, "ignored")
    assert site.handed_over() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ref":1}', b"{}", b"\xff"])
def test_a_signed_body_that_is_no_push_is_malformed(site, webhook, body):
    event = github.http_event(body, github.headers(body, SECRET, content_type="application/json+"))
    event["headers"]["content-type"] = "application/json"
    status, answer = answer_of(webhook.invoke(event))
    assert (status, answer["outcome"]) == (400, "malformed")
    assert site.handed_over() == []


def test_another_route_method_or_content_type_is_rejected(webhook):
    body = github.encode(github.push("a"))
    headers = github.headers(body, SECRET)
    other_type = headers | {"Content-Type": "text/plain"}
    get = github.rest_event(body, headers) | {"httpMethod": "GET"}
    for event, expected in [
        (github.rest_event(body, headers, "/gitlab"), 404),
        (github.rest_event(body, headers, "/dockerhub/token"), 404),
        (get, 405),
        (github.rest_event(body, other_type), 415),
    ]:
        status, answer = answer_of(webhook.invoke(event))
        assert (status, answer["outcome"]) == (expected, "rejected")


def test_old_and_new_secret_are_both_accepted(site, webhook):
    def status(secret: str) -> int:
        body = github.encode(github.push(f"{uuid.uuid4()}.txt"))
        event = github.http_event(body, github.headers(body, secret))
        return answer_of(webhook.invoke(event))[0]

    assert status(SECRET) == 202
    assert status("second") == 401
    site.secrets.put_secret_value(SecretId=site.secret, SecretString="second")
    with site.webhook() as cold:
        body = github.encode(github.push("a"))
        for secret in (SECRET, "second"):
            event = github.http_event(body, github.headers(body, secret))
            assert answer_of(cold.invoke(event))[0] == 202
    site.secrets.put_secret_value(SecretId=site.secret, SecretString="third")
    with site.webhook() as cold:
        for secret, expected in ((SECRET, 401), ("second", 202), ("third", 202)):
            event = github.http_event(body, github.headers(body, secret))
            assert answer_of(cold.invoke(event))[0] == expected


def test_a_rotation_is_seen_by_a_warm_process(site, webhook):
    body = github.encode(github.push("a"))
    assert (
        answer_of(webhook.invoke(github.http_event(body, github.headers(body, SECRET))))[0] == 202
    )
    site.secrets.put_secret_value(SecretId=site.secret, SecretString="second")
    event = github.http_event(body, github.headers(body, "second"))
    assert answer_of(webhook.invoke(event))[0] == 202


def test_the_secret_is_kept_and_forgeries_do_not_reload_it_each_time(site, webhook):
    body = github.encode(github.push("a"))
    for secret in [SECRET] * 5 + ["wrong"] * 20:
        webhook.invoke(github.http_event(body, github.headers(body, secret)))
    # Two stages each time: the first, and a reload every two seconds for all mismatches.
    assert len(site.aws.seen("secretsmanager:GetSecretValue")) <= 8


def test_a_store_that_fails_is_left_alone_for_a_second(site, webhook):
    body = github.encode(github.push("a"))
    right = github.http_event(body, github.headers(body, SECRET))
    forged = github.http_event(body, github.headers(body, "wrong"))
    site.aws.faults.plan(1, Fault.ERROR_500, times=1000, only="secretsmanager:GetSecretValue")
    status, answer = answer_of(webhook.invoke(forged))
    assert (status, answer["reason"]) == (503, "the GitHub secret cannot be read")
    calls = len(site.aws.seen("secretsmanager:GetSecretValue"))
    began = time.monotonic()
    answers = [answer_of(webhook.invoke(event)) for event in (forged, right, forged)]
    assert time.monotonic() - began < 1
    assert {status for status, _ in answers} == {503}
    assert {answer["reason"] for _, answer in answers} == {
        "the GitHub secret cannot be read: reading it failed a moment ago"
    }
    assert len(site.aws.seen("secretsmanager:GetSecretValue")) == calls
    site.aws.faults.clear()
    time.sleep(1)
    assert answer_of(webhook.invoke(right))[0] == 202


def test_a_rotation_amid_forgeries_is_seen_within_two_seconds(site, webhook):
    body = github.encode(github.push("a"))

    def status(secret: str) -> int:
        return answer_of(webhook.invoke(github.http_event(body, github.headers(body, secret))))[0]

    assert [status(SECRET), status("wrong"), status("wrong")] == [202, 401, 401]
    site.secrets.put_secret_value(SecretId=site.secret, SecretString="second")
    put = time.monotonic()
    while status("second") != 202:
        assert status("wrong") == 401
        assert time.monotonic() - put < 4
        time.sleep(0.05)
    assert status(SECRET) == 202


def test_what_lambda_finds_too_large_goes_by_s3(site, webhook, monkeypatch):
    monkeypatch.setattr(functions, "ASYNCHRONOUS_LIMIT", 262_144)
    body = github.encode(github.push(*[f"folder/{'x' * 200}/{n}.txt" for n in range(2900)]))
    event = github.http_event(body, github.headers(body, SECRET))
    assert answer_of(webhook.invoke(event))[0] == 202
    (handed_over,) = site.handed_over()
    (key,) = site.keys("changes")
    assert len(handed_over) < 1000 and key in handed_over.decode()


def test_a_literal_secret_needs_no_secret_store(site):
    with site.webhook(GITHUB_SECRET_ARN="", GITHUB_SECRET="literal") as webhook:
        body = github.encode(github.push("a"))
        event = github.http_event(body, github.headers(body, "literal"))
        assert answer_of(webhook.invoke(event))[0] == 202
    assert site.aws.seen("secretsmanager:GetSecretValue") == []


def test_without_a_secret_the_route_says_so(site):
    with site.webhook(GITHUB_SECRET_ARN="") as webhook:
        body = github.encode(github.push("a"))
        event = github.http_event(body, github.headers(body, ""))
        status, answer = answer_of(webhook.invoke(event))
        assert (status, answer["outcome"]) == (503, "unavailable")
        assert "secret" in answer["reason"]


def test_a_missing_function_or_secret_is_unavailable(site):
    missing = {
        "EVAL_FUNCTION_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:missing",
        "GITHUB_SECRET_ARN": site.secret + "x",
    }
    for name, value in missing.items():
        with site.webhook(**{name: value}) as webhook:
            body = github.encode(github.push("a"))
            event = github.http_event(body, github.headers(body, SECRET))
            status, answer = answer_of(webhook.invoke(event))
            assert (status, answer["outcome"]) == (503, "unavailable")


def test_a_large_change_goes_by_s3(site, webhook):
    paths = [f"folder/{'x' * 200}/{number}.txt" for number in range(5000)]
    payload = github.push()
    commit = payload["commits"][0]
    payload["commits"] = [commit | {"modified": paths[i : i + 2500]} for i in (0, 2500)]
    body = github.encode(payload)
    assert (
        answer_of(webhook.invoke(github.http_event(body, github.headers(body, SECRET))))[0] == 202
    )
    (handed_over,) = site.handed_over()
    assert len(handed_over) < 1000
    (key,) = site.keys("changes")
    assert key in handed_over.decode()


def test_just_below_the_limit_it_does_not(site, webhook):
    body = github.encode(github.push(*[f"folder/{'x' * 200}/{n}.txt" for n in range(2900)]))
    webhook.invoke(github.http_event(body, github.headers(body, SECRET)))
    assert site.keys("changes") == []
    assert len(site.handed_over()[0]) > 500_000
