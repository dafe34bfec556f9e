"""Lambda's Invoke: hands the payload to what registered under the function's name.

moto's own needs containers. An asynchronous invocation is queued here; the test runs it
when it wants to, so that retries and duplicates are its own decision. A synchronous one is
answered by what registered for that, and goes on where nobody waits for it any longer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import Refused, error_response
from .http_server import Response

ASYNCHRONOUS_LIMIT = 1_048_576  # bytes of an Event payload (Lambda Invoke, API reference)
SYNCHRONOUS_LIMIT = 6_291_456


@dataclass
class Returned:
    """What a function came to: its answer, or its error where it failed."""

    payload: bytes
    failed: bool = False


Receiver = Callable[[bytes], None]
Answerer = Callable[[bytes], Returned | None]


class Functions:
    """The functions that can be invoked, and what each was sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._receivers: dict[str, Receiver] = {}
        self._answerers: dict[str, Answerer] = {}
        self.payloads: dict[str, list[bytes]] = {}
        """What each was sent asynchronously."""

    def register(
        self, name: str, receiver: Receiver | None = None, answerer: Answerer | None = None
    ) -> None:
        """Makes a function known.

        `receiver` is called with each payload that is queued, `answerer` with each whose sender
        waits, and returns none where all its sandboxes are busy.
        """
        with self._lock:
            self.payloads.setdefault(name, [])
            if receiver:
                self._receivers[name] = receiver
            if answerer:
                self._answerers[name] = answerer

    def handle(self, operation: str, parameters: dict[str, Any]) -> Response:
        if operation != "Invoke":
            raise Refused("UnknownOperationException", f"{operation} is not had here", 404)
        name = parameters["FunctionName"].split(":function:")[-1].split(":")[0]
        if name not in self.payloads:
            raise Refused("ResourceNotFoundException", f"Function not found: {name}", 404)
        payload = parameters.get("Payload", b"")
        kind = parameters.get("InvocationType", "RequestResponse")
        limits = {"Event": ASYNCHRONOUS_LIMIT, "RequestResponse": SYNCHRONOUS_LIMIT}
        if kind not in limits:
            raise Refused("InvalidParameterValueException", f"{kind} is not had here")
        if len(payload) > limits[kind]:
            raise Refused(
                "RequestTooLargeException",
                f"{len(payload)} byte payload is too large for the {kind} invocation type"
                f" (limit {limits[kind]} bytes)",
                413,
            )
        try:
            json.loads(payload)
        except ValueError as error:
            raise Refused("InvalidRequestContentException", f"not JSON: {error}") from None
        if kind == "RequestResponse":
            return self._answer(name, payload)
        with self._lock:
            self.payloads[name].append(payload)
            receiver = self._receivers.get(name)
        if receiver:
            receiver(payload)
        return Response(202, {"x-amzn-RequestId": "d1f6b9a2-0e53-4b60-8c7a-1f2e3d4c5b6a"})

    def _answer(self, name: str, payload: bytes) -> Response:
        answerer = self._answerers.get(name)
        if answerer is None:
            raise Refused("ServiceException", f"{name} answers nobody here", 500)
        returned = answerer(payload)
        if returned is None:
            return error_response("lambda", 429, "TooManyRequestsException", "Rate Exceeded.")
        if len(returned.payload) > SYNCHRONOUS_LIMIT:
            returned = Returned(
                b'{"errorMessage":"Response payload size exceeded maximum allowed payload size '
                b'(6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}',
                failed=True,
            )
        headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
        if returned.failed:
            headers["X-Amz-Function-Error"] = "Unhandled"
        return Response(200, headers, returned.payload)
