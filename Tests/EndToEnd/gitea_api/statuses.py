"""Commit statuses.

Every one is a new row, and of those of one context the newest counts (`NewCommitStatus`,
models/git/commit_status.go). Nothing limits how long its texts are, or how many there are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provider_api import Violation, check

STATES = {"pending", "success", "error", "failure", "warning"}
"""modules/commitstatus/commit_status.go; Gitea looks at none of them, and what is longer than its
column fails inside."""
STATUS = {
    "id": int, "status": str, "target_url": str, "description": str, "url": str, "context": str,
    "created_at": str, "updated_at": str,
}  # fmt: skip


@dataclass(frozen=True)
class Status:
    """One status as it was set."""

    number: int
    repository: str
    sha: str
    context: str
    state: str
    description: str
    target_url: str
    at: datetime


class Statuses:
    """All statuses that were set, in their order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Status] = []

    def all(self) -> list[Status]:
        with self._lock:
            return list(self._set)

    def history(self, sha: str, context: str) -> list[Status]:
        """Those of one context of a commit, the oldest first. Contexts differ by case."""
        return [each for each in self.all() if (each.sha, each.context) == (sha, context)]

    def of(self, sha: str) -> dict[str, Status]:
        """What a commit's page shows: the newest status of each context."""
        return {each.context: each for each in self.all() if each.sha == sha}

    def create(self, repository: str, sha: str, body: dict[str, Any], at: datetime) -> Status:
        state = body.get("state")
        if state not in STATES:
            raise Violation(f"state is {state!r}")
        if not isinstance(body.get("context"), str) or not body["context"].strip():
            raise Violation("a status without a context replaces whatever else has none")
        texts = {}
        for name in ("context", "description", "target_url"):
            value = body.get(name, "")
            if not isinstance(value, str):
                raise Violation(f"{name} is not text")
            # "All text-values will be trimmed from whitespaces": CreateCommitStatus.
            texts[name] = value.strip()
        with self._lock:
            status = Status(
                len(self._set) + 1,
                repository,
                sha,
                texts["context"],
                state,
                texts["description"],
                texts["target_url"],
                at,
            )
            self._set.append(status)
        return status


def described(status: Status, url: str) -> dict[str, Any]:
    """A status as Gitea answers it: its state is called `status` (modules/structs/status.go)."""
    at = status.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    value = {
        "id": status.number,
        "status": status.state,
        "target_url": status.target_url,
        "description": status.description,
        "url": f"{url}/repos/{status.repository}/statuses/{status.sha}",
        "context": status.context,
        "creator": {"id": 7, "login": "pointsman", "full_name": "", "username": "pointsman"},
        "created_at": at,
        "updated_at": at,
    }
    check(value, STATUS)
    return value
