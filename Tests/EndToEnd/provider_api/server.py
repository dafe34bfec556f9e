"""The server: which endpoint a request is for, and what goes wrong on the way."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Self, TypeVar
from urllib.parse import parse_qsl, unquote

from local_aws.faults import Faults
from local_aws.http_server import Connection, HTTPServer, Request, Response

from .answers import Refused, Violation
from .faults import Fault

HOLDING = 60.0
"""Seconds for which a request that is to time out is held."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of an API."""

    name: str
    method: str
    path: str
    """An expression for the path below the API's root; its groups are what the path names."""
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()


AnEndpoint = TypeVar("AnEndpoint", bound=Endpoint)


class ProviderAPI(Generic[AnEndpoint]):
    """An API on a port of the loopback interface; use as a context manager."""

    endpoints: Sequence[AnEndpoint]

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        root: str = "",
        now: Callable[[], datetime] | None = None,
    ):
        self.now = now or (lambda: datetime.now(UTC))
        self.root = root
        """The path that the API lies below."""
        self.faults = Faults()
        """What becomes of requests, by their endpoint's name: see `Fault`."""
        self.requests: list[Request] = []
        self.seen: list[str] = []
        """The endpoint of each request that had one."""
        self.violations: list[str] = []
        """What no client should have sent."""
        self.refusals: list[Response | None] = []
        """What the next requests are answered instead; `None` resets the connection."""
        self._closing = threading.Event()
        self._server = HTTPServer(self._answer, tls=tls)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url + self.root

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    # What each provider has its own way of.

    def token_of(self, request: Request) -> str:
        """Holds what each request has; the token that it comes with."""
        raise NotImplementedError

    def perform(
        self, endpoint: AnEndpoint, request: Request, found: dict[str, str], token: str
    ) -> Response:
        """Does what a request asks for, if its token may; `found` is what its path names."""
        raise NotImplementedError

    def failed(self, fault: Fault) -> Response:
        """The answer in place of the one that the request deserves."""
        raise NotImplementedError

    def violated(self, message: str) -> Response:
        """The answer to what no client should send."""
        raise NotImplementedError

    # The way of a request.

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        self.requests.append(request)
        if self.refusals:
            refusal = self.refusals.pop(0)
            if refusal is None:
                connection.reset()
            return refusal
        try:
            token = self.token_of(request)
            endpoint, found = self._endpoint(request)
            self.seen.append(endpoint.name)
            fault = self.faults.next(endpoint)
            if fault in (Fault.RESET, Fault.TIMED_OUT):
                self._closing.wait(HOLDING if fault is Fault.TIMED_OUT else 0)
                connection.reset()
                return None
            if fault and fault is not Fault.ANSWER_LOST:
                return self.failed(fault)
            response = self.perform(endpoint, request, found, token)
        except Refused as refused:
            return refused.response
        except Violation as violation:
            self.violations.append(f"{request.method} {request.target}: {violation}")
            return self.violated(str(violation))
        if fault:
            connection.reset()
            return None
        return response

    def _endpoint(self, request: Request) -> tuple[AnEndpoint, dict[str, str]]:
        path = request.path.removeprefix(self.root + "/")
        if not request.path.startswith(self.root + "/"):
            raise Violation(f"the API lies below {self.root}")
        fitting = [each for each in self.endpoints if re.fullmatch(each.path, path)]
        if not fitting:
            raise Violation("no endpoint that is known here")
        endpoint = next((each for each in fitting if each.method == request.method), None)
        if endpoint is None:
            raise Violation(f"the method is {fitting[0].method}")
        match = re.fullmatch(endpoint.path, path)
        assert match
        return endpoint, {name: unquote(value) for name, value in match.groupdict().items()}


def not_json(text: str = "<html>Please log in</html>") -> Response:
    """The page of a proxy's."""
    return Response(200, {"Content-Type": "text/html"}, text.encode())


def query_of(endpoint: Endpoint, request: Request) -> dict[str, str]:
    """The request's query, if its endpoint has one with these names."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs) or set(query) - endpoint.query:
        raise Violation(f"{endpoint.name} has no such query: {request.query}")
    return query


def body_of(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """The members of the request's body, if its endpoint has one with these members."""
    if not endpoint.body:
        if request.body:
            raise Violation(f"{endpoint.name} has no body")
        return {}
    if not request.body:
        return {}
    if (request.header("Content-Type") or "").partition(";")[0] != "application/json":
        raise Violation(f"Content-Type is {request.header('Content-Type')}")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Violation("Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Violation("Body should be a JSON object")
    if unknown := set(body) - endpoint.body:
        raise Violation(f"{endpoint.name} has no members {sorted(unknown)}")
    return body
