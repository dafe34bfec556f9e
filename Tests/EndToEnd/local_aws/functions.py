"""Lambda's Invoke: hands the payload to whoever registered under the function's name.

moto's own needs containers. An asynchronous invocation is queued here; the test runs it
when it wants to, so that retries and duplicates are its own decision.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from .errors import Refused
from .http_server import Response

ASYNCHRONOUS_LIMIT = 1_048_576  # bytes of an Event payload (Lambda Invoke, API reference)
SYNCHRONOUS_LIMIT = 6_291_456

Receiver = Callable[[bytes], None]


class Functions:
    """The functions that can be invoked, and what each was sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._receivers: dict[str, Receiver] = {}
        self.payloads: dict[str, list[bytes]] = {}

    def register(self, name: str, receiver: Receiver | None = None) -> None:
        """Makes a function known; `receiver` is called with each payload as it arrives."""
        with self._lock:
            self.payloads.setdefault(name, [])
            if receiver:
                self._receivers[name] = receiver

    def handle(self, operation: str, parameters: dict[str, Any]) -> Response:
        if operation != "Invoke":
            raise Refused("UnknownOperationException", f"{operation} is not had here", 404)
        name = parameters["FunctionName"].split(":function:")[-1].split(":")[0]
        if name not in self.payloads:
            raise Refused("ResourceNotFoundException", f"Function not found: {name}", 404)
        payload = parameters.get("Payload", b"")
        if parameters.get("InvocationType") != "Event":
            raise Refused("InvalidParameterValueException", "only Event is had here")
        if len(payload) > ASYNCHRONOUS_LIMIT:
            raise Refused(
                "RequestTooLargeException",
                f"{len(payload)} byte payload is too large for the Event invocation type"
                f" (limit {ASYNCHRONOUS_LIMIT} bytes)",
                413,
            )
        try:
            json.loads(payload)
        except ValueError as error:
            raise Refused("InvalidRequestContentException", f"not JSON: {error}") from None
        with self._lock:
            self.payloads[name].append(payload)
            receiver = self._receivers.get(name)
        if receiver:
            receiver(payload)
        return Response(202, {"x-amzn-RequestId": "d1f6b9a2-0e53-4b60-8c7a-1f2e3d4c5b6a"})
