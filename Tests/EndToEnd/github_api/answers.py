"""What GitHub answers, and in which form it refuses."""

from __future__ import annotations

from typing import Any

import provider_api
from local_aws.http_server import Response
from provider_api import answer

DOCUMENTATION = "https://docs.github.com/rest"
USER = {
    "login": "octo-org", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "avatar_url": "",
    "gravatar_id": "", "url": "", "html_url": "", "followers_url": "", "following_url": "",
    "gists_url": "", "starred_url": "", "subscriptions_url": "", "organizations_url": "",
    "repos_url": "", "events_url": "", "received_events_url": "", "type": "Organization",
    "site_admin": False,
}  # fmt: skip


class Refused(provider_api.Refused):
    """A request that GitHub would refuse too."""

    def __init__(self, status: int, message: str, page: str = DOCUMENTATION, **headers: str):
        super().__init__(refusal_of(status, message, page=page, **headers))


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
