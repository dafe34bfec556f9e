"""How GitHub says that a request has failed."""

from __future__ import annotations

import math
import time

from local_aws.http_server import Response
from provider_api import Fault, not_json

from .answers import refusal_of

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
        return not_json()
    if fault in (Fault.USED_UP, Fault.USED_UP_FOR_LONG):
        seconds = 1 if fault is Fault.USED_UP else 900
        reset = str(math.ceil(time.time()) + seconds)
        return refusal_of(403, EXCEEDED, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    status = 429 if fault is Fault.TOO_MANY else 403
    return refusal_of(status, TOO_FAST, Retry_After="1")
