"""The calls that were made, in the order in which they arrived."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One request, whatever became of it."""

    number: int
    service: str
    operation: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    access_key_id: str = ""
    region: str = ""
    trace_id: str | None = None
    status: int | None = None
    error: str | None = None
    fault: str | None = None

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


class Calls:
    """A list that several threads may write to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def begin(self, service: str) -> Call:
        with self._lock:
            call = Call(len(self._calls) + 1, service)
            self._calls.append(call)
            return call

    def clear(self) -> None:
        with self._lock:
            self._calls = []

    def all(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def of(self, name: str) -> list[Call]:
        """The calls of one operation, such as `s3:PutObject`."""
        return [call for call in self.all() if call.name == name]

    def refused(self) -> list[Call]:
        """The calls that the gate itself found at fault: never expected of the product."""
        return [call for call in self.all() if call.error is not None]
