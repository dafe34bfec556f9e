"""Ways in which a request to GitHub can fail."""

from __future__ import annotations

import math
import time
from enum import StrEnum

from local_aws.http_server import Response

from .answers import refusal_of


class Fault(StrEnum):
    """What happens to a request."""

    RESET = "reset"
    """The connection ends with RST before the work is done."""
    ANSWER_LOST = "answer lost"
    """The work is done, then the connection ends with RST."""
    TIMED_OUT = "timed out"
    """No answer at all, and the work is not done."""
    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_503 = "503"
    NOT_JSON = "not JSON"
    """A page of a proxy's, with status 200; the work is not done."""
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    """A refusal that stays one: no limit."""
    NOT_FOUND = "404"
    USED_UP = "used up"
    """The primary limit: 403, none left, for a second."""
    TOO_FAST = "too fast"
    """The secondary limit: 403 with a second to wait."""
    TOO_MANY = "429"
    """The secondary limit as 429, with a second to wait."""
    USED_UP_FOR_LONG = "used up for long"
    """The primary limit, for a quarter of an hour."""


STATUSES = {
    Fault.ERROR_500: (500, "Server Error"),
    Fault.ERROR_502: (502, "Server Error"),
    Fault.ERROR_503: (503, "Service unavailable"),
    Fault.UNAUTHORIZED: (401, "Bad credentials"),
    Fault.FORBIDDEN: (403, "Resource not accessible by personal access token"),
    Fault.NOT_FOUND: (404, "Not Found"),
}
EXCEEDED = "API rate limit exceeded for user ID 583231."
TOO_FAST = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


def fault_response(fault: Fault) -> Response:
    """The answer in place of the one that the request deserves."""
    if fault in STATUSES:
        return refusal_of(*STATUSES[fault])
    if fault is Fault.NOT_JSON:
        return Response(200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
    if fault in (Fault.USED_UP, Fault.USED_UP_FOR_LONG):
        seconds = 1 if fault is Fault.USED_UP else 900
        reset = str(math.ceil(time.time()) + seconds)
        return refusal_of(403, EXCEEDED, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    status = 429 if fault is Fault.TOO_MANY else 403
    return refusal_of(status, TOO_FAST, Retry_After="1")
