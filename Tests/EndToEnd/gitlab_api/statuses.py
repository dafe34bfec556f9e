"""Commit statuses, which are jobs of a pipeline and have a job's states.

https://docs.gitlab.com/api/commits/#set-commit-pipeline-status; what becomes of a state is in
app/models/commit_status.rb, what of a request in app/services/ci/create_commit_status_service.rb.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from provider_api import Violation, check

from .answers import Refused

STATES = {"pending", "running", "success", "failed", "canceled", "skipped"}
ACTIVE = {"pending", "running"}
EVENTS = {
    "pending": ("enqueue", set()),
    "running": ("run", {"pending"}),
    "success": ("success", ACTIVE),
    "failed": ("drop", ACTIVE),
    "canceled": ("cancel", ACTIVE),
    "skipped": ("skip", {"pending"}),
}
"""What a state is reached by, and from which of the two that a job can still leave."""
LONGEST = 255
"""Of `target_url`, `description` and `ref`."""
STATUS = {
    "id": int, "sha": str, "ref": str, "status": str, "name": str, "created_at": str,
    "allow_failure": bool, "author": dict, "pipeline_id": int,
}  # fmt: skip


@dataclass(frozen=True)
class Status:
    """A status as it is after a request."""

    number: int
    project: str
    sha: str
    ref: str
    name: str
    state: str
    description: str | None
    target_url: str | None
    at: datetime
    by: str


class Statuses:
    """All that was set, in its order: a status that changes is here once for each change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Status] = []

    def all(self) -> list[Status]:
        with self._lock:
            return list(self._set)

    def history(self, sha: str, name: str) -> list[Status]:
        """Those of one name of a commit, the oldest first."""
        return [each for each in self.all() if (each.sha, each.name) == (sha, name)]

    def of(self, sha: str) -> dict[str, Status]:
        """What a commit's page shows: the newest status of each name."""
        return {each.name: each for each in self.all() if each.sha == sha}

    def create(self, wanted: Status) -> Status:
        """Changes the status that is pending or running, or makes a new one."""
        with self._lock:
            current = next((each for each in reversed(self._set) if _is_same(each, wanted)), None)
            if current and current.state in ACTIVE:
                event, sources = EVENTS[wanted.state]
                if current.state not in sources:
                    raise Refused(
                        400,
                        f"Cannot transition status via :{event} from :{current.state} (Reason(s): "
                        f'Status cannot transition via "{event}")',
                    )
                # What a request does not say stays as it is.
                made = replace(
                    wanted,
                    number=current.number,
                    description=wanted.description or current.description,
                    target_url=wanted.target_url or current.target_url,
                )
            else:
                made = replace(wanted, number=len({each.number for each in self._set}) + 1)
            self._set.append(made)
        return made


def _is_same(one: Status, other: Status) -> bool:
    """Of one project, commit, reference, name and user (`external_commit_status_scope`)."""
    return (one.project, one.sha, one.ref, one.name, one.by) == (
        other.project,
        other.sha,
        other.ref,
        other.name,
        other.by,
    )


def read(project: str, sha: str, body: dict[str, Any], at: datetime, by: str) -> Status:
    """The status that a request asks for."""
    state, ref = body.get("state"), body.get("ref")
    if state not in STATES:
        raise Violation(f"state is {state!r}")
    if not isinstance(ref, str) or not ref:
        raise Violation("without a ref GitLab takes a branch of its choice")
    if ref.startswith("refs/"):
        raise Violation("a ref is the name of a branch or tag")
    names = [body[key] for key in ("name", "context") if key in body]
    if len(names) != 1 or not isinstance(names[0], str) or not names[0]:
        raise Violation("a status has one name")
    for key in ("description", "target_url", "ref"):
        value = body.get(key)
        if not isinstance(value, str | None):
            raise Violation(f"{key} is not text")
        # app/models/generic_commit_status.rb
        if len(value or "") > LONGEST:
            wrong = f"is too long (maximum is {LONGEST} characters)"
            raise Refused(400, {key: [wrong]})
    target = body.get("target_url")
    if target is not None and not target.startswith(("http://", "https://")):
        wrong = "is blocked: Only allowed schemes are http, https"
        raise Refused(400, {"target_url": [wrong]})
    return Status(0, project, sha, ref, names[0], state, body.get("description"), target, at, by)


def described(status: Status) -> dict[str, Any]:
    """A status as GitLab answers it: its state is called `status`."""
    at = status.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    value = {
        "id": status.number,
        "sha": status.sha,
        "ref": status.ref,
        "status": status.state,
        "name": status.name,
        "target_url": status.target_url,
        "description": status.description,
        "created_at": at,
        "started_at": None if status.state == "pending" else at,
        "finished_at": None if status.state in ACTIVE else at,
        "allow_failure": False,
        "coverage": None,
        "author": {"id": 28, "username": status.by, "name": status.by, "state": "active"},
        "pipeline_id": 100,
    }
    check(value, STATUS)
    return value
