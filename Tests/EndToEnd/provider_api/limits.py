"""How many requests a provider takes."""

from __future__ import annotations

import math
import threading
import time


class Window:
    """At most so many requests of one caller in any so many seconds."""

    def __init__(self, most: int | None, seconds: float) -> None:
        self.most = most
        """None where requests are not limited."""
        self.seconds = seconds
        self._lock = threading.Lock()
        self._taken: dict[str, list[float]] = {}

    def taken(self, caller: str) -> int:
        """How many were taken within the last seconds."""
        with self._lock:
            return len(self._recent(caller, time.monotonic()))

    def wait(self, caller: str) -> int | None:
        """Takes a request, or the whole seconds after which another one will be taken."""
        if self.most is None:
            return None
        with self._lock:
            now = time.monotonic()
            recent = self._recent(caller, now)
            if len(recent) >= self.most:
                return max(math.ceil(recent[0] + self.seconds - now), 1)
            recent.append(now)
            return None

    def _recent(self, caller: str, now: float) -> list[float]:
        recent = [at for at in self._taken.get(caller, []) if at > now - self.seconds]
        self._taken[caller] = recent
        return recent
