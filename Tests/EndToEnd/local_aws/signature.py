"""Signature Version 4, computed again by botocore over the request as it was sent.

Stricter than AWS: a body's hash must be signed as it is (no UNSIGNED-PAYLOAD), and
every `x-amz-*` header, the host and the content type must be signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .errors import Refused
from .http_server import Request

MAXIMUM_SKEW = timedelta(minutes=5)
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/, ]+)/(?P<day>\d{8})/(?P<region>[^/, ]+)"
    r"/(?P<service>[^/, ]+)/aws4_request, ?SignedHeaders=(?P<signed>[a-z0-9;-]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Key:
    """An access key: its secret, and its session token where it is a temporary one."""

    secret: str
    token: str | None = None


@dataclass(frozen=True)
class Scope:
    """Who signed, and for which region and service."""

    access_key_id: str
    region: str
    service: str


def claimed_scope(request: Request) -> Scope:
    """What the request says of itself, not yet verified."""
    match = AUTHORIZATION.fullmatch(request.header("Authorization") or "")
    if not match:
        raise Refused(
            "IncompleteSignature", "no Authorization header of Signature Version 4", status=403
        )
    return Scope(match["key"], match["region"], match["service"])


def verify(request: Request, key: Key | None, regions: Collection[str], now: datetime) -> Scope:
    """Returns who signed the request, or refuses it."""
    scope = claimed_scope(request)
    match = AUTHORIZATION.fullmatch(request.header("Authorization") or "")
    signed = match["signed"].split(";")
    if key is None:
        raise Refused("UnrecognizedClientException", "the access key is not known", status=403)
    if scope.region not in regions:
        raise Refused(
            "InvalidSignatureException",
            f"the scope names region {scope.region}, expected {sorted(regions)}",
            status=403,
        )
    _check_signed_headers(request, signed)
    timestamp = _check_time(request, match["day"], now)
    _check_token(request, key)
    _check_body_hash(request, scope.service)
    _check_encoding(request, scope.service)
    expected = _signature(request, signed, key, scope, timestamp)
    if not hmac.compare_digest(expected, match["signature"]):
        raise Refused(
            "SignatureDoesNotMatch",
            "the signature is not the one computed from the request",
            status=403,
        )
    return scope


def _check_signed_headers(request: Request, signed: list[str]) -> None:
    if signed != sorted(set(signed)):
        raise Refused("InvalidSignatureException", "SignedHeaders are not sorted", status=403)
    present = [name.lower() for name, _ in request.headers]
    doubled = {name for name in present if present.count(name) > 1}
    if doubled:
        raise Refused("InvalidRequest", f"headers sent twice: {sorted(doubled)}")
    missing = set(signed) - set(present)
    required = {name for name in present if name.startswith("x-amz-") or name == "content-type"}
    unsigned = (required | {"host"}) - set(signed)
    if missing or unsigned:
        raise Refused(
            "InvalidSignatureException",
            f"signed but absent: {sorted(missing)}; present but unsigned: {sorted(unsigned)}",
            status=403,
        )


def _check_time(request: Request, day: str, now: datetime) -> str:
    text = request.header("X-Amz-Date") or ""
    if not re.fullmatch(r"\d{8}T\d{6}Z", text) or text[:8] != day:
        raise Refused("IncompleteSignature", "X-Amz-Date is absent or of another day", status=403)
    time = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(time - now) > MAXIMUM_SKEW:
        raise Refused("RequestTimeTooSkewed", f"signed at {text}, now it is {now}", status=403)
    return text


def _check_token(request: Request, key: Key) -> None:
    if (request.header("X-Amz-Security-Token") or None) != key.token:
        raise Refused(
            "UnrecognizedClientException", "the session token is not the key's", status=403
        )


def _check_body_hash(request: Request, service: str) -> None:
    stated = request.header("X-Amz-Content-Sha256")
    if stated is None and service == "s3":
        raise Refused("MissingSecurityHeader", "X-Amz-Content-Sha256 is required by S3")
    if stated is not None and stated != hashlib.sha256(request.body).hexdigest():
        raise Refused("XAmzContentSHA256Mismatch", "the body is not the one whose hash was signed")


def _check_encoding(request: Request, service: str) -> None:
    """AWS decodes and encodes again before it signs: what was sent must be the same already."""
    if service == "s3" and request.path != quote(unquote(request.path), safe="/~"):
        raise Refused(
            "SignatureDoesNotMatch", f"the path is not encoded as S3 does: {request.path}", 403
        )
    for part in re.split("[&=]", request.query):
        if part != quote(unquote(part), safe="~"):
            raise Refused(
                "SignatureDoesNotMatch", f"the query is not encoded as AWS does: {part}", 403
            )


def _signature(request: Request, signed: list[str], key: Key, scope: Scope, timestamp: str) -> str:
    signer = S3SigV4Auth if scope.service == "s3" else SigV4Auth
    auth = signer(
        Credentials(scope.access_key_id, key.secret, key.token), scope.service, scope.region
    )
    copy = AWSRequest(
        method=request.method,
        url=f"http://{request.header('Host')}{request.target}",
        headers={name: request.header(name) for name in signed},
        data=request.body,
    )
    copy.context["timestamp"] = timestamp
    if set(auth.headers_to_sign(copy)) != set(signed):
        raise Refused(
            "InvalidSignatureException", f"headers that are not to be signed: {signed}", 403
        )
    canonical = auth.canonical_request(copy)
    return auth.signature(auth.string_to_sign(copy, canonical), copy)
