"""How many requests GitLab takes.

https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
"""

from __future__ import annotations

import time
from email.utils import formatdate

from local_aws.http_server import Response
from provider_api import Refused, Window


class Limits:
    """The limit on a user's requests: off, unless a test wants it."""

    def __init__(self) -> None:
        self.requests = Window(None, 60)
        """"Authenticated API traffic (for a given user): 2,000 requests per minute" on GitLab.com
        (https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom)."""

    def admit(self, user: str) -> None:
        if wait := self.requests.wait(user):
            raise Refused(too_many(wait, self.requests.most or 0))


def too_many(wait: int, most: int = 2000) -> Response:
    """ "Retry later" as text: whoever is over the limit does not reach the API."""
    reset = int(time.time()) + wait
    fields = {
        "Content-Type": "text/plain",
        "Retry-After": str(wait),
        "RateLimit-Limit": str(most),
        "RateLimit-Name": "throttle_authenticated_api",
        "RateLimit-Observed": str(most + 1),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(reset),
        "RateLimit-ResetTime": formatdate(reset, usegmt=True),
    }
    return Response(429, fields, b"Retry later\n")
