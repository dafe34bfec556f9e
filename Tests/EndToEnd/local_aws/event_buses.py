"""EventBridge's buses as a list of what was put, for runs of many thousand deliveries."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

from .errors import Refused
from .http_server import Request, Response
from .service_model import Operation


@dataclass(frozen=True)
class BusEvent:
    bus: str
    detail: dict[str, Any]
    at: float
    """When it was put, in seconds since the epoch."""


class EventBuses:
    """All buses of an account; `LocalAWS.stand_ins["events"]` is its `handle`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[BusEvent] = []

    def events(self) -> list[BusEvent]:
        with self._lock:
            return list(self._events)

    def handle(self, operation: Operation, request: Request) -> Response:
        if operation.name != "PutEvents":
            raise Refused("UnknownOperationException", f"{operation.name} is not had here")
        entries = []
        for entry in operation.parameters["Entries"]:
            event = BusEvent(
                entry.get("EventBusName", "default"), json.loads(entry["Detail"]), time.time()
            )
            with self._lock:
                self._events.append(event)
            entries.append({"EventId": str(uuid.uuid4())})
        body = json.dumps({"FailedEntryCount": 0, "Entries": entries}).encode()
        return Response(200, {"Content-Type": "application/x-amz-json-1.1"}, body)
