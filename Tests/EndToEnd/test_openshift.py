"""Builds of OpenShift: what its server says is what the record says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import github
from certificates import Authority
from clusters import OpenShift

TESTS = Path(__file__).resolve().parents[1]
EXAMPLE = TESTS / "Conformance/openshift-apiserver/push-generic.json"
UNKNOWN = "; an attempt whose end is unknown may have started it before"
CAUSES = (
    'the webhook "generic" for "web" did not accept your secret; either there is no such '
    "BuildConfig, or it has no generic webhook, or the URL's secret is not that webhook's: the "
    "server does not tell which"
)


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path, "authority")


@pytest.fixture
def openshift(authority):
    with OpenShift(authority.context()) as openshift:
        yield openshift


def put_rule(site, url: str, authority: Authority, **properties) -> None:
    arn = site.secrets.create_secret(Name=f"{site.name}-hook", SecretString=url)["ARN"]
    target = {"UrlSecretArn": arn, "CABundle": authority.bundle.read_text()}
    site.put_rule("web", {"OpenShiftBuild": target}, **properties)


def outcome(site, payload=None) -> tuple[str, str]:
    (answer,) = site.deliver(payload or github.push("a"))
    assert not answer.failed, answer
    (rule,) = answer.json["rules"]
    # The URL is the secret: neither the record nor the log may have it.
    for text in (json.dumps(answer.json), site.last_log):
        assert "hook/secret" not in text
        assert "hook%2Fsecret" not in text
    return rule["outcome"], rule["answer"]


def test_a_push_builds_exactly_its_commit(site, openshift, authority):
    put_rule(site, openshift.url() + "\n", authority)
    assert outcome(site) == ("started", "web-1")
    assert openshift.builds == [
        {
            "uri": "https://github.com/octo-org/mono-repo.git",
            "ref": "refs/heads/main",
            "commit": github.AFTER,
            "author": {"name": "Mona", "email": "mona@example.com"},
            "message": "Change the greeting",
        }
    ]
    (request,) = openshift.requests
    assert request.header("Content-Type") == "application/json"
    assert request.header("Authorization") is None


def test_what_is_sent_has_the_form_of_openshifts_own_example(site, openshift, authority):
    put_rule(site, openshift.url(), authority)
    assert outcome(site) == ("started", "web-1")
    (request,) = openshift.requests
    sent, example = json.loads(request.body), json.loads(EXAMPLE.read_text())
    assert sent["git"].keys() <= example["git"].keys()
    for name, value in sent["git"].items():
        assert type(value) is type(example["git"][name]), name
    assert sent["git"]["author"].keys() == example["git"]["author"].keys()


def test_a_build_that_the_server_skips_was_not_started(site, openshift, authority):
    openshift.ref = "release"
    put_rule(site, openshift.url(), authority)
    words = 'skipping build. Branch reference from "refs/heads/main" does not match configuration'
    assert outcome(site) == ("skipped", words)
    assert openshift.builds == []


@pytest.mark.parametrize("wrong", [{"name": "other"}, {"secret": "guess"}])
def test_what_the_server_does_not_accept_is_told_with_its_causes(site, openshift, authority, wrong):
    put_rule(site, openshift.url(**wrong), authority)
    words = f"openshift:Build of {openshift.origin}: 401 Unauthorized: {CAUSES}"
    assert outcome(site) == ("failed", words)


def test_an_image_builds_whatever_is_there_with_the_servers_warning(site, openshift, authority):
    put_rule(
        site,
        openshift.url(),
        authority,
        Source="dockerhub",
        source="dockerhub",
        repository="octo/app",
    )
    body = github.encode(
        {
            "push_data": {"tag": "2", "pusher": "mona", "pushed_at": 1.417566161e9},
            "repository": {"repo_name": "octo/app", "name": "app", "namespace": "octo"},
        }
    )
    event = github.http_event(body, {"Content-Type": "application/json"}, path="/dockerhub/token")
    with site.webhook(DOCKERHUB_TOKEN="token") as webhook:
        assert webhook.invoke(event).json["statusCode"] == 202
    with site.evaluate() as evaluate:
        (rule,) = evaluate.invoke(site.handed_over()[0]).json["rules"]
    words = "no git information found in payload, ignoring and continuing with build"
    assert (rule["outcome"], rule["answer"]) == ("started", f"web-1; {words}")
    assert openshift.builds == [{}]


def test_a_certificate_of_another_authority_is_refused(site, openshift, tmp_path):
    put_rule(site, openshift.url(), Authority(tmp_path, "other"))
    what, answer = outcome(site)
    assert what == "failed"
    assert answer.startswith(f"openshift:Build of {openshift.origin}: Untrusted: POST ")
    assert "certificate" in answer.lower()
    assert openshift.requests == []


def test_a_build_whose_answers_are_lost_is_asked_for_twice_in_all(site, openshift, authority):
    openshift.lose_answers = 9
    put_rule(site, openshift.url(), authority)
    twice = "may have been started twice; redeliver to start it again"
    (answer,) = site.deliver(github.push("a"))
    assert answer.failed and len(openshift.builds) == 1
    # Lambda's retries, of which the first may ask once more.
    for _ in range(3):
        with site.evaluate() as evaluate:
            (rule,) = evaluate.invoke(site.handed_over()[0]).json["rules"]
        assert rule["outcome"] == "failed" and rule["answer"].endswith(twice)
        assert len(openshift.builds) == 2
    (key,) = site.keys("ledger")
    assert site.object(key)["attempts"] == 2
    target = site.object(key)["target"]
    assert target["kind"] == "OpenShiftBuild"
    assert target["name"].startswith("arn:aws:secretsmanager:")
    # A redelivery counts from the start.
    openshift.lose_answers = 0
    assert outcome(site) == ("started", "web-3")


def test_an_answer_that_is_lost_once_may_be_a_second_build_and_the_record_says_so(
    site, openshift, authority
):
    openshift.lose_answers = 1
    put_rule(site, openshift.url(), authority)
    (answer,) = site.deliver(github.push("a"))
    assert answer.failed
    with site.evaluate() as evaluate:
        (rule,) = evaluate.invoke(site.handed_over()[0]).json["rules"]
    assert (rule["outcome"], rule["answer"]) == ("started", "web-2" + UNKNOWN)
    assert len(openshift.builds) == 2


def test_a_redelivery_builds_nothing(site, openshift, authority):
    put_rule(site, openshift.url(), authority)
    payload = github.push("a")
    assert outcome(site, payload) == ("started", "web-1")
    assert outcome(site, payload) == ("already-started", "web-1")
    assert len(openshift.builds) == 1
