"""What CodePipeline and CodeBuild say on the event bus when a run changes its state.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
An event's time has whole seconds, and nothing in it names the commit that was pushed. The test
delivers the events itself: late, twice or out of order, as EventBridge may.
"""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .codebuild import Build
    from .codepipeline import Caller, Execution

# GetPipelineExecution's word for each state of an event.
STATUSES = {
    "STARTED": "InProgress",
    "RESUMED": "InProgress",
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
    "STOPPING": "Stopping",
    "STOPPED": "Stopped",
    "CANCELED": "Cancelled",
    "SUPERSEDED": "Superseded",
}


class StateChanges:
    """The events so far, in the order in which they happened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []

    def add(self, event: dict[str, Any]) -> None:
        with self._lock:
            self._events.append(event)

    def take(self) -> list[dict[str, Any]]:
        """Those that have not been taken yet."""
        with self._lock:
            taken, self._events = self._events, []
        return taken


def of_execution(execution: Execution, state: str, at: datetime) -> dict[str, Any]:
    caller, pipeline = execution.caller, execution.pipeline
    detail: dict[str, Any] = {
        "pipeline": pipeline,
        "execution-id": execution.execution_id,
        "start-time": _milliseconds(execution.started_at),
        "state": state,
        "version": 1.0,
        "pipeline-execution-attempt": float(execution.attempt),
    }
    if state == "STARTED":
        # Of the other states only some have it.
        detail["execution-trigger"] = {
            "trigger-type": execution.trigger,
            "trigger-detail": f"arn:aws:sts::{caller.account}:assumed-role/evaluate/pointsman",
        }
    arn = f"arn:aws:codepipeline:{caller.region}:{caller.account}:{pipeline}"
    kind = "CodePipeline Pipeline Execution State Change"
    return _event("aws.codepipeline", kind, caller, arn, detail, at)


def of_build(build: Build, status: str, phases: list[dict[str, Any]], at: datetime) -> dict:
    caller = build.caller
    source = {"type": "GITHUB", "location": "https://github.com/octo-org/mono-repo.git"}
    detail = {
        "build-status": status,
        "project-name": build.project,
        "build-id": build.arn,
        "current-phase": "SUBMITTED" if status == "IN_PROGRESS" else "COMPLETED",
        "current-phase-context": "[]",
        "version": "1",
        "additional-information": {
            "initiator": "evaluate/pointsman",
            "build-number": 1.0,
            "build-complete": status != "IN_PROGRESS",
            "build-start-time": at.strftime("%b %d, %Y %I:%M:%S %p"),
            "timeout-in-minutes": 60.0,
            "source": source,
            "source-version": build.source_version or "",
            "environment": {
                "type": "LINUX_CONTAINER",
                "environment-variables": [
                    {"name": name, "value": value, "type": "PLAINTEXT"}
                    for name, value in build.environment.items()
                ],
            },
            "logs": {"group-name": f"/aws/codebuild/{build.project}"},
            "phases": phases,
        },
    }
    return _event("aws.codebuild", "CodeBuild Build State Change", caller, build.arn, detail, at)


def _event(
    source: str, kind: str, caller: Caller, arn: str, detail: dict[str, Any], at: datetime
) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": caller.account,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": caller.region,
        "resources": [arn],
        "detail": detail,
    }


def _milliseconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
