"""In which form Gitea refuses."""

from __future__ import annotations

from typing import Any

import provider_api
from local_aws.http_server import Response
from provider_api import answer

SWAGGER = "https://git.example.com/api/swagger"
NOT_FOUND = "The target couldn't be found."


class Refused(provider_api.Refused):
    """A request that Gitea would refuse too."""

    def __init__(self, status: int, message: str, **headers: str):
        super().__init__(refusal_of(status, message, **headers))


def refusal_of(status: int, message: str, **headers: str) -> Response:
    """An error as Gitea writes it; an underscore in a header's name is a hyphen.

    `APIError`, and what `NotFound` adds: services/context/api.go.
    """
    body: dict[str, Any] = {"message": message, "url": SWAGGER}
    if status == 404:
        body["errors"] = None
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(body, fields, status)


def not_found() -> Refused:
    return Refused(404, NOT_FOUND)


def internal() -> Refused:
    """A server in production tells nobody but administrators what went wrong inside
    (`APIContext.Error`, services/context/api.go)."""
    return Refused(500, "")
