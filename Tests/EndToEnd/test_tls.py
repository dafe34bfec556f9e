"""HTTPS: the certificate is verified, by the CA bundle that the environment names."""

from __future__ import annotations

from pathlib import Path

import pytest

import github
from certificates import DAY, NOW, Authority
from local_aws import LocalAWS
from site_under_test import SECRET, Site


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


def push() -> dict:
    body = github.encode(github.push("services/api/main.go"))
    return github.http_event(body, github.headers(body, SECRET))


def test_the_main_job_over_https(authority, bootstrap):
    with LocalAWS(tls=authority.context()) as aws:
        site = Site(aws, bootstrap)
        pipeline = site.pipeline("api")
        site.put_rule("api", {"CodePipeline": {"Name": pipeline}})
        trust = {"AWS_CA_BUNDLE": str(authority.bundle)}
        with site.webhook(**trust) as webhook, site.evaluate(**trust) as evaluate:
            assert webhook.invoke(push()).json["statusCode"] == 202
            assert not evaluate.invoke(site.handed_over()[0]).failed
        assert len(site.started(pipeline)) == 1


UNTRUSTED = {
    "of another authority": lambda own, other: (own.context(), other.bundle),
    "of another host": lambda own, other: (own.context(address="127.0.0.2"), own.bundle),
    "that has expired": lambda own, other: (own.context(until=NOW - DAY), own.bundle),
}


@pytest.mark.parametrize("certificate", UNTRUSTED)
def test_a_certificate_is_refused(authority, bootstrap, tmp_path, certificate):
    other = Authority(tmp_path, "other")
    context, bundle = UNTRUSTED[certificate](authority, other)
    with LocalAWS(tls=context) as aws:
        site = Site(aws, bootstrap)
        environment = {"AWS_CA_BUNDLE": str(bundle)}
        with site.webhook(**environment) as webhook:
            answer = webhook.invoke(push())
            assert answer.json["statusCode"] == 503
            assert "certificate" in webhook.log.lower()
        with site.evaluate(**environment) as evaluate:
            answer = evaluate.invoke(github.push("services/api/main.go"))
            assert answer.failed
            assert "certificate" in answer.json["errorMessage"].lower()
        assert aws.seen() == []


def test_a_ca_bundle_that_is_not_there_is_named(site):
    missing = "/nowhere/bundle.pem"
    environment = {"AWS_CA_BUNDLE": missing, "AWS_ENDPOINT_URL": "https://127.0.0.1:9"}
    with site.webhook(**environment) as webhook:
        try:
            status = webhook.invoke(push()).json["statusCode"]
        except AssertionError:
            assert webhook.wait_for_exit() == 1
        else:
            assert status == 503
        assert missing in webhook.log or "AWS_CA_BUNDLE" in webhook.log
