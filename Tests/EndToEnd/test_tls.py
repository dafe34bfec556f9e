"""HTTPS: the certificate is verified, by the CA bundle that the environment names."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import github
from local_aws import LocalAWS
from site_under_test import SECRET, Site

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str):
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._builder(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        self.bundle = folder / f"{name}.pem"
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, address: str = "127.0.0.1", until: datetime.datetime = NOW + DAY):
        """What a server of that address needs to serve TLS."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local AWS")])
        certificate = (
            self._builder(subject, key.public_key(), until)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        path = self.folder / "server.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(self, subject, public_key, until=NOW + DAY):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 2 * DAY)
            .not_valid_after(until)
        )


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
