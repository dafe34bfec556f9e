"""In which form GitLab refuses."""

from __future__ import annotations

from typing import Any

import provider_api
from local_aws.http_server import Response
from provider_api import answer


class Refused(provider_api.Refused):
    """A request that GitLab would refuse too."""

    def __init__(self, status: int, message: Any, **headers: str):
        super().__init__(refusal_of(status, message, **headers))


def refusal_of(status: int, message: Any, **headers: str) -> Response:
    """An error as GitLab writes it; an underscore in a header's name is a hyphen.

    The message is text, or an object with what is wrong with each attribute.
    https://docs.gitlab.com/api/rest/troubleshooting/#status-code-400
    """
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"message": message}, fields, status)


def oauth_error(status: int, error: str, description: str, **members: str) -> provider_api.Refused:
    """What is wrong with a token: not with the request (lib/api/api_guard.rb)."""
    body = {"error": error, "error_description": description} | members
    return provider_api.Refused(answer(body, status=status))


def forbidden() -> Refused:
    return Refused(403, "403 Forbidden")


def not_found(what: str = "") -> Refused:
    """`not_found!`, lib/api/helpers.rb."""
    return Refused(404, f"404 {what} Not Found" if what else "404 Not found")
