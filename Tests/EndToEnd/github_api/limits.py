"""How many requests GitHub takes.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import math
import threading
import time

from provider_api import Window

from .answers import DOCUMENTATION, Refused
from .faults import EXCEEDED, TOO_FAST

PAGE = f"{DOCUMENTATION}/using-the-rest-api/rate-limits-for-the-rest-api"
HOUR = 3600.0


class Limits:
    """The primary limit of each token, and the secondary one on what creates content."""

    def __init__(self) -> None:
        self.per_hour = 5000
        """Requests of one token: "5,000 requests per hour"."""
        self.content = Window(None, 60)
        """"No more than 80 content-generating requests per minute"; off unless a test wants it."""
        self._lock = threading.Lock()
        self._used: dict[str, int] = {}
        self._reset = time.time() + HOUR

    def admit(self, caller: str, creates_content: bool) -> dict[str, str]:
        """Counts a request; the headers that its answer has, or a refusal."""
        with self._lock:
            self._used[caller] = self._used.get(caller, 0) + 1
            left = self.per_hour - self._used[caller]
            headers = self._headers(max(left, 0))
            if left < 0:
                # "You will receive a 403 or 429 response, and the x-ratelimit-remaining header
                # will be 0."
                raise Refused(403, EXCEEDED, PAGE, **headers)
        if creates_content and (wait := self.content.wait(caller)):
            # "If the retry-after response header is present, you should not retry your request
            # until after that many seconds has elapsed."
            raise Refused(403, TOO_FAST, PAGE, **headers, Retry_After=str(wait))
        return {name.replace("_", "-"): value for name, value in headers.items()}

    def _headers(self, left: int) -> dict[str, str]:
        return {
            "X_RateLimit_Limit": str(self.per_hour),
            "X_RateLimit_Remaining": str(left),
            "X_RateLimit_Used": str(self.per_hour - left),
            "X_RateLimit_Reset": str(math.ceil(self._reset)),
            "X_RateLimit_Resource": "core",
        }
