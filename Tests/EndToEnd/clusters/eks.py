"""The token of EKS, checked as aws-iam-authenticator does, with botocore's signature."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws import LocalAWS

VALIDITY = timedelta(minutes=15)
LONGEST = 4096
PARAMETERS = {
    "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
    "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}  # fmt: skip


class TokenCheck:
    """Whether a token is of a key that the local AWS knows, for that cluster."""

    def __init__(self, aws: LocalAWS, cluster: str, region: str):
        self._aws, self._cluster, self._region = aws, cluster, region
        self.callers: set[str] = set()
        """The access key ids of those who were let in."""
        self.tokens: set[str] = set()

    def __call__(self, token: str) -> bool:
        prefix, _, text = token.partition(".")
        if prefix != "k8s-aws-v1" or len(token) > LONGEST or "=" in text:
            return False
        url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if set(query) - PARAMETERS or query["X-Amz-SignedHeaders"] != "host;x-k8s-aws-id":
            return False
        if (query["Action"], query["Version"]) != ("GetCallerIdentity", "2011-06-15"):
            return False
        if int(query["X-Amz-Expires"]) > VALIDITY.total_seconds():
            return False
        made = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if not made - VALIDITY < datetime.now(UTC) < made + VALIDITY:
            return False
        access_key_id, _, region, service, _ = query["X-Amz-Credential"].split("/")
        key = self._aws.key(access_key_id)
        if key is None or (region, service) != (self._region, "sts"):
            return False
        if query.get("X-Amz-Security-Token") != key.token:
            return False
        credentials = Credentials(access_key_id, key.secret, key.token)
        signer = SigV4QueryAuth(credentials, "sts", region)
        request = AWSRequest(
            method="GET",
            url=url.partition("&X-Amz-Signature=")[0],
            headers={"x-k8s-aws-id": self._cluster},
        )
        request.context["timestamp"] = query["X-Amz-Date"]
        canonical = signer.canonical_request(request)
        expected = signer.signature(signer.string_to_sign(request, canonical), request)
        if not hmac.compare_digest(expected, query["X-Amz-Signature"]):
            return False
        self.callers.add(access_key_id)
        self.tokens.add(token)
        return True
