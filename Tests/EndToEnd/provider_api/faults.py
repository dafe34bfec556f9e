"""Ways in which a request to a provider can fail."""

from __future__ import annotations

from enum import StrEnum


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
    TOO_MANY = "429"
    """A limit, with a second to wait; GitHub's secondary one."""
    TOO_FAST = "too fast"
    """GitHub's secondary limit as 403, with a second to wait."""
    USED_UP = "used up"
    """GitHub's primary limit: 403, none left, for a second."""
    USED_UP_FOR_LONG = "used up for long"
    """The same, or another provider's 429, for a quarter of an hour."""
