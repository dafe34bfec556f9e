"""CodePipeline's executions, which moto has not got in the form that is needed.

Pipelines themselves are moto's. What is added: an execution started twice with one
`clientRequestToken` is one execution, variables must be declared, source revisions must
name a source action, and a pipeline of type V1 takes neither. A pipeline that is created
runs at once, a name that is taken is refused in CodePipeline's own words, and times are
numbers. Of what a source action is configured with, `OAuthToken` is not given away. A test ends
executions; each change of state is an event.
"""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.codepipeline.models import codepipeline_backends
from moto.core.exceptions import JsonRESTError

from .errors import Refused
from .state_changes import STATUSES, StateChanges, of_execution

RUNNING = ("STARTED", "RESUMED")


@dataclass(frozen=True)
class Caller:
    """Who calls, and in which account and region."""

    account: str
    region: str
    access_key_id: str


@dataclass(frozen=True)
class FailedAction:
    """The action that an execution ended with."""

    stage: str
    action: str
    code: str
    message: str


@dataclass
class Execution:
    """One run of a pipeline."""

    pipeline: str
    execution_id: str
    variables: dict[str, str]
    revisions: dict[str, str]
    token: str | None
    caller: Caller
    trigger: str = "StartPipelineExecution"
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: str = "STARTED"
    attempt: int = 1
    failed_action: FailedAction | None = None
    stop_reason: str | None = None

    def is_of(self, caller: Caller) -> bool:
        mine = self.caller
        return (mine.account, mine.region) == (caller.account, caller.region)

    @property
    def revision(self) -> str | None:
        """The commit, where exactly one revision was given."""
        return next(iter(self.revisions.values())) if len(self.revisions) == 1 else None


class CodePipeline:
    """The operations on executions, one call at a time: the caller holds moto's lock."""

    def __init__(self, state_changes: StateChanges) -> None:
        self._state_changes = state_changes
        self.executions: list[Execution] = []
        """Those that were asked for."""
        self._of_token: dict[tuple[str, str, str], Execution] = {}
        self.first_runs: list[Execution] = []
        """Those that a pipeline's creation began."""

    def handle(
        self, operation: str, parameters: dict[str, Any], caller: Caller
    ) -> dict[str, Any] | None:
        """The answer, or `None` where the operation is moto's."""
        if operation == "StartPipelineExecution":
            execution = self._start(parameters, caller)
            return {"pipelineExecutionId": execution.execution_id}
        if operation == "StopPipelineExecution":
            return {"pipelineExecutionId": self._stop(parameters, caller)}
        if operation == "ListPipelineExecutions":
            self._pipeline(caller, parameters["pipelineName"])
            size = parameters.get("maxResults", 100)
            found = [
                execution
                for execution in reversed(self.first_runs + self.executions)
                if execution.is_of(caller) and execution.pipeline == parameters["pipelineName"]
            ]
            return {"pipelineExecutionSummaries": [self._summary(each) for each in found[:size]]}
        if operation == "GetPipelineExecution":
            return {"pipelineExecution": self._execution(parameters, caller)}
        if operation == "ListActionExecutions":
            return {"actionExecutionDetails": self._actions(parameters, caller)}
        if operation == "CreatePipeline":
            return self._create(parameters, caller)
        if operation == "GetPipeline":
            return self._get(parameters["name"], caller)
        if operation == "ListPipelines":
            return self._list(parameters, caller)
        return None

    def change(
        self,
        execution: Execution,
        state: str,
        failed: FailedAction | None = None,
        at: datetime | None = None,
    ) -> None:
        """Brings an execution into a state, such as `SUCCEEDED`; `RESUMED` is another attempt."""
        if state == "RESUMED":
            execution.attempt += 1
        execution.state, execution.failed_action = state, failed
        self._state_changes.add(of_execution(execution, state, at or datetime.now(UTC)))

    def _create(self, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        pipeline, tags = copy.deepcopy(parameters["pipeline"]), parameters.get("tags", [])
        name, backend = pipeline["name"], codepipeline_backends[caller.account][caller.region]
        if name in backend.pipelines:
            raise Refused("PipelineNameInUseException", f"a pipeline {name} exists already")
        try:
            backend.create_pipeline(pipeline, tags)
        except JsonRESTError as error:
            raise Refused(error.error_type, error.message) from None
        first = Execution(name, str(uuid.uuid4()), {}, {}, None, caller, "CreatePipeline")
        self.first_runs.append(first)
        self.change(first, "STARTED")
        return {"pipeline": _masked(pipeline), "tags": tags}

    def _get(self, name: str, caller: Caller) -> dict[str, Any]:
        declaration = self._pipeline(caller, name)
        pipeline = codepipeline_backends[caller.account][caller.region].pipelines[name]
        return {
            "pipeline": _masked(declaration),
            "metadata": {
                "pipelineArn": pipeline.metadata["pipelineArn"],
                "created": _seconds(pipeline.metadata["created"]),
                "updated": _seconds(pipeline.metadata["updated"]),
            },
        }

    def _list(self, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        backend = codepipeline_backends[caller.account][caller.region]
        after, size = parameters.get("nextToken", ""), parameters.get("maxResults", 1000)
        rest = [each for each in backend.list_pipelines() if each["name"] > after]
        page = [
            each | {"created": _seconds(each["created"]), "updated": _seconds(each["updated"])}
            for each in rest[:size]
        ]
        return {"pipelines": page} | ({"nextToken": page[-1]["name"]} if len(rest) > size else {})

    def _start(self, parameters: dict[str, Any], caller: Caller) -> Execution:
        name, token = parameters["name"], parameters.get("clientRequestToken")
        pipeline = self._pipeline(caller, name)
        variables = {item["name"]: item["value"] for item in parameters.get("variables", [])}
        revisions = {
            item["actionName"]: item["revisionValue"]
            for item in parameters.get("sourceRevisions", [])
        }
        self._check(pipeline, parameters, variables, revisions)
        key = (caller.account, caller.region, token or "")
        if token and (known := self._of_token.get(key)):
            if known.pipeline != name:
                raise Refused("ValidationException", "the token is another pipeline's")
            return known
        execution = Execution(name, str(uuid.uuid4()), variables, revisions, token, caller)
        self.executions.append(execution)
        self._of_token[key] = execution
        self.change(execution, "STARTED")
        return execution

    def _stop(self, parameters: dict[str, Any], caller: Caller) -> str:
        """What an action has begun is taken to be finished at once: the execution stops."""
        name, wanted = parameters["pipelineName"], parameters["pipelineExecutionId"]
        self._pipeline(caller, name)
        for execution in self.first_runs + self.executions:
            if execution.is_of(caller) and execution.execution_id == wanted:
                if execution.pipeline != name or execution.state not in RUNNING:
                    break
                execution.stop_reason = parameters.get("reason")
                self.change(execution, "STOPPING")
                self.change(execution, "STOPPED")
                return wanted
        raise Refused("PipelineExecutionNotStoppableException", f"{wanted} cannot be stopped")

    def _check(
        self,
        pipeline: dict[str, Any],
        parameters: dict[str, Any],
        variables: dict[str, str],
        revisions: dict[str, str],
    ) -> None:
        if pipeline.get("pipelineType", "V1") == "V1" and (variables or revisions):
            raise Refused(
                "ValidationException", "a pipeline of type V1 takes no variables or revisions"
            )
        undeclared = set(variables) - {each["name"] for each in pipeline.get("variables", [])}
        if undeclared or len(variables) != len(parameters.get("variables", [])):
            raise Refused("ValidationException", f"variables not declared: {sorted(undeclared)}")
        sources = {
            action["name"]
            for stage in pipeline["stages"]
            for action in stage["actions"]
            if action["actionTypeId"]["category"] == "Source"
        }
        if set(revisions) - sources or len(revisions) != len(parameters.get("sourceRevisions", [])):
            raise Refused("ValidationException", f"no such source actions: {sorted(revisions)}")

    def _pipeline(self, caller: Caller, name: str) -> dict[str, Any]:
        pipeline = codepipeline_backends[caller.account][caller.region].pipelines.get(name)
        if pipeline is None:
            raise Refused(
                "PipelineNotFoundException",
                f"Account '{caller.account}' does not have a pipeline with name '{name}'",
            )
        return pipeline.pipeline

    def _execution(self, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name, wanted = parameters["pipelineName"], parameters["pipelineExecutionId"]
        pipeline = self._pipeline(caller, name)
        for execution in self.first_runs + self.executions:
            if execution.is_of(caller) and execution.execution_id == wanted:
                return {
                    "pipelineName": name,
                    "pipelineVersion": pipeline["version"],
                    "pipelineExecutionId": wanted,
                    "status": STATUSES[execution.state],
                    "artifactRevisions": [
                        {"name": action, "revisionId": commit}
                        for action, commit in execution.revisions.items()
                    ],
                    "variables": [
                        {"name": key, "resolvedValue": value}
                        for key, value in execution.variables.items()
                    ],
                }
        raise Refused("PipelineExecutionNotFoundException", f"no execution {wanted}")

    def _actions(self, parameters: dict[str, Any], caller: Caller) -> list[dict[str, Any]]:
        """The actions of an execution that has failed: the source's, and the one that failed."""
        name = parameters["pipelineName"]
        pipeline = self._pipeline(caller, name)
        wanted = parameters.get("filter", {}).get("pipelineExecutionId")
        found = []
        for execution in self.first_runs + self.executions:
            is_wanted = wanted in (None, execution.execution_id) and execution.pipeline == name
            if not execution.is_of(caller) or not is_wanted:
                continue
            ended = [("Source", "Source", "Succeeded", {})]
            if failed := execution.failed_action:
                details = {"code": failed.code, "message": failed.message}
                result = {"executionResult": {"errorDetails": details}}
                ended.insert(0, (failed.stage, failed.action, "Failed", result))
            found += [
                {
                    "pipelineExecutionId": execution.execution_id,
                    "actionExecutionId": str(uuid.uuid4()),
                    "pipelineVersion": pipeline["version"],
                    "stageName": stage,
                    "actionName": action,
                    "startTime": execution.started_at.timestamp(),
                    "lastUpdateTime": execution.started_at.timestamp(),
                    "status": status,
                    "output": output,
                }
                for stage, action, status, output in ended
            ]
        return found[: parameters.get("maxResults", 100)]

    def _summary(self, execution: Execution) -> dict[str, Any]:
        return {
            "pipelineExecutionId": execution.execution_id,
            "status": STATUSES[execution.state],
            "startTime": execution.started_at.timestamp(),
            "sourceRevisions": [
                {"actionName": action, "revisionId": commit}
                for action, commit in execution.revisions.items()
            ],
            "lastUpdateTime": execution.started_at.timestamp(),
            "trigger": {"triggerType": execution.trigger},
        }


def _masked(pipeline: dict[str, Any]) -> dict[str, Any]:
    """A declaration as CodePipeline shows it: without what is secret in it."""
    pipeline = copy.deepcopy(pipeline)
    for stage in pipeline["stages"]:
        for action in stage["actions"]:
            if "OAuthToken" in action.get("configuration", {}):
                action["configuration"]["OAuthToken"] = "****"
    return pipeline


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
