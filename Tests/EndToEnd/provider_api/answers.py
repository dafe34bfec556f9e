"""Answers, and the reasons for which there is another one."""

from __future__ import annotations

import json
from typing import Any

from local_aws.http_server import Response


class Refused(Exception):
    """A request that the provider would refuse too, by this answer."""

    def __init__(self, response: Response):
        super().__init__(response.status)
        self.response = response


class Violation(Exception):
    """A request that no client should send, whatever the provider makes of it."""


def answer(value: Any, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Response(status, kind | (headers or {}), json.dumps(value).encode())


def check(value: dict[str, Any], schema: dict[str, type]) -> None:
    """Holds what is answered against what the provider says that it answers."""
    for name, kind in schema.items():
        assert isinstance(value[name], kind), (name, value)
