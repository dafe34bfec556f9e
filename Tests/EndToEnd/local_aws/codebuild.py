"""CodeBuild's builds, of which moto knows neither tokens nor environments.

Projects are moto's. A build started twice with one `idempotencyToken` is one build for five
minutes, with other parameters it is refused, and a project without a source takes no version
(API reference, StartBuild). A test ends builds; each change of state is an event.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.codebuild.models import codebuild_backends

from .codepipeline import Caller
from .errors import Refused
from .state_changes import StateChanges, of_build

MEMORY = 300.0  # seconds for which a token is known


@dataclass
class Build:
    """One build, and what it was asked for with."""

    project: str
    build_id: str
    parameters: dict[str, Any]
    caller: Caller
    started_at: float = field(default_factory=time.monotonic)
    status: str = "IN_PROGRESS"

    @property
    def arn(self) -> str:
        return f"arn:aws:codebuild:{self.caller.region}:{self.caller.account}:build/{self.build_id}"

    @property
    def source_version(self) -> str | None:
        return self.parameters.get("sourceVersion")

    @property
    def environment(self) -> dict[str, str]:
        overrides = self.parameters.get("environmentVariablesOverride", [])
        return {each["name"]: each["value"] for each in overrides}


class CodeBuild:
    """The operations on builds, one call at a time: the caller holds moto's lock."""

    def __init__(self, state_changes: StateChanges) -> None:
        self._state_changes = state_changes
        self.builds: list[Build] = []
        self._by_token: dict[tuple[str, str, str], Build] = {}

    def handle(
        self, operation: str, parameters: dict[str, Any], caller: Caller
    ) -> dict[str, Any] | None:
        """The answer, or `None` where the operation is moto's."""
        if operation == "StopBuild":
            build = self._stop(parameters, caller)
        elif operation == "StartBuild":
            build = self._start(parameters, caller)
        else:
            return None
        return {
            "build": {
                "id": build.build_id,
                "arn": build.arn,
                "projectName": build.project,
                "buildStatus": build.status,
                "currentPhase": "QUEUED" if build.status == "IN_PROGRESS" else "COMPLETED",
            }
        }

    def _stop(self, parameters: dict[str, Any], caller: Caller) -> Build:
        """A build that has ended stays as it is."""
        for build in self.builds:
            theirs = (build.caller.account, build.caller.region)
            if build.build_id == parameters["id"] and theirs == (caller.account, caller.region):
                if build.status == "IN_PROGRESS":
                    self.finish(build, "STOPPED")
                return build
        raise Refused("ResourceNotFoundException", f"no build {parameters['id']}")

    def finish(
        self, build: Build, status: str, failed_phase: str = "", at: datetime | None = None
    ) -> None:
        """Ends a build; `failed_phase` is such as `BUILD`."""
        build.status = status
        phases = [{"phase-type": "SUBMITTED", "phase-status": "SUCCEEDED"}]
        if failed_phase:
            said = "COMMAND_EXECUTION_ERROR: Error while executing command: make test. Reason: 2"
            phases.append(
                {"phase-type": failed_phase, "phase-status": "FAILED", "phase-context": [said]}
            )
        phases.append({"phase-type": "COMPLETED"})
        self._state_changes.add(of_build(build, status, phases, at or datetime.now(UTC)))

    def _start(self, parameters: dict[str, Any], caller: Caller) -> Build:
        name = parameters["projectName"]
        project = codebuild_backends[caller.account][caller.region].codebuild_projects.get(name)
        if project is None:
            arn = f"arn:aws:codebuild:{caller.region}:{caller.account}:project/{name}"
            raise Refused("ResourceNotFoundException", f"Project cannot be found: {arn}")
        has_source = project.project_metadata["source"]["type"] != "NO_SOURCE"
        if not has_source and "sourceVersion" in parameters:
            raise Refused(
                "InvalidInputException", "Source version cannot be specified for NO_SOURCE projects"
            )
        build = self._of_token(parameters, caller)
        if build is None:
            build = Build(name, f"{name}:{uuid.uuid4()}", parameters, caller)
            self.builds.append(build)
            if "idempotencyToken" in parameters:
                self._by_token[_key(parameters, caller)] = build
            self._state_changes.add(of_build(build, "IN_PROGRESS", [], datetime.now(UTC)))
        return build

    def _of_token(self, parameters: dict[str, Any], caller: Caller) -> Build | None:
        """The build that was started with the same token."""
        build = self._by_token.get(_key(parameters, caller))
        if build is None or time.monotonic() >= build.started_at + MEMORY:
            return None
        if build.parameters != parameters:
            raise Refused("InvalidInputException", "Idempotency token parameter mismatch")
        return build


def _key(parameters: dict[str, Any], caller: Caller) -> tuple[str, str, str]:
    return caller.account, caller.region, parameters.get("idempotencyToken", "")
