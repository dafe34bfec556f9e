"""A client for the stand-ins' own tests: what it is told to send, it sends."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .server import ProviderAPI


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    api: ProviderAPI[Any], method: str, target: str, body: Any, fields: Mapping[str, str | None]
) -> Answer:
    """Sends a request with these header fields; none leaves one out.

    A body that is not bytes already is sent as JSON.
    """
    sent = {name: value for name, value in fields.items() if value is not None}
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if "Content-Type" not in fields:
            sent["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=5)
    connection.request(method, target, data, sent)
    response = connection.getresponse()
    return Answer(response.status, dict(response.getheaders()), response.read())


def named(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Header fields from the names of arguments: an underscore is a hyphen."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
