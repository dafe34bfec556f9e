"""Commit statuses.

https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provider_api import check

from .answers import DOCUMENTATION, USER, Refused, invalid

PAGE = f"{DOCUMENTATION}/commits/statuses#create-a-commit-status"
STATES = {"error", "failure", "pending", "success"}
LONGEST_DESCRIPTION = 140
"""Not in the documentation: what is longer has been seen refused with 422, not cut."""
MOST = 1000
""""There is a limit of 1000 statuses per sha and context within a repository."""
STATUS = {
    "url": str, "avatar_url": str, "id": int, "node_id": str, "state": str, "context": str,
    "created_at": str, "updated_at": str, "creator": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Status:
    """One status as it was set."""

    number: int
    repository: str
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    at: datetime
    by: str


class Statuses:
    """All statuses that were set, in their order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Status] = []

    def all(self) -> list[Status]:
        with self._lock:
            return list(self._set)

    def history(self, sha: str, context: str) -> list[Status]:
        """Those of one context of a commit, the oldest first."""
        return [
            each
            for each in self.all()
            if each.sha == sha and each.context.lower() == context.lower()
        ]

    def of(self, sha: str) -> dict[str, Status]:
        """What a commit's page shows: the newest status of each context."""
        return {each.context: each for each in self.all() if each.sha == sha}

    def create(
        self, repository: str, sha: str, body: dict[str, Any], at: datetime, by: str
    ) -> Status:
        state, context = body.get("state"), body.get("context", "default")
        if state not in STATES:
            raise invalid("Status", PAGE, state="state is not included in the list")
        for name in ("context", "description", "target_url"):
            if not isinstance(body.get(name), str | None):
                raise invalid("Status", PAGE, **{name: f"{name} is not text"})
        description, target = body.get("description"), body.get("target_url")
        if len(description or "") > LONGEST_DESCRIPTION:
            raise invalid(
                "Status",
                PAGE,
                description=f"description is too long (maximum is {LONGEST_DESCRIPTION} "
                "characters)",
            )
        if target and not target.startswith(("http://", "https://")):
            raise invalid("Status", PAGE, target_url="target_url must use http(s) scheme")
        with self._lock:
            same = [
                each
                for each in self._set
                if (each.repository, each.sha, each.context.lower())
                == (repository, sha, context.lower())
            ]
            if len(same) >= MOST:
                raise Refused(
                    422,
                    "This SHA and context has reached the maximum number of statuses.",
                    PAGE,
                )
            status = Status(
                len(self._set) + 1, repository, sha, context, state, description, target, at, by
            )
            self._set.append(status)
        return status


def described(status: Status, url: str) -> dict[str, Any]:
    """A status as GitHub answers it."""
    at = status.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    value = {
        "url": f"{url}/repos/{status.repository}/statuses/{status.sha}",
        "avatar_url": "https://avatars.githubusercontent.com/u/583231",
        "id": 30_000_000_000 + status.number,
        "node_id": f"SC_{status.number}",
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": at,
        "updated_at": at,
        "creator": USER,
    }
    check(value, STATUS)
    return value
