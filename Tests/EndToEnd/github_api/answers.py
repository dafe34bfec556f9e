"""What GitHub answers, and in which form it refuses."""

from __future__ import annotations

import json
from typing import Any

from local_aws.http_server import Response

DOCUMENTATION = "https://docs.github.com/rest"
USER = {
    "login": "octo-org", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "avatar_url": "",
    "gravatar_id": "", "url": "", "html_url": "", "followers_url": "", "following_url": "",
    "gists_url": "", "starred_url": "", "subscriptions_url": "", "organizations_url": "",
    "repos_url": "", "events_url": "", "received_events_url": "", "type": "Organization",
    "site_admin": False,
}  # fmt: skip


class Refused(Exception):
    """A request that GitHub would refuse too."""

    def __init__(self, status: int, message: str, page: str = DOCUMENTATION, **headers: str):
        super().__init__(message)
        self.response = refusal_of(status, message, page=page, **headers)


class Violation(Exception):
    """A request that no client should send, whatever GitHub makes of it."""


def answer(value: Any, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Response(status, kind | (headers or {}), json.dumps(value).encode())


def refusal_of(
    status: int,
    message: str,
    *,
    page: str = DOCUMENTATION,
    errors: list[dict[str, str]] | None = None,
    **headers: str,
) -> Response:
    """An error as GitHub writes it; an underscore in a header's name is a hyphen."""
    body: dict[str, Any] = {"message": message, "documentation_url": page, "status": str(status)}
    if errors:
        body["errors"] = errors
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(body, fields, status)


def invalid(resource: str, page: str, **fields: str) -> Refused:
    """`422 Validation Failed`, with what is wrong with each field.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
    """
    refused = Refused(422, "Validation Failed", page)
    refused.response = refusal_of(
        422,
        "Validation Failed",
        page=page,
        errors=[
            {"resource": resource, "code": "custom", "field": field, "message": message}
            for field, message in fields.items()
        ],
    )
    return refused


def check(value: dict[str, Any], schema: dict[str, type]) -> None:
    """Holds what is answered against what GitHub says that it answers."""
    for name, kind in schema.items():
        assert isinstance(value[name], kind), (name, value)
