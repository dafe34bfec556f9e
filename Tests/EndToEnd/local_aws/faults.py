"""Ways in which a call can fail, and which call it is that does."""

from __future__ import annotations

import threading
from enum import StrEnum

from .calls import Call
from .errors import JSON_SERVICES, error_response
from .http_server import Response


class Fault(StrEnum):
    """What happens to a call."""

    REFUSED = "refused"
    """The port is closed: this call is lost with its connection, the next is refused."""
    RESET = "reset"
    """The connection ends with RST before the work is done."""
    ERROR_500 = "500"
    ERROR_503 = "503"
    THROTTLED = "throttled"
    """As the service in question says so: 400, 429 or 503."""
    TIMED_OUT = "timed out"
    """No answer at all, and the work is not done."""
    CONFLICT = "conflict"
    """Another request is at the same thing: a conditional write of S3, a busy pipeline."""
    DENIED = "denied"
    """A refusal that stays one."""
    ANSWER_LOST = "answer lost"
    """The work is done, then the connection ends with RST."""


class Faults:
    """The calls that are to fail, counted from the moment they are planned."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._planned: list[tuple[int, int, Fault, str | None]] = []
            self._counts: dict[str | None, int] = {}

    def plan(self, number: int, fault: Fault, *, times: int = 1, only: str | None = None) -> None:
        """Makes calls `number` … `number + times - 1` fail.

        Counted are all calls, or those named by `only`, such as `s3:PutObject`.
        """
        with self._lock:
            self._planned.append((number, number + times - 1, fault, only))
            self._counts.setdefault(only, 0)

    def next(self, call: Call) -> Fault | None:
        with self._lock:
            found = None
            for only in self._counts:
                if only in (None, call.name):
                    self._counts[only] += 1
            for first, last, fault, only in self._planned:
                if only in (None, call.name) and first <= self._counts[only] <= last:
                    found = found or fault
            return found

    def done(self, call: Call) -> None:
        """Told of each call whose work is done, before it is answered: it may be held here."""


def fault_response(fault: Fault, service: str) -> Response:
    """The answer of a service that cannot, or will not, do the work now."""
    if fault is Fault.ERROR_500:
        return error_response(service, 500, "InternalFailure", "The request processing failed.")
    if fault is Fault.ERROR_503:
        return error_response(service, 503, "ServiceUnavailable", "The service cannot be reached.")
    if fault is Fault.DENIED:
        code = "AccessDeniedException" if service in JSON_SERVICES else "AccessDenied"
        return error_response(service, 403, code, "Not authorized to perform the operation.")
    if fault is Fault.CONFLICT:
        code = "ConditionalRequestConflict" if service == "s3" else "ConflictException"
        return error_response(service, 409, code, "A conflicting operation is under way.")
    if service == "s3":
        return error_response(service, 503, "SlowDown", "Please reduce your request rate.")
    if service == "lambda":
        return error_response(service, 429, "TooManyRequestsException", "Rate Exceeded.")
    code = "Throttling" if service == "sts" else "ThrottlingException"
    return error_response(service, 400, code, "Rate exceeded")
